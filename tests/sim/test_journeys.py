"""Whatever befalls people, the journeys end: everybody is served once, nothing is held, every rule of the log holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.log import Log
from sim.program import Op, Program
from tests.sim.flow_days import CLERK, DESK, JLIS, PORTAL, SEAT, WINDOW, FlowDay, live
from tests.sim.log_rules import RULES
from tests.sim.programs import Change, slow, units

VISITS = ("visits_plain", "visits_after_filing_in", "visits_after_filing_within")

_minute = st.integers(510, 530).map(float)
_flag = st.booleans()


@st.composite
def households(draw: st.DrawFn) -> dict[str, Any]:
    """Columns of one household that fit together as those of the demand do."""
    visit = draw(st.sampled_from(VISITS))
    branch, card_work, postponed, patience = (
        draw(_flag),
        draw(_flag),
        draw(_flag),
        draw(st.sampled_from([2.0, 30.0, 1e9])),
    )
    races = visit == "visits_after_filing_in"
    row: dict[str, Any] = {
        **dict.fromkeys(VISITS, False),
        visit: True,
        "files_in": races,
        "files_within": visit == "visits_after_filing_within",
        "is_prepared_for": visit != "visits_plain" and draw(_flag),
        "visit_time": draw(_minute),
        "submit_time": draw(st.sampled_from([0.0, 440.0, 470.0])),
        "latency_minutes": draw(st.sampled_from([0.0, 60.0])),
        "origin_done_time": draw(st.sampled_from([300.0, 515.0, 525.0, 2500.0])),
        "prepare_time": draw(st.sampled_from([0.0, 510.0, 520.0])),
        "site": int(branch),
        "counter_class": draw(st.sampled_from([1, 1, 2])),
        "balks": draw(_flag),
        "balk_length": draw(st.integers(0, 2)),
        "patience": np.inf if patience > 1e6 else patience,
        "same_day": draw(_flag),
        "signing": draw(_flag),
        "pin_forgotten": draw(_flag),
        "card_work": card_work,
    }
    row["turned_away"] = races and draw(_flag)
    row["card_postponed"] = card_work and postponed and not row["turned_away"]
    row["card_at_desk"] = card_work and not row["card_postponed"] and not branch
    row["card_at_window"] = card_work and not row["card_postponed"] and branch
    row["at_card_desk"] = not branch
    row["may_return"] = row["balks"] or patience < 1e6 or row["turned_away"] or (races and not row["same_day"])
    return row


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in rows[0]}


_crowds = st.lists(households(), min_size=1, max_size=7).map(together)
_calendars: st.SearchStrategy[tuple[Change, ...]] = st.sampled_from(
    [
        (units(WINDOW, 1), units(CLERK, 1)),
        (units(WINDOW, 2), units(CLERK, 1), units(DESK, 1), units(SEAT, 1)),
        (units(WINDOW, 1), units(DESK, 1), units(JLIS, 1), slow(JLIS, 2.5, since=520.0)),
        (units(WINDOW, 9), units(PORTAL, 0), units(PORTAL, 2, since=520.0), units(DESK, 2)),
    ]
)


def lived(day: FlowDay, begins: str) -> list[int]:
    """How often each household lived a step whose name begins so."""
    program = day.compiled.program
    counts = np.zeros(int(day.compiled.household.max()) + 1, dtype=np.int64)
    names = [program.steps[step].split("/")[1].startswith(begins) for step in program.step]
    rows = np.flatnonzero(np.array(names) & ~np.isnan(day.log.enter) & (program.op != Op.RELEASE))
    np.add.at(counts, day.compiled.household[program.entity_of_row()[rows]], 1)
    return [int(count) for count in counts]


@settings(max_examples=60, deadline=None)
@given(_crowds, _calendars)
def test_everybody_is_served_exactly_once_and_goes_home(crowd: dict[str, Any], calendar: tuple[Change, ...]) -> None:
    day = live(crowd, *calendar)
    size = len(crowd["visit_time"])
    assert lived(day, "serve") == [1] * size
    seized = int(((day.compiled.program.op == Op.SEIZE) & ~np.isnan(day.log.leave) & ~day.log.gone).sum())
    released = int(((day.compiled.program.op == Op.RELEASE) & ~np.isnan(day.log.enter)).sum())
    assert seized == released
    assert not (~np.isnan(day.log.enter) & np.isnan(day.log.leave)).any()


@settings(max_examples=40, deadline=None)
@given(_crowds, _calendars)
def test_cards_are_done_once_where_j_lis_answers(crowd: dict[str, Any], calendar: tuple[Change, ...]) -> None:
    patient = crowd | {"jlis_patience": 1e6}
    assert lived(live(patient, *calendar), "card_update") == [int(work) for work in crowd["card_work"]]


@settings(max_examples=30, deadline=None)
@given(_crowds, _calendars)
def test_without_j_lis_nobody_gets_a_card_and_everybody_still_goes_home(
    crowd: dict[str, Any], calendar: tuple[Change, ...]
) -> None:
    """Certificate data came before the trouble."""
    early = crowd | {"origin_done_time": 300.0, "submit_time": 0.0}
    kept = [change for change in calendar if change.place not in (JLIS, PORTAL)]
    day = live(early, *kept, units(JLIS, 9), units(JLIS, 0, since=400.0))
    assert lived(day, "card_update") == [0] * len(crowd["visit_time"])
    assert lived(day, "serve") == [1] * len(crowd["visit_time"])
    assert lived(day, "arrive_for_card") == [int(work) for work in crowd["card_work"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("check_"))
@settings(max_examples=20, deadline=None)
@given(crowd=_crowds, calendar=_calendars)
def test_every_rule_of_the_log_holds_on_the_journeys(
    rule: Callable[[Program, Log], None], crowd: dict[str, Any], calendar: tuple[Change, ...]
) -> None:
    day = live(crowd, *calendar)
    rule(day.compiled.program, day.log)
