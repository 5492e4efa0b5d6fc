"""A server put together from its settings: store, context, handlers, application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from fakes.clock import ScenarioClock
from fakes.endpoints import Server, endpoints_of
from fakes.jlis import events as jlis_events
from fakes.jlis import server as jlis_server
from fakes.jlis.context import Jlis
from fakes.links import Link
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.ocsp import Responder
from fakes.pki.peers import PORTAL, client_context
from fakes.portal import events as portal_events
from fakes.portal import server as portal_server
from fakes.portal.context import Portal
from fakes.portal.relaying import Relaying
from fakes.serving.settings import Settings
from fakes.staff import Staff
from fakes.states.rules import Rules
from fakes.store.databases import Place
from fakes.store.leader import Leader, prepare_leadership
from fakes.store.projections import Projections
from fakes.store.store import Store, prepare
from fakes.towns import TOWNS
from fakes.ward import events as ward_events
from fakes.ward import server as ward_server
from fakes.ward.context import Ward
from fakes.web.asgi import Application
from fakes.web.authentication import Authentication
from fakes.web.common import common_handlers
from fakes.web.core import Core, Handlers
from fakes.web.rates import Rates
from fakes.web.tokens import Tokens

PROJECTIONS: Final[dict[Server, Projections]] = {
    Server.PORTAL: portal_events.PROJECTIONS,
    Server.JLIS: jlis_events.PROJECTIONS,
    Server.WARD: ward_events.PROJECTIONS,
}
_HANDLERS: Final[dict[Server, Handlers[Any]]] = {
    Server.PORTAL: portal_server.HANDLERS,
    Server.JLIS: jlis_server.HANDLERS,
    Server.WARD: ward_server.HANDLERS,
}


def prepare_store(settings: Settings) -> None:
    """Make what is missing in a server's store; before any of its processes starts."""
    prepare(place_of(settings), PROJECTIONS[settings.server])
    if settings.instance:
        prepare_leadership(place_of(settings))


def place_of(settings: Settings) -> Place:
    """Return where a server's tables are."""
    return Place(settings.database, settings.server.value)


class Assembled:
    """A server, ready to be given a loop.

    Parameters
    ----------
    settings
        Of the server; `prepare_store` has been called with them.
    """

    def __init__(self, settings: Settings) -> None:
        place = place_of(settings)
        self.leader = Leader(place, settings.instance, settings.takeover_s) if settings.instance else None
        guard = self.leader.guard if self.leader is not None else None
        self.store = Store(place, PROJECTIONS[settings.server], settings.queue, guard)
        tokens = Tokens(self.store.secret("tokens"))
        clock = settings.clock()
        handlers: Handlers[Any] = Handlers()
        handlers.include(_HANDLERS[settings.server])
        handlers.include(common_handlers(settings.server))
        self._settings = settings
        self.link = _link(settings)
        self.context = _CONTEXTS[settings.server](settings, self.store, clock, tokens, self.link)
        self.core = Core(
            endpoints_of(settings.server),
            handlers,
            self.context,
            self.store,
            clock,
            Authentication(tokens, settings.peers, settings.operator_key),
            Rates(settings.rate, settings.burst),
        )
        self.application = Application(self.core, settings.defects)

    def start(self) -> None:
        """Begin to work; called in the event loop."""
        if self.leader is not None:
            self.leader.start()
        self.store.start()

    async def stop(self) -> None:
        """Carry out what waits, then end."""
        await self.store.stop()
        if self.leader is not None:
            await asyncio.to_thread(self.leader.stop)

    @asynccontextmanager
    async def own_work(self) -> AsyncIterator[None]:
        """Let the server do what it does without being called: the portal's link to J-LIS."""
        async with AsyncExitStack() as stack:
            if self.link is not None:
                await stack.enter_async_context(self.link)
            tasks = [asyncio.create_task(work) for work in self._work()]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        if not self._settings.links:
            return []
        if isinstance(self.context, Portal) and self.link is not None:
            return [Relaying(self.context, self.link, self._settings.link_s).run()]
        return []


def _link(settings: Settings) -> Link | None:
    """Return the portal's way to J-LIS, if it has one."""
    if settings.server is not Server.PORTAL or not settings.jlis:
        return None
    context = client_context(Path(settings.certificates), PORTAL) if settings.certificates else None
    return Link(settings.jlis, {"X-Peer": PORTAL}, context, seed=settings.seed)


def _portal(settings: Settings, store: Store, clock: ScenarioClock, tokens: Tokens, link: Link | None) -> Portal:
    trust = None
    if settings.cards:
        trust = CardIssuer.load(Path(settings.cards)).trust
    return Portal(store, clock, tokens, _people(settings), settings.seed, settings.providers, trust, link)


def _jlis(settings: Settings, store: Store, clock: ScenarioClock, tokens: Tokens, _: Link | None) -> Jlis:
    day = settings.first_day
    rules = Rules.around(date(day.year - 1, 1, 1), date(day.year + 5, 12, 31))
    issuer = CardIssuer.load(Path(settings.cards))
    responders = {purpose: Responder(authority) for purpose, authority in issuer.authorities.items()}
    staff = Staff(settings.seed, TOWNS)
    return Jlis(
        store,
        clock,
        tokens,
        _people(settings),
        staff,
        issuer,
        responders,
        rules,
        settings.seed,
        holds_when_closed=settings.holds_when_closed,
    )


def _ward(settings: Settings, store: Store, clock: ScenarioClock, tokens: Tokens, _: Link | None) -> Ward:
    return Ward(store, clock, tokens, _people(settings), settings.peers, settings.seed)


def _people(settings: Settings) -> People:
    return People(settings.seed, settings.first_day)


_CONTEXTS: Final[dict[Server, Callable[[Settings, Store, ScenarioClock, Tokens, Link | None], Any]]] = {
    Server.PORTAL: _portal,
    Server.JLIS: _jlis,
    Server.WARD: _ward,
}
