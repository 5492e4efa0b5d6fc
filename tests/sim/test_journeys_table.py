"""The journeys that a page draws are those that the model runs."""

from report.words import name_of
from scenarios.packaged import scenario
from sim.flows import FLOWS
from sim.journeys import AT_DESK, flow_steps
from texts import catalogue

TABLE = flow_steps({"before": scenario("before"), "after": scenario("launch")}, 1)
ONLINE = {
    *("move_out_online", "duplicate", "move_in_application", "move_within_application"),
    *("preparation", "visit_move_in_online", "visit_within_online"),
}


def test_the_service_adds_its_journeys_and_takes_none_away() -> None:
    before, after = (set(TABLE.loc[TABLE["arm"] == arm, "flow"]) for arm in ("before", "after"))
    assert after - before == ONLINE
    assert before <= after == {flow.name for flow in FLOWS}


def test_every_step_of_the_table_is_a_step_of_its_flow_in_order() -> None:
    steps = {flow.name: [step.name.removesuffix(AT_DESK) for step in flow.steps] for flow in FLOWS}
    for (_, flow), rows in TABLE.groupby(["arm", "flow"]):
        rest = iter(steps[str(flow)])
        assert all(step in rest for step in rows.sort_values("position")["step"]), flow
        assert list(rows["position"]) == list(range(len(rows)))


def test_what_all_live_is_not_drawn_as_optional() -> None:
    optional = TABLE.groupby(["flow", "step"])["optional"].max().to_dict()
    assert not optional["visit_counter", "serve"]
    assert not optional["move_out_online", "check"]
    for flow, step in (
        ("visit_move_in_online", "call_origin"),
        ("visit_move_in_online", "serve_unprepared"),
        ("move_out_online", "retry_portal"),
        ("move_out_online", "correct"),
    ):
        assert optional[flow, step]


def test_it_is_told_whose_time_a_step_is() -> None:
    part = TABLE.groupby("step")["part"].first().to_dict()
    assert part["serve"] == part["check"] == part["prepare"] == part["card_update"] == "staff"
    assert part["queue_window"] == part["await.relayed"] == "wait"
    assert part["submit"] == part["origin_processes"] == "system"
    assert part["arrive"] == part["file"] == "applicant"


def test_every_journey_and_step_has_a_name_and_no_name_is_left_over() -> None:
    named = {key for key in catalogue() if key.startswith(("flow.", "flow_step."))}
    assert {f"flow.{flow}" for flow in TABLE["flow"]} | {f"flow_step.{step}" for step in TABLE["step"]} == named
    assert name_of("flow_step", "arrive").ja == "来庁"
