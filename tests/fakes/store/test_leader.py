"""Of several processes on a store one leads; who lost the lead writes nothing, whatever it believes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fakes.refusals import Code
from fakes.store import audit
from fakes.store.databases import Place
from fakes.store.leader import LEADER, Leader, prepare_leadership
from fakes.store.statements import Statement
from tests.fakes.store.little import ALL, LittleCall, view_of, with_store, write

ROW = Statement(select(LEADER.c.holder, LEADER.c.epoch, LEADER.c.until))
SECOND = 1_000_000


@dataclass
class Time:
    """Real time, moved by hand."""

    micros: int = 0

    def __call__(self) -> int:
        return self.micros

    def pass_s(self, seconds: float) -> None:
        self.micros += int(seconds * SECOND)


@pytest.fixture
def ready(place: Place) -> Place:
    """A place with a leader's row."""
    prepare_leadership(place)
    prepare_leadership(place)
    return place


Make = Callable[[str], Leader]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def instance(ready: Place, time: Time) -> Make:
    """Makes instances whose lease is seven seconds, by name."""
    return lambda name: Leader(ready, name, 10.0, time)


def written(place: Place, leader: Leader, name: str) -> str:
    """Write a note as an instance; return the code of the answer, empty if it was written."""
    return with_store(place, lambda store: store.submit(LittleCall(), write(name, "text")), guard=leader.guard).code


def epochs(*leaders: Leader) -> list[int | None]:
    """Return what instances believe."""
    return [leader.epoch for leader in leaders]


def test_the_first_leads_until_its_lease_has_run_out(ready: Place, instance: Make, time: Time) -> None:
    primary, standby = instance("primary"), instance("standby")
    for one in (primary, standby):
        one.look()
    assert epochs(primary, standby) == [1, None]
    assert [written(ready, one, one_name) for one, one_name in ((primary, "a"), (standby, "b"))] == ["", Code.STANDBY]
    time.pass_s(6.9)
    standby.look()
    assert epochs(standby) == [None]
    time.pass_s(0.2)
    standby.look()
    assert (epochs(standby), written(ready, standby, "c")) == ([2], "")


def test_who_was_stopped_meanwhile_writes_nothing_though_it_believes_to_lead(
    ready: Place, instance: Make, time: Time
) -> None:
    primary, standby = instance("primary"), instance("standby")
    primary.look()
    time.pass_s(9)
    standby.look()
    assert epochs(primary) == [1], "it does not know yet"
    assert written(ready, primary, "late") == Code.STANDBY
    assert epochs(primary) == [None]
    assert [row[0] for row in view_of(ready).all(ALL)] == []
    assert audit.verify(view_of(ready)) == audit.Verified(1), "that it was refused is recorded"


def test_a_leader_at_work_renews_its_lease_in_its_own_transactions(ready: Place, instance: Make, time: Time) -> None:
    primary, standby = instance("primary"), instance("standby")
    primary.look()
    for number in range(4):
        time.pass_s(6)
        assert written(ready, primary, f"{number}") == ""
        standby.look()
        assert epochs(standby) == [None]


def test_a_lease_that_ran_out_and_that_nobody_took_goes_on(ready: Place, instance: Make, time: Time) -> None:
    primary = instance("primary")
    primary.look()
    time.pass_s(100)
    assert written(ready, primary, "a") == ""


def test_processes_of_one_instance_lead_together(ready: Place, instance: Make, time: Time) -> None:
    first, second = instance("primary"), instance("primary")
    for one in (first, second):
        one.look()
    assert [written(ready, one, name) for one, name in ((first, "a"), (second, "b"))] == ["", ""]


def test_an_orderly_end_lets_the_next_one_lead_at_once(ready: Place, time: Time) -> None:
    primary, standby = (Leader(ready, name, 10.0, time) for name in ("primary", "standby"))
    primary.start()
    primary.stop()
    standby.look()
    assert standby.epoch == 2
    assert view_of(ready).all(ROW) == [("standby", 2, 7 * SECOND)]


def test_a_standby_that_runs_takes_over_by_itself(ready: Place) -> None:
    primary, standby = Leader(ready, "primary", 0.5), Leader(ready, "standby", 0.5)
    primary.look()  # and is never heard of again
    standby.start()
    try:
        assert standby.leads.wait(20)
        assert standby.epoch == 2
    finally:
        standby.stop()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["look", "write", "wait"])), max_size=25))
def test_whatever_the_instances_do_only_the_holder_of_the_newest_epoch_writes(
    file_place: Place, steps: list[tuple[str, str]]
) -> None:
    prepare_leadership(file_place)
    view = view_of(file_place)
    [(_, _, until)] = view.all(ROW)
    time = Time(until + SECOND)
    instances = {name: Leader(file_place, f"{name} of {time.micros}", 10.0, time) for name in "abc"}
    start = time.micros
    for name, step in steps:
        if step == "look":
            instances[name].look()
        elif step == "wait":
            time.pass_s(5)
        else:
            [(holder, epoch, _)] = view.all(ROW)
            leads = (holder, epoch) == (f"{name} of {start}", instances[name].epoch)
            fresh = f"{len(view.all(ALL))}"
            assert (written(file_place, instances[name], fresh) == "") is leads
