"""The tables of the page: who gains and who loses, law checks, assumptions, and how to do it again."""

from __future__ import annotations

import shlex
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from report.findings import ChangeInWords, Verdict, change, in_words
from report.headline import still_inside_figures
from report.words import Both, both, name_of, plain, quantity
from results.manifest import Manifest
from results.store import Run

KINDS = ("move_in", "move_out", "move_within", "from_abroad", "certificate", "card_only")
USERS = ("adopters", "others")
GAINS = (("wait_mean", "report.gains.wait"), ("citizen_hours_per_move", "report.gains.time"))
"""What is compared group by group, and the title of its table."""


@dataclass(frozen=True, slots=True)
class GainRow:
    """One group of people: its change, and how many of it were still inside in each arm."""

    name: Both
    words: ChangeInWords
    inside: list[str]


@dataclass(frozen=True, slots=True)
class Gains:
    """One table of who gains and who loses, with its sentence."""

    ident: str
    title: Both
    sentence: Both
    rows: list[GainRow]


def gains(run: Run, arms: list[str]) -> list[Gains]:
    """Compare each kind of customer and group of users; groups without a comparison are left out."""
    if "comparison" not in run.tables:
        return []
    comparison, summary = run.table("comparison"), run.table("summary")
    found = []
    for measure, title in GAINS:
        rows = []
        for kind in KINDS:
            for users in USERS:
                row = change(comparison, measure, kind=kind, users=users)
                if row is not None and row.n > 0:
                    name = both("report.gains.row", kind=name_of("kind", kind), users=name_of("users", users))
                    inside = still_inside_figures(summary, arms, kind=kind, users=users)
                    rows.append(GainRow(name, in_words(row), inside))
        if rows:
            found.append(
                Gains(f"gains-{measure}", both(title), gains_sentence([row.words.verdict for row in rows]), rows)
            )
    return found


def gains_sentence(verdicts: list[Verdict]) -> Both:
    """Count the groups whose figure falls, rises, stays, and those of which nothing can be said."""
    counts = {verdict.value: verdicts.count(verdict) for verdict in Verdict}
    return both("report.gains.sentence", total=len(verdicts), **counts)


@dataclass(frozen=True, slots=True)
class LawRow:
    """One law: where it was checked, how often, and how often it broke."""

    name: Both
    checked: int
    broken: int

    @property
    def verdict(self) -> str:
        """Met, not met, or (where nothing was checked) cannot be told."""
        return "cannot_say" if self.checked == 0 else "met" if self.broken == 0 else "not_met"


def laws(run: Run) -> list[LawRow]:
    """Count the checks of each law, over arms, replications and places."""
    if "laws" not in run.tables:
        return []
    groups = run.table("laws").groupby("law", sort=True)["holds"]
    return [LawRow(name_of("law", str(law)), len(holds), int((~holds.astype(bool)).sum())) for law, holds in groups]


def laws_sentence(rows: list[LawRow]) -> Both:
    """Say how many checks there were and how many failed."""
    checked, broken = sum(row.checked for row in rows), sum(row.broken for row in rows)
    key = "none" if checked == 0 else "broken" if broken else "hold"
    return both(f"report.laws.{key}", checked=f"{checked:,}", broken=f"{broken:,}")


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """One number of the scenario with its evidence; `arm` only where the arms differ."""

    name: Both
    key: str
    arm: Both | None
    value: str
    span: str
    unit: Both
    source: Both
    assumed: bool


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All numbers of the scenario, and what has to be said about them first."""

    rows: list[AssumptionRow]
    sentence: Both
    service: Both
    """Whether the minutes of work (keys `work.…` in minutes) are assumed."""


def assumptions(run: Run, arms: list[str], names: list[Both]) -> Assumptions | None:
    """Return the numbers of the scenarios, once where the arms agree and once an arm where they differ."""
    if "assumptions" not in run.tables:
        return None
    frame = run.table("assumptions")
    evidence = [column for column in frame.columns if column != "arm"]
    frame = frame[frame["arm"].isin(arms)].fillna({"unit": "", "source": ""})
    frame = frame.assign(place=frame["arm"].map(arms.index)).sort_values(["key", "place"], kind="stable")
    told = frame.groupby(evidence, dropna=False)["arm"].transform("size")
    rows = []
    for row, same in zip(frame.to_dict("records"), told == len(arms), strict=True):
        if not same:
            rows.append(_assumption(row, names[int(row["place"])]))
        elif row["place"] == 0:
            rows.append(_assumption(row, None))
    work = frame[frame["key"].str.startswith("work.") & (frame["unit"] == "min")].drop_duplicates("key")
    counted = frame.drop_duplicates("key")
    unfounded = work["assumed"] | (work["source"] == "")
    service = "unknown" if work.empty else "assumed" if unfounded.any() else "sourced"
    return Assumptions(
        rows,
        both("report.assumptions.sentence", total=len(counted), assumed=int(counted["assumed"].sum())),
        both(f"report.assumptions.service.{service}", total=len(work), assumed=int(unfounded.sum())),
    )


def _assumption(row: Mapping[Hashable, Any], arm: Both | None) -> AssumptionRow:
    source = str(row["source"])
    if bool(row["assumed"]):  # the mark beside it says "assumed"; what is left is the reason
        source = source.removeprefix("assumption").lstrip(": ")
    low, high = quantity(row["low"]), quantity(row["high"])
    return AssumptionRow(
        name=Both(str(row["label_ja"]), str(row["label_en"])),
        key=str(row["key"]),
        arm=arm,
        value=quantity(row["value"]),
        span=f"{low} – {high}" if low or high else "",
        unit=name_of("unit", str(row["unit"])) if row["unit"] else plain(""),
        source=plain(source) if source or bool(row["assumed"]) else both("report.assumptions.no_source"),
        assumed=bool(row["assumed"]),
    )


def reproduce(manifest: Manifest) -> list[tuple[Both, str]]:
    """Return what is needed to get the same tables again, as names and values."""
    machine = manifest.machine
    version = machine.version + (f" ({machine.commit}{'+' if machine.dirty else ''})" if machine.commit else "")
    return [
        (both("report.again.command"), shlex.join(manifest.command)),
        *((both("report.again.scenario", arm=Both(a.title.ja, a.title.en)), a.sha256) for a in manifest.arms),
        (both("report.again.seed"), str(manifest.randomness.seed)),
        (both("report.again.spawning"), manifest.randomness.spawning),
        (both("report.again.replications"), _replications(manifest)),
        (both("report.again.version"), version),
        (both("report.again.versions"), ", ".join(f"{name} {v}" for name, v in machine.versions.items())),
        (both("report.again.lock"), machine.lock_sha256 or "—"),
        (both("report.again.machine"), f"{machine.system}, {machine.processor} × {machine.cores}"),
        (both("report.again.run"), manifest.run_id),
    ]


def _replications(manifest: Manifest) -> str:
    done = manifest.replications.done
    return f"{done}" if manifest.replications.asked is None else f"{done} / {manifest.replications.asked}"


def failures(manifest: Manifest) -> Both | None:
    """Say how many replications failed, and why the first did; None where all were done."""
    failed = manifest.replications.failed
    if not failed:
        return None
    return both("report.failed", count=len(failed), replication=failed[0].replication, reason=failed[0].reason)
