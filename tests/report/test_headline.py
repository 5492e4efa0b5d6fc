import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.findings import Change, Level, Verdict, in_words
from report.gains import gains_sentence
from report.headline import headline, headline_of_one
from report.hours_figures import savings_title
from report.words import Both, both, number, places, quantity

FIGURES = st.floats(0, 600, allow_nan=False)
GAPS = st.floats(0, 50)


def change(before: float, after: float, lo: float, hi: float, n: int = 10) -> Change:
    return Change("wait_mean", "min", before, after, after - before, lo, hi, n)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Any change of a mean: a consistent difference inside its interval, which may be missing."""
    before, after = draw(FIGURES), draw(FIGURES | st.none())
    after = before if after is None else after
    if draw(st.booleans()):  # near each other, where rounding matters
        after = max(0.0, before + draw(st.floats(-0.5, 0.5)))
    if draw(st.integers(0, 9)) == 0:
        return change(before, after, math.nan, math.nan, n=1)
    gap = draw(GAPS) * draw(st.sampled_from([0.0, 0.001, 0.1, 1.0]))
    return change(before, after, after - before - gap, after - before + draw(GAPS) * (gap > 0))


def printed(text: str) -> list[float]:
    return [float(figure.replace(",", "")) for figure in re.findall(r"(?<![\d.,])\d[\d,]*(?:\.\d+)?", text)]


def claims(text: Both) -> str:
    ja = "lower" if "短くなる見込み" in text.ja else "higher" if "長くなる見込み" in text.ja else "none"
    en = "lower" if "to fall from" in text.en else "higher" if "to rise from" in text.en else "none"
    assert ja == en  # both languages say the same
    return ja


@settings(max_examples=400)
@given(changes())
def test_a_direction_is_claimed_only_where_the_interval_excludes_zero(found: Change) -> None:
    claim = claims(headline(found).sentence)
    if claim == "lower":
        assert found.hi < 0
        assert found.after < found.before
    if claim == "higher":
        assert found.lo > 0
        assert found.after > found.before


@settings(max_examples=400)
@given(changes())
def test_the_printed_figures_agree_with_the_sentence(found: Change) -> None:
    sentence = headline(found).sentence
    claim = claims(sentence)
    assert printed(sentence.ja) == printed(sentence.en)
    if claim != "none":
        before, after = printed(sentence.ja)
        assert (after < before) == (claim == "lower")
        assert after != before
        assert before == pytest.approx(found.before, abs=0.51)
        assert after == pytest.approx(found.after, abs=0.51)


@settings(max_examples=400)
@given(changes())
def test_a_clear_difference_is_said_unless_it_is_too_small_to_print(found: Change) -> None:
    sentence = headline(found).sentence
    if found.hi < 0 or found.lo > 0:
        tiny = "ほとんど変わらない" in sentence.ja
        assert tiny != (claims(sentence) != "none")
        assert not tiny or abs(found.difference) < 0.011


@settings(max_examples=400)
@given(changes())
def test_an_interval_over_zero_cannot_say(found: Change) -> None:
    if not (found.hi < 0 or found.lo > 0):
        identical = found.lo == found.hi == 0
        sentence = headline(found).sentence
        assert ("判定できません" in sentence.ja) != identical
        assert ("cannot tell" in sentence.en) != identical
        assert found.verdict is (Verdict.SAME if identical else Verdict.CANNOT_SAY)


@settings(max_examples=400)
@given(changes())
def test_the_range_in_words_holds_the_difference_and_not_zero(found: Change) -> None:
    words = in_words(found)
    if words.verdict in (Verdict.LOWER, Verdict.HIGHER):
        amount, _, low, high = printed(words.difference.en)  # the second is the 95 of "95% range"
        step = 10.0 ** -max(len(str(figure).partition(".")[2]) for figure in (amount, low, high))
        assert low - step <= amount <= high + step
        assert low > 0 or min(abs(found.lo), abs(found.hi)) < 0.0001
        assert ("Down" in words.difference.en) == (words.verdict is Verdict.LOWER)
        assert ("減る" in words.difference.ja) == (words.verdict is Verdict.LOWER)
    else:
        assert "Down" not in words.difference.en
        assert "Up" not in words.difference.en


@settings(max_examples=200)
@given(FIGURES, FIGURES, st.floats(-80, 80), GAPS, GAPS)
def test_nothing_is_claimed_where_arms_and_difference_point_apart(
    before: float, after: float, difference: float, down: float, up: float
) -> None:
    found = Change("wait_p90", "min", before, after, difference, difference - down, difference + up, 10)
    if found.verdict is Verdict.LOWER:
        assert max(found.difference, found.hi, after - before) < 0
    if found.verdict is Verdict.HIGHER:
        assert min(found.difference, found.lo, after - before) > 0


@settings(max_examples=200)
@given(changes(), changes())
def test_the_title_of_the_savings_follows_each_interval(citizens: Change, staff: Change) -> None:
    text = savings_title(citizens, staff)
    for who, found in (("住民の時間は", citizens), ("職員の時間は", staff)):
        clause = text.ja[text.ja.index(who) :].split("、")[0]
        assert ("減る" in clause) == (found.hi < 0 and found.verdict is Verdict.LOWER)
        assert ("増える" in clause) == (found.lo > 0 and found.verdict is Verdict.HIGHER)
        assert ("判定できない" in clause) == (found.verdict is Verdict.CANNOT_SAY)


@given(st.lists(st.sampled_from(list(Verdict))))
def test_the_sentence_on_gains_counts_every_group_once(verdicts: list[Verdict]) -> None:
    total, *counts = printed(gains_sentence(verdicts).en)
    assert total == sum(counts) == len(verdicts)


def test_a_missing_figure_gives_no_answer() -> None:
    assert headline(None).sentence == headline_of_one(None).sentence == both("report.headline.missing")


def test_one_arm_alone_says_its_wait_and_its_range() -> None:
    answer = headline_of_one(Level("wait_mean", "min", 41.62, 39.9, 43.0, 10))
    assert answer.sentence.ja == "窓口の平均の待ち時間は、41.6分の見込みです。"
    assert answer.detail == Both("95%の幅 39.9〜43.0分", "95% range 39.9 to 43.0 min")


def test_one_replication_has_no_range_and_says_so() -> None:
    answer = headline_of_one(Level("wait_mean", "min", 41.62, math.nan, math.nan, 1))
    assert answer.detail == both("report.level.no_range")


def test_shares_are_told_as_people_in_a_hundred() -> None:
    words = in_words(Change("wait_over_30_share", "share", 0.182, 0.021, -0.161, -0.17, -0.152, 10))
    assert (words.before, words.after, words.unit.ja) == ("18.2", "2.1", "人")


@settings(max_examples=300)
@given(st.floats(-1e7, 1e7))
def test_a_printed_number_reads_back_within_half_a_step(value: float) -> None:
    decimals = places(value)
    text = number(value, decimals)
    assert "-" not in text
    assert abs(float(text.replace(",", "").replace("−", "-")) - value) <= 0.5 * 10**-decimals + 1e-9 * abs(value)


def test_nothing_is_printed_as_nothing() -> None:
    assert (number(0.0, 2), number(-0.001, 2), number(math.nan, 1), quantity(math.nan)) == ("0", "0.00", "—", "")
    assert (number(-1234.5, 0), quantity(-0.25), quantity(30.0)) == ("−1,234", "−0.25", "30")
