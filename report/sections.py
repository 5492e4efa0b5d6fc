"""The tables of the page on the run itself: checks of the laws of queueing, and assumptions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from report.words import Both, both, name_of, plain, quantity
from results.store import Run


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
    weighty: list[AssumptionRow]
    """Those that move the answer most (`WEIGHTY`)."""
    sentence: Both
    service: Both
    """Whether the minutes of work (keys `work.…` in minutes) are assumed."""


WEIGHTY = (
    "one_stop.uptake",
    "work.move_in_paper",
    "work.move_in_prepared",
    "work.prepare_visit",
    "work.check_online",
    "staff.main.windows.peak",
    "staff.main.clerks.peak",
    "office.main_share",
    "volumes.move_in",
    "volumes.certificates_per_filing",
    "behaviour.hasty",
    "travel.form_online",
)
"""Keys of what moves the answer most, in the order of the list of limits in `docs/model.md`."""


def assumptions(run: Run, arms: list[str], names: list[Both]) -> Assumptions:
    """Return the numbers of the scenarios, once where the arms agree and once an arm where they differ."""
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
        [row for key in WEIGHTY for row in rows if row.key == key],
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
