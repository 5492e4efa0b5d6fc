"""Titles of figures claim what the numbers show, and nothing more."""

import math
import re

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from report.crowding_figures import _crowding_title
from report.findings import Change, Level, Verdict
from report.hours_figures import ACTIVITIES, staff_title
from report.race_figures import RACES, race_title
from report.waiting_figures import _season_title, fifty_title
from report.words import name_of
from texts import LANGS

COUNTS = st.integers(0, 50)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change whose interval may hold 0, exclude it, or be missing."""
    before, moved, half = draw(st.floats(0, 100)), draw(st.floats(-50, 50)), draw(st.floats(0, 30) | st.just(math.nan))
    return Change("m", "h", before, before + moved, moved, moved - half, moved + half, 10)


@settings(max_examples=300)
@given(COUNTS, COUNTS, changes() | st.none())
def test_long_waits_get_fewer_or_more_only_where_interval_and_both_counts_say_so(
    before: int, after: int, found: Change | None
) -> None:
    title = fifty_title([before, after], found)
    fewer, more = "に減る" in title.ja, "に増える" in title.ja
    assert (fewer, more) == ("a fall" in title.en, "a rise" in title.en)
    assert fewer == (found is not None and found.verdict is Verdict.LOWER and after < before)
    assert more == (found is not None and found.verdict is Verdict.HIGHER and after > before)
    for lang in LANGS:
        numbers = [int(figure) for figure in re.findall(r"\d+", title.in_(lang))]
        assert {after, 30, 50} <= set(numbers)
        assert before in numbers


@given(COUNTS)
def test_one_arm_alone_says_its_count(after: int) -> None:
    assert f"50人中{after}人" in fifty_title([after], None).ja


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(ACTIVITIES), changes()))
def test_the_activities_that_are_named_surely_lose_and_gain_the_most(found: dict[str, Change]) -> None:
    title = staff_title(found)
    sure = {
        verdict: {item: own.difference for item, own in found.items() if own.verdict is verdict}
        for verdict in (Verdict.LOWER, Verdict.HIGHER)
    }
    assert ("で最も減" in title.ja) == bool(sure[Verdict.LOWER]) == ("fall most in" in title.en)
    assert ("で最も増え" in title.ja) == bool(sure[Verdict.HIGHER]) == ("rise most in" in title.en)
    for verdict, pick in ((Verdict.LOWER, min), (Verdict.HIGHER, max)):
        if own := sure[verdict]:
            assert f"「{name_of('activity', pick(own, key=lambda item: own[item])).ja}」" in title.ja
    if not any(sure.values()):
        assert "判定できない" in title.ja


@given(st.dictionaries(st.sampled_from(RACES), st.floats(0, 1), min_size=1))
def test_the_race_is_told_in_visits_of_a_hundred(shares: dict[str, float]) -> None:
    title = race_title({name: Level(name, "share", own, own, own, 10) for name, own in shares.items()})
    for lang in LANGS:
        numbers = [float(figure) for figure in re.findall(r"\d+(?:\.\d+)?", title.in_(lang))]
        assert len(numbers) == 1 + len(shares)
        for own in shares.values():
            assert any(abs(figure - 100 * own) <= 0.51 for figure in numbers)


@given(st.lists(st.floats(0, 300), min_size=6, max_size=6), st.lists(st.floats(0, 300), min_size=6, max_size=6))
def test_the_crowded_hour_is_the_longest_before_and_its_own_after(before: list[float], after: list[float]) -> None:
    cells = [("mon", "09"), ("mon", "10"), ("tue", "09"), ("tue", "10"), ("fri", "09"), ("fri", "10")]
    parts = [pd.DataFrame(cells, columns=["weekday", "hour"]).assign(estimate=values) for values in (before, after)]
    title = _crowding_title(parts)
    place = before.index(max(before))
    assert f"{name_of('weekday', cells[place][0]).ja}{int(cells[place][1])}時台" in title.ja
    assert f"平均{before[place]:,.0f}分から{after[place]:,.0f}分へ" in title.ja
    assert f"from {before[place]:,.0f} to {after[place]:,.0f} minutes" in title.en


@given(st.lists(st.floats(1, 300), min_size=3, max_size=3), st.lists(st.floats(1, 300), min_size=3, max_size=3))
def test_the_worst_day_of_each_arm_is_its_own(before: list[float], after: list[float]) -> None:
    days = ["2023-03-27", "2023-03-28", "2023-04-03"]
    parts = [pd.DataFrame({"date": days, "value": values}) for values in (before, after)]
    words = {"2023-03-27": "3月27日", "2023-03-28": "3月28日", "2023-04-03": "4月3日"}
    worst = [words[days[values.index(max(values))]] for values in (before, after)]
    title = _season_title(parts)
    assert f"前が{worst[0]}で" in title.ja
    assert f"後が{worst[1]}で" in title.ja
