"""What the tables of the study come to: the cases that differ, the highest peaks, and a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd

from sim.national.outage import ALL, MORNING
from sim.national.rates import LENGTHS, PERIODS, SYSTEM_STEPS
from sim.national.replication import Arm
from sim.national.sizes import nearest_in_size
from sim.national.study import NationalResult
from texts import Lang, say

BACK_OFFICE = ("check", "prepare")
"""Work that an online filing brings to back offices."""


def of_arm(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return the rows of one arm."""
    return table[table["arm"] == arm]


def highest_peaks(result: NationalResult) -> pd.DataFrame:
    """Return the highest peaks of all replications, one row for each system, arm and span, in that order."""
    ordered = result.peaks.sort_values("filings", ascending=False, kind="stable")
    highest = ordered.drop_duplicates(["system", "arm", "span"]).set_index(["system", "arm", "span"])
    arms = [arm for arm in get_args(Arm) if (result.peaks["arm"] == arm).any()]
    return highest.reindex(
        pd.MultiIndex.from_product([list(SYSTEM_STEPS), arms, list(LENGTHS)], names=highest.index.names)
    ).reset_index()


def cases(result: NationalResult) -> list[tuple[str, str]]:
    """Systems and arms of which there is something to say: with the incident only where its peaks are others."""
    peaks, found = highest_peaks(result), []
    for system in SYSTEM_STEPS:
        own = peaks[peaks["system"] == system]
        without, within = (of_arm(own, arm)[["span", "filings", "date", "minute"]] for arm in ("without", "with"))
        found.append((system, "without"))
        if len(within) and not within.reset_index(drop=True).equals(without.reset_index(drop=True)):
            found.append((system, "with"))
    return found


def case_name(system: str, arm: str, lang: Lang) -> str:
    """Return what a system in an arm is called."""
    name = say(f"national.system.{system}", lang)
    return name if arm == "without" else say("national.case", lang, system=name, arm=say(f"national.arm.{arm}", lang))


def required(result: NationalResult, system: str, arm: str) -> list[dict[str, int]]:
    """Return p50, p95 and max of a system for each of `PERIODS`."""
    table = of_arm(result.required_rates, arm)
    table = table[table["system"] == system].set_index("period")
    rows = [table.loc[[period]].iloc[0] for period in PERIODS]
    return [{name: int(row[name]) for name in ("p50", "p95", "max")} for row in rows]


def example_office(result: NationalResult, offices: pd.DataFrame) -> int:
    """Return the row of the municipality whose size the scenario asks about."""
    return nearest_in_size(offices["people"].to_numpy(dtype=np.int64), int(result.scenario.country.example))


def moment(date: str, minute: int, span: str) -> str:
    """Write when a span begins: a day by its date, others with the time of day."""
    return date if span == "day" else f"{date} {minute // 60:02d}:{minute % 60:02d}"


def sentences(result: NationalResult, lang: Lang) -> list[str]:
    """Return what a reader takes away: which offices overflow and why, and what the incident does."""
    return [*_of_offices(result, lang), *_of_outage(result, lang)]


def _of_offices(result: NationalResult, lang: Lang) -> Iterator[str]:
    sizes, offices = of_arm(result.sizes, "without"), of_arm(result.offices, "without")
    totals = sizes.groupby("replication")[["towns", "waiting", "overflowing"]].sum().mean()
    yield say("national.finding.offices", lang, **{str(name): f"{value:,.0f}" for name, value in totals.items()})
    worst = offices.loc[offices["worst_day"] != "", "worst_day"]
    if len(worst):
        day = str(worst.mode().iloc[0])
        yield say("national.finding.worst_day", lang, date=day, share=f"{(worst == day).mean():.0%}")
    largest = sizes[sizes["people_from"] == sizes["people_from"].max()]
    yield say(
        "national.finding.load",
        lang,
        people=f"{int(largest['people_from'].iloc[0]):,}",
        load=f"{largest['load_max'].mean():.0%}",
    )


def change(result: NationalResult, measure: str, hour: str = ALL) -> tuple[float, float]:
    """Return a measure of the comparison without and with the incident, mean over the replications."""
    rows = result.outage[(result.outage["measure"] == measure) & (result.outage["hour"] == hour)]
    return float(rows["without"].mean()), float(rows["with"].mean())


def _more(result: NationalResult, measure: str, hour: str = ALL) -> float:
    without, within = change(result, measure, hour)
    return within - without


def _of_outage(result: NationalResult, lang: Lang) -> Iterator[str]:
    if result.outage.empty:
        return
    held = change(result, "filings_held_up")[1]
    if held == 0:
        yield say("national.finding.nothing_held_up", lang)
        return
    mean = change(result, "held_up_mean")[1]
    each = held / int(result.scenario.country.municipalities)
    yield say("national.finding.held_up", lang, filings=f"{held:,.0f}", minutes=f"{mean:.0f}", each=f"{each:.1f}")
    left = sum(_more(result, f"jobs_at_closing_{kind}") for kind in BACK_OFFICE)
    key = "caught_up" if round(left) <= 0 else "not_caught_up"
    yield say(f"national.finding.{key}", lang, jobs=f"{left:,.0f}")
    early, unprepared, minutes = (
        _more(result, "early_visits_next_morning"),
        _more(result, "unprepared_visits_next_morning"),
        _more(result, "wait_mean", MORNING),
    )
    if max(abs(early), abs(unprepared)) < 0.5 and abs(minutes) < 0.05:
        yield say("national.finding.same_morning", lang)
        return
    yield say(
        "national.finding.next_morning",
        lang,
        early=f"{early:+z,.0f}",
        unprepared=f"{unprepared:+z,.0f}",
        minutes=f"{minutes:+z.1f}",
    )
