"""The journeys of a move when both towns are in the model: the origin's own back office sends the certificate data.

Made of the ward's pieces (`sim.flows`). The site of a household is its destination; `origin` is the town it leaves.
Everybody waits for their turn, and does the card at the window.
"""

from __future__ import annotations

from dataclasses import replace

from sim.flows import (
    DUPLICATE,
    FREE_CLERK,
    FREE_WINDOW,
    MOVE_OUT_ONLINE,
    PREPARATION,
    RETAKE_AS_NEW,
    RETAKE_WINDOW,
    SERVE,
    SERVE_IF_PREPARED,
    SUBMIT,
    TAKE_CLERK,
    WITHIN_APPLICATION,
)
from sim.steps import (
    Activity,
    Flow,
    Role,
    Steps,
    Token,
    at,
    go,
    if_posted,
    labelled,
    only,
    post,
    renamed,
    take,
    wait_for,
)

TAKE_TICKET: Steps = RETAKE_AS_NEW
"""Queue like everybody of the day, and stay."""

_UNTIL_RELAYED = 1 + len(SUBMIT)
"""Steps of the ward's online notice up to where the municipalities can see it: filing, then submitting."""

MOVE_OUT_COUNTER = Flow(
    "move_out_counter",
    "leaves_at_counter",
    (
        *at("arrive", "out_time", role=Role.ARRIVE),
        *TAKE_TICKET,
        *take("serve", "out_minutes", activity=Activity.COUNTER),
        *FREE_WINDOW,
        *post(Token.DATA),
    ),
    site="origin",
)
"""転出届 at the origin's counter: the paper certificate is in hand when it is done."""

MOVE_OUT_POST = Flow(
    "move_out_post",
    "leaves_by_post",
    (
        *at("post_arrives", "out_time"),
        *TAKE_CLERK,
        *take("handle_post", "out_minutes", activity=Activity.POST),
        *FREE_CLERK,
        *post(Token.DATA),
    ),
    site="origin",
)

MOVE_OUT = Flow(
    "move_out_online",
    "files_out",
    (
        *MOVE_OUT_ONLINE.steps[:_UNTIL_RELAYED],
        *post(Token.RELAYED),
        *MOVE_OUT_ONLINE.steps[_UNTIL_RELAYED:],
        *post(Token.DATA),
    ),
    site="origin",
)
"""転出届 and visit notice online: portal, relay, the origin's back office, certificate data to the destination."""

MOVED_OUT_BEFORE = Flow("moved_out_before", "filed_before", (*post(Token.RELAYED), *post(Token.DATA)), site="origin")
"""What was filed online before the model begins has been relayed and processed."""

DUPLICATE_NOTICE = replace(DUPLICATE, site="origin")

VISIT_PAPER = Flow(
    "visit_move_in_paper",
    "visits_paper",
    (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *only("needs_certificate", wait_for(Token.DATA, role=Role.ARRIVE)),
        *TAKE_TICKET,
        *SERVE,
        *FREE_WINDOW,
    ),
)
"""転入届 with a certificate. Nobody sets out without it; who still waits for it comes when it is there."""

VISIT_WITHIN = Flow(
    "visit_within",
    "visits_within",
    (*at("arrive", "visit_time", role=Role.ARRIVE), *TAKE_TICKET, *SERVE, *FREE_WINDOW),
)

_DATA_MISSING: Steps = (
    *take("call_origin", "missing_data_minutes", activity=Activity.REWORK),
    *FREE_WINDOW,
    *only(
        "same_day",
        (
            *take("wait_answer", "answer_minutes", role=Role.WAIT),
            *post(Token.SERVED),
            *renamed("_after_answer", (*RETAKE_WINDOW, *SERVE, *FREE_WINDOW)),
            *go("end"),
        ),
    ),
    *only(
        "!same_day",
        (
            *wait_for(Token.DATA),
            *at("arrive_again", "return_time", role=Role.ARRIVE),
            *renamed("_again", (*TAKE_TICKET, *SERVE_IF_PREPARED, *labelled("served", FREE_WINDOW))),
            *go("end"),
        ),
    ),
)
"""The visit came before the certificate data: some wait for the origin's answer on the telephone, the others come
another day, when the data are there."""

VISIT_ONLINE = Flow(
    "visit_move_in_online",
    "visits_after_filing",
    (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *TAKE_TICKET,
        *if_posted(Token.DATA, "data_here"),
        *_DATA_MISSING,
        *labelled("data_here", SERVE_IF_PREPARED),
        *labelled("served", FREE_WINDOW),
    ),
)
"""The visit races the certificate data, which come from the origin's back office as soon as it gets to them."""

VISIT_WITHIN_ONLINE = Flow(
    "visit_within_online",
    "visits_within_after_filing",
    (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *TAKE_TICKET,
        *SERVE_IF_PREPARED,
        *labelled("served", FREE_WINDOW),
    ),
)

FLOWS: tuple[Flow, ...] = (
    MOVE_OUT_COUNTER,
    MOVE_OUT_POST,
    MOVE_OUT,
    MOVED_OUT_BEFORE,
    DUPLICATE_NOTICE,
    WITHIN_APPLICATION,
    PREPARATION,
    VISIT_PAPER,
    VISIT_ONLINE,
    VISIT_WITHIN,
    VISIT_WITHIN_ONLINE,
)
