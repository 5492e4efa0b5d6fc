"""The page says what `compare` says: the same measures of the same replications, with the same intervals."""

from __future__ import annotations

from explore.answers import Oracle, found_in
from explore.crew import Crew
from explore.measuring import ROWS
from report.findings import change, in_words
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.experiment import Plan, run_experiment
from tests.explore.conftest import REPLICATIONS, SEED

CHANGES: tuple[dict[str, object], ...] = (
    {"one_stop.uptake": 0.3},
    {"staff.main.windows.ordinary": 7, "staff.branch.clerks.ordinary": 3},
    {"opening.lunch.staffed": 0.5, "opening.back_office": "08:30-18:00", "one_stop.prepare_visits": False},
)


def test_the_answers_are_those_of_a_comparison_whatever_was_asked_before(oracle: Oracle, start: Scenario) -> None:
    for changes in CHANGES:
        changed = replace(start, changes)
        plan = Plan({"start": start, "now": changed}, SEED, REPLICATIONS)
        table = run_experiment(plan).results.comparison("start", "now")
        found = oracle.ask(changed)
        ours = [line.words for line in found.lines]
        theirs = [
            in_words(row)
            for measure, groups in ROWS
            if measure != "staff_minutes_per_move" and (row := change(table, measure, **groups)) is not None
        ]
        assert len(theirs) == len(ROWS) - 1
        assert [words for words in ours if words in theirs] == theirs


def test_a_state_that_was_seen_before_is_the_same_answer(oracle: Oracle, start: Scenario) -> None:
    changed = replace(start, CHANGES[0])
    assert oracle.ask(changed) is oracle.ask(replace(start, CHANGES[0]))


def test_the_number_of_workers_changes_nothing(start: Scenario) -> None:
    answers = []
    for jobs in (1, 3):
        with Crew(SEED, REPLICATIONS, jobs) as crew:
            answers.append(crew.ask(start))
    assert found_in(answers[0], answers[1]).lines == found_in(answers[0], answers[0]).lines
    assert [own.days for own in answers[0]] == [own.days for own in answers[1]]
