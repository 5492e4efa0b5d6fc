"""A drawing of a flow leaves nothing out and leads nowhere else."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from sim.diagrams import ARROW, PIECES, Piece, columns_of, draw
from sim.flows import FLOWS
from sim.program import Op
from sim.steps import (
    BACK_OFFICE_CLASS,
    Activity,
    Flow,
    PlaceKind,
    Role,
    Token,
    at,
    go,
    if_posted,
    only,
    post,
    release,
    renamed,
    seize,
    take,
    wait_for,
)

SMALL = (
    *at("arrive", "visit_time", role=Role.ARRIVE),
    *seize("queue_window", PlaceKind.WINDOWS, klass="counter_class", patience="patience", to="again"),
    *seize("queue_clerk", PlaceKind.CLERKS, klass="counter_class"),
    *take("greet", "greet_minutes", activity=Activity.COUNTER, when="polite"),
    *only(
        "has_card",
        (
            *seize("call", PlaceKind.JLIS, patience="jlis_patience", to="again"),
            *take("ask", "call_minutes", at_pace_of=PlaceKind.JLIS),
            *release("call"),
            *take("update", "card_minutes", activity=Activity.CARD, at_pace_of=PlaceKind.JLIS, when="!quick"),
        ),
    ),
    *release("queue_clerk"),
    *release("queue_window"),
    *if_posted(Token.DATA, "end"),
    *wait_for(Token.DATA),
    *at("later", "return_time", label="again"),
    *seize("queue_seat", PlaceKind.BACK_SEATS, klass=BACK_OFFICE_CLASS),
    *release("queue_seat"),
    *post(Token.PREPARED),
    *go("end"),
)

SMALL_DRAWN = """\
come to the office at [visit_time]
queue for windows, then clerks (class [counter_class]; after [patience] → again)
when [polite]: greet [greet_minutes] (staff: counter)
when [has_card]:
    queue for jlis (after [jlis_patience] → again): ask [call_minutes]
    unless [quick]: update [card_minutes] (staff: card, at the pace of jlis)
give back clerks, windows
if "data" was said → end
wait for "data"
again:
later: until [return_time]
pass back seats (class back office)
say "prepared"
→ end"""


def test_a_flow_is_drawn_from_top_to_bottom() -> None:
    assert draw(SMALL, pieces=()) == SMALL_DRAWN


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_step_that_takes_time_or_hands_is_drawn(flow: Flow) -> None:
    drawing = draw(flow.steps, pieces=())
    for step in flow.steps:
        if step.op in (Op.DELAY, Op.WORK):
            assert f"{step.name.replace('_', ' ')} [{step.value}]" in drawing
    assert columns_of(flow) - {flow.who, flow.site} == set(re.findall(r"\[(\w+)\]", drawing))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_unit_that_is_taken_and_given_back_is_drawn(flow: Flow) -> None:
    drawing = draw(flow.steps, pieces=())
    for kind in PlaceKind:
        words = str(kind).replace("_", " ")
        places = {step.name: step.place for step in flow.steps if step.op is Op.SEIZE}
        takes = sum(place is kind for place in places.values())
        returns = sum(step.op is Op.RELEASE and places[str(step.to)] is kind for step in flow.steps)
        passing = len(re.findall(rf"pass {words}\b", drawing))
        at_once = len(re.findall(rf"queue for {words}(?: \([^)]*\))?: ", drawing))
        taken = len(re.findall(rf"(?:queue for|then) {words}\b", drawing)) + passing
        given = sum(
            words in line.split("give back ")[1].split(", ") for line in drawing.split("\n") if "give back " in line
        )
        assert taken == takes
        assert given + at_once + passing == returns


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
@pytest.mark.parametrize("pieces", [(), PIECES], ids=["whole", "pieces"])
def test_every_arrow_leads_down_to_one_label_or_to_the_end(flow: Flow, pieces: tuple[Piece, ...]) -> None:
    lines = draw(flow.steps, pieces=pieces).split("\n")
    labels = {line.strip()[:-1]: number for number, line in enumerate(lines) if re.fullmatch(r" *[a-z ]+:", line)}
    conditions = {name for name in labels if "[" in name}
    assert not conditions
    assert max(Counter(line.strip() for line in lines if line.strip()[:-1] in labels).values(), default=1) == 1
    reached = set()
    for number, line in enumerate(lines):
        for target in re.findall(rf"{ARROW} ([a-z ]+)", line):
            reached.add(target)
            assert target == "end" or labels[target] > number
    assert set(labels) <= reached


def test_a_shared_piece_is_one_line_that_says_where_it_leads() -> None:
    (online, card) = PIECES
    once_more = renamed("_again", only("polite", card.steps))
    drawing = draw((*online.steps, *once_more, *post(Token.DATA)), PIECES)
    assert drawing.split("\n") == [
        "FILE ONLINE",
        "when [polite]: CARD WORK (no answer → no answer; done → done)",
        'say "data"',
    ]


def test_a_piece_that_differs_in_one_step_is_drawn_in_full() -> None:
    other = tuple(step for step in PIECES[0].steps if step.name != "relay_latency")
    assert "FILE ONLINE" not in draw((*other, *post(Token.DATA)), PIECES)


def test_a_piece_with_a_condition_of_its_own_is_drawn_in_full() -> None:
    submit = PIECES[0].steps
    other = (submit[0], *only("polite", submit[1:2]), *submit[2:])
    assert "FILE ONLINE" not in draw((*other, *post(Token.DATA)), PIECES)


def test_units_are_queued_for_in_one_line_only_where_the_queues_are_alike() -> None:
    impatient = seize("queue_clerk", PlaceKind.CLERKS, patience="patience", to="end")
    other_class = seize("queue_seat", PlaceKind.BACK_SEATS, klass=BACK_OFFICE_CLASS)
    drawing = draw((*seize("queue_window", PlaceKind.WINDOWS), *impatient, *other_class), ())
    assert drawing.split("\n") == [
        "queue for windows",
        "queue for clerks (after [patience] → end)",
        "queue for back seats (class back office)",
    ]
