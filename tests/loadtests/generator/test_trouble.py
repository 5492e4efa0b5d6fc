"""Answers that get lost or come to the wrong one: tried again under the same id, and never taken for one's own."""

from __future__ import annotations

import pytest

from fakes.faults.effects import Phase, Reset, Swap
from fakes.faults.fault import Fault, Where
from fakes.servers import Server
from loadtests.ledger import Intent, Ok, Unknown
from loadtests.rates import constant
from tests.loadtests.generator.playing import START, Left, plan_for, played, systems

pytestmark = pytest.mark.slow
SPEED = 120.0
LOST = Fault(
    Reset(),
    "lost",
    Where(Server.PORTAL, ("submit_application_set", "submit_signature"), share=0.4, of="requests"),
    phase=Phase.COMMITTED,
)
SWAPPED = Fault(Swap(), "swapped", Where(Server.PORTAL, ("application_status",)))


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Left, str]:
    """Twenty households, of whose submissions and signatures many lose their answers."""
    folder = tmp_path_factory.mktemp("trouble")
    schedule = constant(2, 10, START, SPEED)
    with systems(folder / "serve", SPEED, faults=(LOST, SWAPPED)) as (rehearsal, begin_at):
        said = played(
            plan_for(rehearsal, schedule, folder / "run", begin_at, staff=False, auditors=False, probes=False)
        )
    return Left(folder / "run"), said


def test_a_call_whose_answer_was_lost_is_made_again_under_its_id_and_done_once(left: tuple[Left, str]) -> None:
    own, said = left
    assert own.report.failed == {}, said
    for call in ("submit", "sign"):
        lost = [line for line in own.outcomes(call) if isinstance(line, Unknown)]
        assert lost, said
        attempts = {(line.request, line.attempt): line for line in own.intents(call)}
        assert all((line.request, line.attempt + 1) in attempts for line in lost)
        again = [line for line in own.intents(call) if line.attempt > 1]
        assert all(line.digest == attempts[line.request, 1].digest for line in again)
        assert all(line.due == attempts[line.request, 1].due for line in again), "the wait counts from the first try"
    signed = [line for line in own.outcomes("sign") if isinstance(line, Ok)]
    assert len({line.reference for line in signed}) == len(signed) == 20, said


def test_an_answer_that_is_somebody_elses_is_seen_at_once(left: tuple[Left, str]) -> None:
    own, said = left
    owners = {(line.request, line.attempt): line.owner for line in own.lines if isinstance(line, Intent)}
    strange = [
        line
        for line in own.outcomes("status")
        if isinstance(line, Ok) and line.owner != owners[line.request, line.attempt]
    ]
    assert strange, said
    assert own.report.strangers >= len(strange)
    assert own.series.over("response", "status").failed == own.report.strangers
