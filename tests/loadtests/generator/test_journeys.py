"""Applicants on real fake systems, by Locust as one runs it: the whole way, in time, each answer its asker's."""

from __future__ import annotations

import pytest

from fakes.population import ROOM, first_household
from fakes.towns import TOWNS
from loadtests.amending import MOST, SENDER, first_of
from loadtests.ledger import Failed, Intent, Ok
from loadtests.rates import constant
from tests.loadtests.generator.playing import START, Left, plan_for, played, systems

pytestmark = pytest.mark.slow
SPEED = 120.0


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Left, str]:
    """Twenty households in ten seconds, twenty minutes of the scenario."""
    folder = tmp_path_factory.mktemp("journeys")
    schedule = constant(2, 10, START, SPEED)
    with systems(folder / "serve", SPEED) as (rehearsal, begin_at):
        said = played(plan_for(rehearsal, schedule, folder / "run", begin_at))
    return Left(folder / "run"), said


def test_everybody_who_was_due_came_and_got_a_receipt(left: tuple[Left, str]) -> None:
    own, said = left
    assert (own.report.offered, own.report.not_offered, own.report.unfinished) == (20, 0, 0), said
    assert own.report.failed == {}
    signed = own.outcomes("sign")
    assert [type(line) for line in signed] == [Ok] * 20, said
    assert len({line.reference for line in signed if isinstance(line, Ok)}) == 20
    assert {line.application for line in own.intents("sign")} == {f"a{number}" for number in range(20)}


def test_a_submission_goes_out_when_the_schedule_says_so_and_is_announced_before(left: tuple[Left, str]) -> None:
    own, _ = left
    first: dict[str, int] = {}
    for intent in own.intents("submit"):
        first.setdefault(intent.application, intent.due)
    on_time = [first[f"a{number}"] == number * 500_000 for number in range(20)]
    assert sum(on_time) >= 18  # who mistyped the form hands the right one in later
    announced: set[tuple[str, int]] = set()
    for line in own.lines:
        if isinstance(line, Intent):
            assert line.sent >= line.due
            announced.add((line.request, line.attempt))
        assert (line.request, line.attempt) in announced


def test_every_answer_is_its_askers(left: tuple[Left, str]) -> None:
    own, _ = left
    assert own.report.strangers == 0
    owners = {(line.request, line.attempt): line.owner for line in own.lines if isinstance(line, Intent) and line.owner}
    told = [line for line in own.lines if not isinstance(line, Intent) and (line.request, line.attempt) in owners]
    assert len(told) >= 120
    assert all(line.owner == owners[line.request, line.attempt] for line in told if isinstance(line, Ok) and line.owner)


def test_what_was_signed_arrives_in_the_towns_that_it_is_for_as_it_was_sent(left: tuple[Left, str]) -> None:
    own, _ = left
    accepted = {line.request: line.reference for line in own.outcomes("sign") if isinstance(line, Ok)}
    wanted = {
        (accepted[line.request], part, town, line.digest, line.members)
        for line in own.intents("sign")
        for part, _, town in (one.partition(":") for one in line.parts.split(",")[1:])
    }
    assert len(wanted) == 40
    fetched = [line for line in own.outcomes("fetch") if isinstance(line, Ok) and line.town]
    assert {(line.reference, line.part, line.town, line.digest, line.members) for line in fetched} == wanted
    assert set(own.report.drained) == {"portal", *TOWNS}
    last = max(line.end for line in fetched)
    assert all(at > last for at in own.report.drained.values())


def test_staff_accept_and_enter_moves_and_certificate_data_go_out(left: tuple[Left, str]) -> None:
    own, said = left
    of_moves = {line.request for line in own.intents("telegram") if not line.application}
    telegrams = [line for line in own.outcomes("telegram") if isinstance(line, Ok) and line.request in of_moves]
    assert len(telegrams) >= 3, said
    assert own.series.over("response", "staff").failed == 0
    assert all(isinstance(line, Ok) for line in own.outcomes("audit"))
    assert len(own.outcomes("audit")) >= len(TOWNS)


def test_what_the_rules_refuse_is_tried_and_refused(left: tuple[Left, str]) -> None:
    own, said = left
    probed = own.probed()
    assert probed, said
    assert all(isinstance(line, Failed) for line in probed)
    assert own.series.over("response", "submit").failed == 0


def test_the_files_say_whose_they_are_and_that_they_are_whole(left: tuple[Left, str]) -> None:
    own, _ = left
    assert own.opened is not None
    assert (own.opened.run, own.opened.worker, own.opened.workers) == ("run", 0, 1)
    assert own.closed is not None
    assert own.closed.lines == len(own.lines) + 1
    assert own.report.requests == sum(isinstance(line, Intent) for line in own.lines)
    assert not own.report.broken_off
    assert {"log_in", "poll", "fetch", "acknowledge", "staff", "enquire", "submit", "sign", "status"} <= set(
        own.series.calls
    )
    assert own.series.over("response").seen.number == own.report.requests


def test_a_town_sends_two_telegrams_about_one_person_right_after_each_other_and_both_are_taken(
    left: tuple[Left, str],
) -> None:
    own, said = left
    sent = [line for line in own.intents("telegram") if line.application]
    taken = {line.request for line in own.outcomes("telegram") if isinstance(line, Ok)}
    assert len(sent) == 2 * MOST, said
    assert {line.request for line in sent} <= taken
    assert all(line.sent >= 0 for line in sent), "what comes before the first arrival is not of the run"
    first = first_of(own.opened.run if own.opened is not None else "")
    assert [line.application for line in sent] == [f"m{first + pair}" for pair in range(MOST) for _ in (1, 2)]


def test_whom_a_run_amends_nobody_files_for_and_no_other_run_amends() -> None:
    firsts = {first_of(f"run-{number}") for number in range(1000)}
    assert len(firsts) > 990
    begin = first_household(SENDER)
    assert all(begin + ROOM // 2 <= first <= begin + ROOM - MOST for first in firsts)
