"""The journeys, before and after, in the order in which a person lives them. Model, diagrams and docs come from here.

Every name in quotes that is no label and no step is a column of the households (`sim.demand.columns`).
"""

from __future__ import annotations

from sim.steps import (
    BACK_OFFICE_CLASS,
    DAY_CLASS,
    IN_PROGRESS_CLASS,
    Activity,
    Flow,
    PlaceKind,
    Role,
    Steps,
    Token,
    at,
    go,
    if_longer,
    if_posted,
    labelled,
    only,
    post,
    release,
    renamed,
    seize,
    take,
    wait_for,
)

# --- pieces ----------------------------------------------------------------------------------------------------------

SUBMIT: Steps = (
    *seize("reach_portal", PlaceKind.PORTAL, patience="portal_patience", to="try_later"),
    *take("submit", "submit_minutes", at_pace_of=PlaceKind.PORTAL),
    *release("reach_portal"),
    *go("submitted"),
    *take("retry_portal", "retry_minutes", label="try_later"),
    *seize("reach_portal_again", PlaceKind.PORTAL),
    *take("submit_again", "submit_minutes", at_pace_of=PlaceKind.PORTAL),
    *release("reach_portal_again"),
    *labelled("submitted", seize("reach_relay", PlaceKind.RELAY)),
    *take("relay", "relay_minutes", at_pace_of=PlaceKind.RELAY),
    *release("reach_relay"),
    *take("relay_latency", "latency_minutes"),
)
"""From the applicant's screen to the municipality's list: portal (try later if it does not answer), relay, latency."""

TAKE_CLERK: Steps = (
    *seize("queue_back_seat", PlaceKind.BACK_SEATS, klass=BACK_OFFICE_CLASS),
    *seize("queue_back_clerk", PlaceKind.CLERKS, klass=BACK_OFFICE_CLASS),
)
FREE_CLERK: Steps = (*release("queue_back_clerk"), *release("queue_back_seat"))
"""Back-office work needs a seat and a clerk; clerks serve ticket holders first."""

CHECK: Steps = take("check", "check_minutes", activity=Activity.CHECKING)
PROCESS: Steps = take("process", "process_minutes", activity=Activity.CHECKING, when="!withdrawn")
"""An online moving-out notice in the back office; a withdrawn one has been checked for nothing."""


SEND_DATA: Steps = (
    *seize("reach_network", PlaceKind.JLIS),
    *take("send_data", "telegram_minutes", at_pace_of=PlaceKind.JLIS),
    *release("reach_network"),
)
"""Certificate data (転出証明書情報) go over the resident network (住基ネット), which shares lines and troubles with the
card system: http://itpro.nikkeibp.co.jp/atcl/news/16/041801116/"""


def card_work(no_answer: str, done: str) -> Steps:
    """Card continuation and face update (継続利用・券面), then the signing certificate if wanted.

    The staff know the hours of the network and do not call when it is closed. The desk stays occupied while J-LIS
    answers. Without an answer the card has to wait for another visit; without one for the signing certificate alone,
    the holder goes without it.
    """
    return (
        *seize("know_hours", PlaceKind.NETWORK_HOURS, patience="no_patience", to=no_answer),
        *release("know_hours"),
        *take("pin_reset", "pin_reset_minutes", activity=Activity.CARD, when="pin_forgotten"),
        *seize("call_card", PlaceKind.JLIS, patience="jlis_patience", to=no_answer, role=Role.WAIT),
        *take("card_call", "call_minutes", activity=Activity.CARD, at_pace_of=PlaceKind.JLIS),
        *release("call_card"),
        *take("card_update", "card_minutes", activity=Activity.CARD, at_pace_of=PlaceKind.JLIS),
        *only(
            "signing",
            (
                *seize("call_signing", PlaceKind.JLIS, patience="jlis_patience", to=done, role=Role.WAIT),
                *take("signing_call", "signing_call_minutes", activity=Activity.CARD, at_pace_of=PlaceKind.JLIS),
                *release("call_signing"),
                *take("signing", "signing_minutes", activity=Activity.CARD, at_pace_of=PlaceKind.JLIS),
            ),
        ),
    )


TAKE_WINDOW: Steps = (
    *seize(
        "queue_window",
        PlaceKind.WINDOWS,
        klass="counter_class",
        patience="patience",
        to="again",
        role=Role.WAIT,
    ),
    *seize("queue_clerk", PlaceKind.CLERKS, klass="counter_class", role=Role.WAIT),
)
RETAKE_WINDOW: Steps = (
    *seize("queue_window", PlaceKind.WINDOWS, klass=IN_PROGRESS_CLASS, role=Role.WAIT),
    *seize("queue_clerk", PlaceKind.CLERKS, klass=IN_PROGRESS_CLASS, role=Role.WAIT),
)
FREE_WINDOW: Steps = (*release("queue_clerk"), *release("queue_window"))


def _at_the_window(serve: Steps, *, no_card: str) -> Steps:
    """Served at the window; at a branch office the card is done there too, unless J-LIS does not answer."""
    return (
        *serve,
        *labelled("served", only("card_at_window", card_work(no_card, "card_done"))),
        *labelled("card_done", FREE_WINDOW),
        *go("end", when="card_at_window"),
        *go("card_later", when="card_postponed"),
        *go("card_desk", when="may_return"),
        *only("card_at_window", labelled(no_card, FREE_WINDOW)),
        *go("card_later", when="card_at_window"),
    )


def card_desk(klass: int | str) -> Steps:
    """The main office's card desks; without an answer of J-LIS one goes on to the next step."""
    return only(
        "card_at_desk",
        (
            *labelled("card_desk", seize("queue_card_desk", PlaceKind.CARD_DESKS, klass=klass, role=Role.WAIT)),
            *renamed("_at_desk", card_work("no_answer", "done_at_desk")),
            *labelled("done_at_desk", release("queue_card_desk")),
            *go("end"),
            *labelled("no_answer", release("queue_card_desk")),
        ),
    )


CARD_LATER: Steps = (
    *only(
        "card_work",
        (
            *at("arrive_for_card", "card_return_time", role=Role.ARRIVE, label="card_later"),
            *only("at_card_desk", seize("queue_card_desk_later", PlaceKind.CARD_DESKS, role=Role.WAIT)),
            *only("!at_card_desk", seize("queue_window_for_card", PlaceKind.WINDOWS, role=Role.WAIT)),
            *only("!at_card_desk", seize("queue_clerk_for_card", PlaceKind.CLERKS, role=Role.WAIT)),
            *renamed("_later", card_work("done_later", "done_later")),
            *labelled("done_later", only("at_card_desk", release("queue_card_desk_later"))),
            *only("!at_card_desk", (*release("queue_clerk_for_card"), *release("queue_window_for_card"))),
        ),
    ),
)
"""Another visit for the card: forgotten, or J-LIS did not answer. If it fails again, the card is left undone."""


def visit(serve: Steps, serve_again: Steps, *, before_return: Steps = ()) -> Steps:
    """A visit with its second try: the crowd, lost patience, a forgotten card or missing data send one home."""
    again = (
        *before_return,
        *at("arrive_again", "return_time", role=Role.ARRIVE),
        *renamed("_again", (*RETAKE_AS_NEW, *_at_the_window(serve_again, no_card="no_card"), *card_desk(DAY_CLASS))),
        *go("card_later"),
    )
    return (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *if_longer(PlaceKind.WINDOWS, "balk_length", "again", when="balks"),
        *TAKE_WINDOW,
        *only(
            "turned_away",
            (*take("turn_away", "turned_away_minutes", activity=Activity.REWORK), *FREE_WINDOW, *go("again")),
        ),
        *_at_the_window(serve, no_card="no_card"),
        *only("may_return", labelled("again", again)),
        *card_desk("counter_class"),
        *CARD_LATER,
    )


RETAKE_AS_NEW: Steps = (
    *seize("queue_window", PlaceKind.WINDOWS, role=Role.WAIT),
    *seize("queue_clerk", PlaceKind.CLERKS, role=Role.WAIT),
)
"""Who comes back queues like everybody of the day, and stays."""

SERVE: Steps = take("serve", "serve_minutes", activity=Activity.COUNTER)

SERVE_IF_PREPARED: Steps = (
    *if_posted(Token.PREPARED, "prepared"),
    *post(Token.SERVED),
    *take("serve_unprepared", "serve_minutes", activity=Activity.COUNTER),
    *go("served"),
    *take("serve_prepared", "serve_prepared_minutes", activity=Activity.COUNTER, label="prepared"),
)

DATA_MISSING: Steps = (
    *take("call_origin", "missing_data_minutes", activity=Activity.REWORK),
    *FREE_WINDOW,
    *go("again", when="!same_day"),
    *only(
        "same_day",
        (
            *take("wait_answer", "answer_minutes", role=Role.WAIT),
            *post(Token.SERVED),
            *renamed("_after_answer", (*RETAKE_WINDOW, *_at_the_window(SERVE, no_card="no_card"))),
            *go("card_desk"),
        ),
    ),
)
"""The visit came before the certificate data: the clerk calls the origin; some wait, the others come another day."""

# --- journeys --------------------------------------------------------------------------------------------------------

VISIT_COUNTER = Flow("visit_counter", "visits_plain", visit(SERVE, SERVE))
"""Moving out, in, within and from abroad at a counter, without the service."""

OTHER_CUSTOMER = Flow(
    "visit_certificate",
    "visits_certificate",
    (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *if_longer(PlaceKind.WINDOWS, "balk_length", "end", when="balks"),
        *seize("queue_window", PlaceKind.WINDOWS, patience="patience", to="end", role=Role.WAIT),
        *seize("queue_clerk", PlaceKind.CLERKS, role=Role.WAIT),
        *take("serve_other", "serve_minutes", activity=Activity.OTHER),
        *FREE_WINDOW,
    ),
)
"""Certificates and the like at a branch office's windows; who leaves gets them elsewhere."""

CARD_CUSTOMER = Flow(
    "visit_card_only",
    "visits_card_only",
    (
        *at("arrive", "visit_time", role=Role.ARRIVE),
        *seize("queue_card_desk", PlaceKind.CARD_DESKS, klass="counter_class", role=Role.WAIT),
        *take("serve_other_card", "serve_minutes", activity=Activity.OTHER, at_pace_of=PlaceKind.JLIS),
        *release("queue_card_desk"),
    ),
)
"""Renewals and the like at the main office's card desks."""

MOVE_OUT_POST = Flow(
    "move_out_post",
    "by_post",
    (
        *at("post_arrives", "visit_time"),
        *TAKE_CLERK,
        *take("handle_post", "serve_minutes", activity=Activity.POST),
        *FREE_CLERK,
    ),
    site="main_site",
)

MOVE_OUT_ONLINE = Flow(
    "move_out_online",
    "files_out",
    (
        *at("file", "submit_time"),
        *SUBMIT,
        *TAKE_CLERK,
        *CHECK,
        *take("phone_check", "phone_minutes", activity=Activity.CHECKING, when="phoned"),
        *only(
            "returned",
            (
                *FREE_CLERK,
                *take("correct", "correct_minutes"),
                *renamed("_resubmit", (*SUBMIT, *TAKE_CLERK, *CHECK, *PROCESS, *FREE_CLERK)),
                *go("processed"),
            ),
        ),
        *PROCESS,
        *FREE_CLERK,
        *labelled("processed", only("!withdrawn", SEND_DATA)),
    ),
    site="main_site",
)
"""転出届 online, this ward as origin: check, [return, resubmit], process, certificate data to the destination."""

DUPLICATE = Flow(
    "duplicate",
    "files_twice",
    (
        *at("file", "second_submit_time"),
        *SUBMIT,
        *TAKE_CLERK,
        *take("find_duplicate", "duplicate_minutes", activity=Activity.CHECKING),
        *FREE_CLERK,
    ),
    site="main_site",
)

MOVE_IN_APPLICATION = Flow(
    "move_in_application",
    "files_in",
    (
        *at("file", "submit_time"),
        *SUBMIT,
        *post(Token.RELAYED),
        *at("origin_processes", "origin_done_time"),
        *SEND_DATA,
        *post(Token.DATA),
    ),
)
"""The first leg of a move in: the other town processes the notice and sends the certificate data."""

WITHIN_APPLICATION = Flow(
    "move_within_application", "files_within", (*at("file", "submit_time"), *SUBMIT, *post(Token.RELAYED))
)

PREPARATION = Flow(
    "preparation",
    "is_prepared_for",
    (
        *wait_for(Token.RELAYED),
        *at("due_for_preparation", "prepare_time"),
        *TAKE_CLERK,
        *if_posted(Token.SERVED, "put_away"),
        *take("prepare", "prepare_minutes", activity=Activity.PREPARING),
        *labelled("put_away", FREE_CLERK),
        *post(Token.PREPARED),
    ),
)
"""The second leg: the site that expects the visit prepares it, with the staff that also serves the counter. The notice
of somebody who has come already is put away."""

VISIT_MOVE_IN_ONLINE = Flow(
    "visit_move_in_online",
    "visits_after_filing_in",
    visit(
        (
            *if_posted(Token.DATA, "data_here"),
            *DATA_MISSING,
            *labelled("data_here", SERVE_IF_PREPARED),
        ),
        SERVE_IF_PREPARED,
        before_return=wait_for(Token.DATA),
    ),
)
"""The third leg races the other two."""

VISIT_WITHIN_ONLINE = Flow(
    "visit_within_online",
    "visits_after_filing_within",
    visit(SERVE_IF_PREPARED, SERVE_IF_PREPARED),
)

FLOWS: tuple[Flow, ...] = (
    VISIT_COUNTER,
    OTHER_CUSTOMER,
    CARD_CUSTOMER,
    MOVE_OUT_POST,
    MOVE_OUT_ONLINE,
    DUPLICATE,
    MOVE_IN_APPLICATION,
    WITHIN_APPLICATION,
    PREPARATION,
    VISIT_MOVE_IN_ONLINE,
    VISIT_WITHIN_ONLINE,
)
"""All journeys; without the service the columns of the online ones are false for everybody."""
