"""Everything that was measured, as one page of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.common_numbers import Worth
from bench.launch import Launch
from bench.models import DAY, Model
from bench.race import CONTESTANTS, Lap, Times
from bench.scaling import Size, growth

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """One model, run by all who can.

    Attributes
    ----------
    laps, memory
        By key of the contestant; memory is None where it could not be measured.
    missing
        Why a contestant did not run, by key.
    theory
        Mean wait by formula, minutes, where there is one.
    """

    model: Model
    laps: dict[str, Lap]
    memory: dict[str, float | None]
    missing: dict[str, str]
    waits: tuple[float, ...]
    theory: float | None

    def seconds(self, key: str) -> float | None:
        """Median seconds of a contestant; None if it did not run."""
        return self.laps[key].times.median if key in self.laps else None


@dataclass(frozen=True, slots=True)
class Everything:
    """All that a run measured, and on what."""

    machine: str
    software: str
    date: str
    load: tuple[float, float]
    queue: Heat
    tandem: Heat
    launch: Launch
    sizes: list[Size]
    worth: list[Worth]


def page(found: Everything) -> str:
    """Write all tables."""
    parts = [
        f"Measured {found.date} on {found.machine}. {found.software}.",
        f"Seconds are processor time on one core. {_busy(found)}",
        "### Targets",
        _targets(found),
        f"### M/M/5 at 90 % load, {found.queue.model.customers:,} customers",
        _heat(found.queue),
        f"### Three-stage tandem, hourly arrivals and shifts, {found.tandem.model.shift_start[-1] / DAY:.0f} days, "
        f"{found.tandem.model.customers:,} applicants",
        _heat(found.tandem),
        f"### Launch scenario, one replication: {found.launch.entities:,} entities, {found.launch.rows:,} rows, "
        f"{found.launch.steps:,} steps taken",
        _launch(found.launch),
        "### Steps a second by size, compiled engine alone",
        _sizes(found.sizes),
        f"### Common random numbers: one desk more, tandem with 10 % rework, {found.worth[0].replications} × "
        f"{found.worth[0].days} days",
        _worth(found.worth),
    ]
    return "\n\n".join(parts) + "\n"


def _busy(found: Everything) -> str:
    """Tell how idle the machine was."""
    laps = [*found.queue.laps.values(), *found.tandem.laps.values(), found.launch.compiled, found.launch.reference]
    waited = sum(sum(lap.times.wall) for lap in laps) / sum(sum(lap.times.seconds) for lap in laps)
    return (
        f"The clock ran {waited:.2f} times as long (1 on an idle machine); the load average was {found.load[0]:.2f} "
        f"before and {found.load[1]:.2f} after the run, which itself makes 1."
    )


def table(head: Cells, rows: Sequence[Cells]) -> str:
    """Write a Markdown table: the first column to the left, figures to the right."""
    rule = ("---", *["---:"] * (len(head) - 1))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _heat(heat: Heat) -> str:
    ours = heat.laps["compiled"].times.median
    rows: list[Cells] = []
    for contestant in CONTESTANTS:
        if contestant.key in heat.laps:
            times, memory = heat.laps[contestant.key].times, heat.memory[contestant.key]
            rows.append(
                (
                    contestant.label,
                    _seconds(times.median),
                    f"{_seconds(times.fastest)}–{_seconds(times.slowest)}",
                    _thousands(heat.model.customers / times.median),
                    _times(times.median / ours),
                    "–" if memory is None else f"{memory:,.0f}",
                )
            )
        elif contestant.key in heat.missing:
            rows.append((contestant.label, heat.missing[contestant.key], *[""] * 4))
    waits = ", ".join(f"{wait:.6f}" for wait in heat.waits)
    theory = "" if heat.theory is None else f" In theory {heat.theory:.3f} in the long run (Erlang C)."
    head = ("", "seconds", "fastest–slowest", "customers/s", "× compiled", "MB")
    return f"{table(head, rows)}\n\nMean wait of everybody who ran, equal to the last bit: {waits} minutes.{theory}"


def _launch(launch: Launch) -> str:
    ours = launch.compiled.times.median
    rows = [
        _lap("compiled engine", launch.compiled.times, launch.steps, ours),
        _lap("reference engine (SimPy)", launch.reference.times, launch.steps, ours),
        _lap("check of the table", launch.check.times, launch.steps, ours),
    ]
    head = ("", "seconds", "fastest–slowest", "steps/s", "× compiled")
    return f"{table(head, rows)}\n\nThe logs of both engines are equal bit for bit."


def _lap(label: str, times: Times, steps: int, ours: float) -> Cells:
    spread = f"{_seconds(times.fastest)}–{_seconds(times.slowest)}"
    return label, _seconds(times.median), spread, _thousands(steps / times.median), _times(times.median / ours)


def _sizes(sizes: list[Size]) -> str:
    rows: list[Cells] = []
    for before, size in zip([None, *sizes], sizes, strict=False):
        cells: list[str] = [f"{size.steps:,}"]
        for times, grown in (
            (size.days, None if before is None else growth(before, size, lambda s: s.days.median)),
            (size.rush, None if before is None else growth(before, size, lambda s: s.rush.median)),
        ):
            cells += [
                f"{size.steps / times.median / 1e6:.1f} M",
                f"{times.median / size.steps * 1e9:.0f}",
                "" if grown is None else f"{grown:.2f}",
            ]
        rows.append(tuple(cells))
    head = (
        "steps",
        "tandem: steps/s",
        "ns a step",
        "growth / n log n",
        "rush: steps/s",
        "ns a step",
        "growth / n log n",
    )
    note = (
        "*Tandem* goes on for more days, some dozens inside at a time. *Rush* is the worst case: everybody is inside "
        "at once, so the agenda holds all of them. Growth is that of the time from the size above, divided by that of "
        "n log n; at most 1 is wanted."
    )
    return f"{table(head, rows)}\n\n{note}"


def _worth(found: list[Worth]) -> str:
    rows = [
        (
            f"{worth.stage} + 1",
            f"{worth.difference:.2f}",
            f"{worth.independent:.3g}",
            f"{worth.common:.3g}",
            f"{worth.ratio:.0f}",
            f"{worth.low:.0f}–{worth.high:.0f}",
        )
        for worth in found
    ]
    head = ("desk", "minutes of waiting saved", "variance, own streams", "variance, common", "ratio", "95 % interval")
    return table(head, rows)


def _targets(found: Everything) -> str:
    launch, tandem = found.launch, found.tandem
    ours, alone = tandem.laps["compiled"].times.median, tandem.laps["engine"].times.median
    loop, loop_log = tandem.seconds("loop"), tandem.seconds("loop_log")
    steps = 10 * tandem.model.customers
    rows = [
        _ratio(
            "launch scenario: reference ÷ compiled", launch.reference.times.median, launch.compiled.times.median, 40
        ),
        _ratio("tandem: SimPy, source ÷ compiled", tandem.seconds("simpy"), ours, 40),
        _ratio("tandem: SimPy, all started ÷ compiled", tandem.seconds("simpy_all"), ours, 40),
        _ratio("tandem: Ciw ÷ compiled", tandem.seconds("ciw"), ours, 80),
        _ratio("tandem: cimba ÷ compiled", tandem.seconds("cimba"), ours, 3),
        _ratio("tandem: engine alone ÷ hand-written loop, sums only", alone, loop, 3, most=True),
        _ratio("tandem: engine alone ÷ hand-written loop, same log", alone, loop_log, 3, most=True),
        _speed("steps/s, engine alone, tandem", steps / alone),
        _speed("steps/s, engine alone, launch scenario", launch.steps / launch.compiled.times.median),
        _ratio(
            "tandem: reference ÷ SimPy, source", tandem.seconds("reference"), tandem.seconds("simpy"), 1.3, most=True
        ),
        _ratio(
            "tandem: reference ÷ SimPy, all started",
            tandem.seconds("reference"),
            tandem.seconds("simpy_all"),
            1.3,
            most=True,
        ),
        *_growths(found.sizes),
        *(
            (f"common random numbers, {w.stage} + 1: variance ratio", "≥ 30", f"{w.ratio:.0f}", _met(w.ratio >= 30))
            for w in found.worth
        ),
    ]
    return table(("", "wanted", "measured", "met"), rows)


def _ratio(label: str, slower: float | None, faster: float | None, bound: float, *, most: bool = False) -> Cells:
    wanted = f"{'≤' if most else '≥'} {bound:g}"
    if slower is None or faster is None:
        return label, wanted, "not installed", "–"
    ratio = slower / faster
    return (
        label,
        wanted,
        f"{ratio:.1f}" if bound >= 10 else f"{ratio:.2f}",
        _met(ratio <= bound if most else ratio >= bound),
    )


def _speed(label: str, steps: float) -> Cells:
    return label, "≥ 8 M", f"{steps / 1e6:.1f} M", _met(steps >= 8e6)


def _growths(sizes: list[Size]) -> list[Cells]:
    if len(sizes) < 2:
        return []
    first, last = sizes[0], sizes[-1]
    grown = {
        "tandem": growth(first, last, lambda size: size.days.median),
        "rush": growth(first, last, lambda size: size.rush.median),
    }
    return [
        (f"growth from {first.steps:,} to {last.steps:,} steps ÷ n log n, {name}", "≤ 1", f"{g:.2f}", _met(g <= 1))
        for name, g in grown.items()
    ]


def _met(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.4f}"


def _thousands(rate: float) -> str:
    return f"{rate / 1e6:.2f} M" if rate >= 1e6 else f"{rate / 1e3:,.1f} k"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2f}"
