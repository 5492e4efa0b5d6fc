"""The handler of the page: it asks the last committed state, beside the writer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import bindparam, select

from fakes.clock import ScenarioClock
from fakes.endpoints import Server, endpoints_of
from fakes.endpoints.common import PAGE
from fakes.faults.plan import FaultPlan
from fakes.messages.answer import Header
from fakes.messages.common import PageWanted
from fakes.pages.page import ShownEvent, ShownFault, Status, policy, render
from fakes.pages.queues import waiting
from fakes.store.statements import Statement
from fakes.store.tables import EVENT, HEAD
from fakes.store.transaction import View
from fakes.store.unit import Decision
from fakes.web.answers import document
from fakes.web.common import HasStore
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

SHOWN: Final = 20
"""Events on the page."""

_E = EVENT.c
_LAST = Statement(
    select(_E.seq, _E.at, _E.kind, _E.subject, _E.municipality, _E.actor, _E.attempt, _E.fault_id)
    .order_by(_E.seq.desc())
    .limit(bindparam("limit"))
)
_HEAD = Statement(select(HEAD.c.event_seq, HEAD.c.audit_seq))


def page_handlers(
    server: Server,
    name: str,
    plan: FaultPlan,
    clock: ScenarioClock,
    defects: tuple[str, ...],
    leads: Callable[[], bool | None],
) -> Handlers[Any]:
    """Return the handler for one server.

    Parameters
    ----------
    name
        Of the server and of the instance.
    leads
        Whether this instance leads; None where there is only one.
    """
    row = next(row for row in endpoints_of(server) if row.name == PAGE)
    handlers: Handlers[Any] = Handlers()

    @handlers.on(row)
    def page(call: WebCall, context: HasStore) -> Reading:
        wanted: PageWanted = call.message
        lang = wanted.lang or call.lang

        def ask(view: View) -> Decision:
            head = view.one(_HEAD)
            assert head is not None, "the store was made without a head"
            status = Status(
                server=server.value,
                name=name,
                at=call.at,
                speed=clock.speed,
                leads=leads(),
                calls=context.store.waiting,
                queues=waiting(server, view),
                events=head[0],
                audited=head[1],
                last=[ShownEvent(*found) for found in view.all(_LAST, limit=SHOWN)],
                faults=_active(plan, server, clock.true_micros()),
                defects=defects,
            )
            return Decision(document(render(status, lang), "text/html; charset=utf-8", headers=_headers()))

        return Reading(ask)

    return handlers


def _active(plan: FaultPlan, server: Server, now: int) -> list[ShownFault]:
    """Return the faults that can strike this server now."""
    return [
        ShownFault(
            own.fault.id,
            str(own.fault.effect.__struct_config__.tag),
            ", ".join((*own.fault.where.routes, *own.fault.where.municipalities)),
            own.injected,
        )
        for own in plan.active(now)
        if own.fault.where.server in {None, server}
    ]


def _headers() -> tuple[Header, ...]:
    return (
        (b"content-security-policy", policy().encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    )
