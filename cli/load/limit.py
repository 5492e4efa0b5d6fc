"""`hikkoshi load --find-limit`: the highest rate that keeps the rules, how sure it is, head-room, what limits it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
from rich.console import Console

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Here
from cli.load.asked import Asked, asked_of
from cli.load.folder import folder_for, write
from cli.load.options import LoadOptions, Sizes, sizes_of
from cli.load.running import Numbers, run
from cli.progress import stages
from cli.serve import fresh
from loadtests.capacity import Search, Sustained, Tried, ceiling_of, faulty, limiting, rates_in, tried
from loadtests.crowd import LARGEST_SCALE
from loadtests.searching import MOST_RUNS, Found, Played, Turn

_DURATION = "30s"
FILE = "limit.json"
JSON_VERSION = 2


def find_limit(word: str, options: LoadOptions, here: Here) -> Exit:
    """Search, and say what was found.

    Returns
    -------
    Exit
        MISSED when less is carried than the scenario's rule on head-room asks for, FAULTY when data were wrong,
        CANNOT_SAY when the generator is the limit, nothing was carried at all, or the scenario asks for more than half
        of what the fakes themselves carry.
    """
    sized = replace(options, duration=options.duration or (None if options.speed else _DURATION))
    sizes = sizes_of(sized)
    first = asked_of(word, sized, sizes)
    folder = fresh(options.out / "load_limit")
    sized = replace(sized, out=folder)
    found = Found(first.required, Search(first.scale, LARGEST_SCALE))
    with stages(here, quiet=options.quiet or options.json) as report:
        while (turn := found.turn()) is not None:
            report(here.text("cli.load.stage.limit", scale=f"{turn.scale:g}"), len(found.search.tries), MOST_RUNS)
            played = _play(word, sized, sizes, turn, here)
            found.note(played)
            if not options.json:
                here.answer(_line(played.tried, here))
    rate = found.sustained(options.seed)
    text = _as_json(found, rate)
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")
    if options.json:
        here.answer(text.rstrip("\n"))
    else:
        _say(found, rate, folder / FILE, here)
    return _exit(found, first)


def _play(word: str, options: LoadOptions, sizes: Sizes, turn: Turn, here: Here) -> Played:
    """Play one scale, and return what it says; a repetition has arrivals of its own."""
    own = replace(options, scale=f"{turn.scale:g}", seed=options.seed + turn.repetition)
    asked = asked_of(word, own, replace(sizes, scale=turn.scale))
    start = dt.datetime.now().astimezone()
    with folder_for(asked, options.out, ["hikkoshi", *here.words], start) as folder:
        ran = run(asked, Numbers(options.workers, sizes.drain_s, None, tls=options.tls), folder.path, lambda *_: None)
        if ran.broken_off:
            raise CommandError("E-load-limit-stopped", Exit.INTERRUPTED)
        write(folder, asked, ran, here.lang)
    judgement, peak = ran.judgement, ran.judgement.phases["peak"]
    percent = max((report.cpu_percent for report in judgement.reports), default=0)
    return Played(
        tried(turn.scale, judgement.carried_per_s, judgement.verdict),
        rates_in(judgement.series, peak),
        limiting(ran.samples, float(percent), peak),
        ceiling_of(ran.samples, judgement.carried_per_s, peak),
        faulty(judgement.verdict),
    )


def _line(one: Tried, here: Here) -> str:
    key = "cli.load.limit.kept" if one.kept else "cli.load.limit.too_much"
    reasons = ", ".join(one.reasons)
    return here.text(key, scale=f"{one.scale:g}", rate=f"{one.carried_per_s:.2f}", reasons=reasons)


def _say(found: Found, rate: Sustained | None, file: Path, here: Here) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    for line in (*_lines(found, rate, here), here.text("cli.load.where", path=file)):
        console.print(line, soft_wrap=True)


def _lines(found: Found, rate: Sustained | None, here: Here) -> Sequence[str]:
    if found.faulty:
        return [here.text("cli.load.limit.faulty")]
    ceiling = _ceiling(found, here)
    if found.refused:
        return [*ceiling, here.text("cli.load.limit.refused", required=f"{found.required.per_second:.3f}")]
    if rate is None:
        return [*ceiling, here.text("cli.load.limit.nothing")]
    figures = {"rate": f"{rate.mean:.2f}", "low": f"{rate.low:.2f}", "high": f"{rate.high:.2f}"}
    lines = [*ceiling, here.text("cli.load.limit.rate", **figures, windows=rate.windows)]
    times = "-" if found.headroom is None else f"{found.headroom:.1f}"
    lines.append(here.text("cli.load.limit.headroom", required=f"{found.required.per_second:.3f}", times=times))
    if found.limits:
        limit = found.limits[-1]
        key = "cli.load.limit.busy" if limit.busy else "cli.load.limit.waits"
        lines.append(here.text(key, component=limit.component, percent=f"{limit.percent:.0f}"))
    else:
        lines.append(here.text("cli.load.limit.none"))
    return lines


def _ceiling(found: Found, here: Here) -> Sequence[str]:
    """Say what the fakes themselves carry, where it is known."""
    if (ceiling := found.ceiling) is None:
        return []
    return [here.text("cli.load.limit.ceiling", rate=f"{ceiling.per_second:.1f}", component=ceiling.component)]


def _as_json(found: Found, rate: Sustained | None) -> str:
    told = {
        "format": "hikkoshi.load.limit",
        "version": JSON_VERSION,
        "required_per_second": found.required.per_second,
        "ceiling": found.ceiling,
        "sustained": rate,
        "headroom": found.headroom,
        "limit": found.limits[-1] if found.limits else None,
        "faulty": found.faulty,
        "tries": found.search.tries,
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def _exit(found: Found, asked: Asked) -> Exit:
    if found.faulty:
        return Exit.FAULTY
    too_much = found.search.too_much
    if found.refused or found.search.best is None or (too_much is not None and too_much.by_generator):
        return Exit.CANNOT_SAY
    rule = asked.scenario.launch.rules().get("headroom")
    headroom = found.headroom
    return Exit.FINE if rule is None or (headroom is not None and headroom >= float(rule.limit)) else Exit.MISSED
