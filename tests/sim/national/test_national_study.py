"""The study as a whole: the same tables for the same seed, honest progress, an answer in two languages."""

from __future__ import annotations

import re
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
import pytest

from sim.national.replication import STAGES
from sim.national.study import NationalResult, run_national
from sim.national.wording import heading, render, sections
from tests.sim.national.small_country import SEED, small

PART = {"moves.part": 0.004}


@pytest.fixture(scope="module")
def result() -> NationalResult:
    return run_national(small(PART), SEED, 2)


def test_the_same_seed_gives_the_same_tables(result: NationalResult) -> None:
    again = run_national(small(PART), SEED, 2)
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name])


def test_replications_differ_and_do_not_depend_on_their_number(result: NationalResult) -> None:
    rates = result.rates[result.rates["arm"] == "without"]
    first, second = (rates.loc[rates["replication"] == number, "filings"].to_numpy() for number in (0, 1))
    assert (first != second).any()
    alone = run_national(small(PART), SEED, 1)
    kept = result.offices[result.offices["replication"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.offices, kept)


def test_every_table_says_of_which_run_it_is(result: NationalResult) -> None:
    for name, table in result.tables().items():
        if name not in ("required_rates", "outage"):
            assert set(table["arm"]) == {"without", "with"}
            assert set(table["replication"]) == {0, 1}
    assert set(result.outage["replication"]) == {0, 1}
    assert len(result.offices) == 2 * 2 * 20


def test_filings_are_as_many_in_both_arms(result: NationalResult) -> None:
    # The outage delays messages; it stops nobody from filing.
    counts = {arm: rows["filings"].tolist() for arm, rows in result.filings.groupby("arm")}
    assert counts["with"] == counts["without"]
    assert min(counts["with"]) > 0


def test_without_incidents_nothing_is_compared() -> None:
    quiet = run_national(small({**PART, "incidents": []}), SEED)
    assert set(quiet.rates["arm"]) == {"without"}
    assert quiet.outage.empty
    assert len(sections(quiet, "en")) == 5
    assert "difference" not in render(quiet, "en")


def test_progress_names_stages_in_order_and_never_goes_back() -> None:
    told: list[tuple[str, int, int]] = []
    result = run_national(small(PART), SEED, 2, lambda stage, done, total: told.append((stage, done, total)))
    done = [number for _, number, _ in told]
    assert done == sorted(done)
    assert done[0] == 0
    assert {total for _, _, total in told} == {14}
    assert done[-1] == 13
    assert {stage for stage, _, _ in told} == set(STAGES)
    assert result.stages["stage"].tolist() == list(STAGES)
    assert (result.stages["seconds"] > 0).all()


def test_the_answer_says_the_same_in_both_languages(result: NationalResult) -> None:
    japanese, english = sections(result, "ja", longest=3), sections(result, "en", longest=3)
    assert len(japanese) == len(english) == 6
    for ja, en in zip(japanese, english, strict=True):
        assert len(ja.headings) == len(en.headings)
        figures = [[row[ja.words :] for row in section.rows] for section in (ja, en)]
        assert figures[0] == figures[1]
        assert ja.title != en.title


def test_the_total_of_filings_is_their_sum(result: NationalResult) -> None:
    *kinds, total = (int(row[1].replace(",", "")) for row in sections(result, "en")[0].rows)
    assert abs(sum(kinds) - total) <= len(kinds)
    mean = result.filings[result.filings["arm"] == "without"].groupby("replication")["filings"].sum().mean()
    assert total == pytest.approx(mean, abs=1)


def test_the_last_office_is_the_one_of_the_size_asked_for(result: NationalResult) -> None:
    rows = sections(result, "en", longest=3)[4].rows
    assert len(rows) == 4
    people = result.offices["people"].drop_duplicates().to_numpy()
    nearest = people[np.abs(people - 20_000).argmin()]
    assert rows[-1][2] == f"{nearest:,}"


def test_replications_give_differences_an_interval(result: NationalResult) -> None:
    assert all("±" in row[3] for row in sections(result, "en")[5].rows if row[0].startswith("filings"))
    alone = run_national(small(PART), SEED, 1)
    assert not any("±" in row[3] for row in sections(alone, "en")[5].rows)


def test_columns_stand_below_their_headings(result: NationalResult) -> None:
    for lang in ("ja", "en"):
        text = render(result, lang)
        assert text.startswith(heading(result, lang))
        assert not re.search(r"[{}]| $", text, re.MULTILINE)
    table = render(result, "ja").split("\n\n")[2].splitlines()
    ends = {sum(2 if east_asian_width(char) in "WF" else 1 for char in line) for line in table[1:-1]}
    assert len(ends) == 1
