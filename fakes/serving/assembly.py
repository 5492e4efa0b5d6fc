"""A server put together from its settings: store, context, handlers, application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from fakes.clock import ScenarioClock, micros_of
from fakes.defects import Defects
from fakes.endpoints import Server, endpoints_of
from fakes.faults.handlers import fault_handlers
from fakes.faults.injector import FaultInjector
from fakes.faults.live import LOOK_S, FaultAdded, FaultsCleared, LiveFaults, with_faults
from fakes.faults.plan import FaultPlan
from fakes.jlis import events as jlis_events
from fakes.jlis import server as jlis_server
from fakes.jlis.context import Jlis
from fakes.links import Link
from fakes.pages.handlers import page_handlers
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
from fakes.ward.clients import Clients
from fakes.ward.context import Ward
from fakes.ward.link.server import LinkServer
from fakes.ward.seeding import seed_towns
from fakes.web.asgi import Application
from fakes.web.authentication import Authentication
from fakes.web.common import common_handlers
from fakes.web.core import Core, Handlers
from fakes.web.logs import log_handlers
from fakes.web.rates import Rates
from fakes.web.tokens import Tokens

PROJECTIONS: Final[dict[Server, Projections]] = {
    Server.PORTAL: with_faults(portal_events.PROJECTIONS),
    Server.JLIS: with_faults(jlis_events.PROJECTIONS),
    Server.WARD: with_faults(ward_events.PROJECTIONS),
}
_HANDLERS: Final[dict[Server, Handlers[Any]]] = {
    Server.PORTAL: portal_server.HANDLERS,
    Server.JLIS: jlis_server.HANDLERS,
    Server.WARD: ward_server.HANDLERS,
}


def prepare_store(settings: Settings) -> None:
    """Make what is missing in a server's store; before any of its processes starts."""
    place = place_of(settings)
    prepare(place, PROJECTIONS[settings.server])
    if settings.instance:
        prepare_leadership(place)
    if settings.server is Server.WARD:
        seed_towns(place, settings.seed, settings.first_day, micros_of(settings.start), settings.households)


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
        clock = settings.clock()
        plan = FaultPlan(settings.seed)
        live = LiveFaults(place, settings.faults)
        self.faults = FaultInjector(settings.server, plan, live, clock, settings.processes)
        self.leader: Leader | None = None
        if settings.instance:
            self.leader = Leader(place, settings.instance, settings.takeover_s, may_lead=self.faults.may_lead)
        guard = self.leader.guard if self.leader is not None else None
        defects = Defects(*settings.defects)
        self.store = Store(place, PROJECTIONS[settings.server], settings.queue, guard, defects)
        if (leader := self.leader) is not None:
            self.store.took_over = lambda: leader.took_over
        self.faults.told = [self.store.heard(kind) for kind in (FaultAdded, FaultsCleared)]
        tokens = Tokens(self.store.secret("tokens"))
        handlers: Handlers[Any] = Handlers()
        handlers.include(_HANDLERS[settings.server])
        handlers.include(common_handlers(settings.server))
        handlers.include(log_handlers(settings.server))
        alone = settings.processes == 1 and not settings.instance
        handlers.include(fault_handlers(settings.server, plan, settings.faults, alone=alone))
        handlers.include(page_handlers(settings.server, settings.name, plan, clock, defects.given, self._leads))
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
            self.faults,
            defects,
        )
        self.application = Application(self.core, defects.header)

    def _leads(self) -> bool | None:
        """Whether this instance leads; None where there is only one."""
        return None if self.leader is None else self.leader.epoch is not None

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
        self.faults.close()

    @asynccontextmanager
    async def own_work(self) -> AsyncIterator[None]:
        """Let the server do what it does without being called: the portal's link to J-LIS, those of the towns."""
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
        if self.leader is not None:
            return [self._stand_by()]
        if not self._settings.links:
            return []
        if isinstance(self.context, Portal) and self.link is not None:
            return [Relaying(self.context, self.link, self._settings.link_s).run()]
        if isinstance(self.context, Ward) and self._settings.jlis:
            return [self._link_server(self.context, town).run() for town in TOWNS]
        return []

    async def _stand_by(self) -> None:
        """Do what an instance does though nobody calls it: learn of faults, keep the past that it may have to show."""
        while True:
            self.faults.look()
            if lag := self.faults.lag_s:
                await asyncio.to_thread(self.store.lagging.keep, lag)
            await asyncio.sleep(LOOK_S)

    def _link_server(self, ward: Ward, town: str) -> LinkServer:
        """Return the link server of a town, with the town's certificate."""
        settings = self._settings
        context = client_context(Path(settings.certificates), f"town-{town}") if settings.certificates else None
        return LinkServer(self.core, ward, town, settings.jlis, context, settings.poll_s)


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
    sources = frozenset(settings.sources)
    people = _people(settings)
    return Portal(
        store,
        clock,
        tokens,
        people,
        settings.seed,
        settings.providers,
        sources,
        trust,
        link,
        defects=Defects(*settings.defects),
    )


def _jlis(settings: Settings, store: Store, clock: ScenarioClock, tokens: Tokens, _: Link | None) -> Jlis:
    issuer = CardIssuer.load(Path(settings.cards))
    responders = {purpose: Responder(authority) for purpose, authority in issuer.authorities.items()}
    staff = _staff(settings.seed)
    return Jlis(
        store,
        clock,
        tokens,
        _people(settings),
        staff,
        issuer,
        responders,
        _rules(settings),
        settings.seed,
        holds_when_closed=settings.holds_when_closed,
        defects=Defects(*settings.defects),
    )


def _ward(settings: Settings, store: Store, clock: ScenarioClock, tokens: Tokens, _: Link | None) -> Ward:
    staff, clients, rules = _staff(settings.seed), Clients(settings.seed, TOWNS), _rules(settings)
    return Ward(
        store,
        clock,
        tokens,
        _people(settings),
        staff,
        clients,
        settings.peers,
        rules,
        settings.seed,
        defects=Defects(*settings.defects),
    )


@cache
def _staff(seed: int) -> Staff:
    """Return everybody's accounts; hashing their passwords takes a while."""
    return Staff(seed, TOWNS)


def _rules(settings: Settings) -> Rules:
    """Return the rules of time, for moves from a year before the scenario to five years after."""
    year = settings.first_day.year
    return Rules.around(date(year - 1, 1, 1), date(year + 5, 12, 31))


def _people(settings: Settings) -> People:
    return People(settings.seed, settings.first_day)


_CONTEXTS: Final[dict[Server, Callable[[Settings, Store, ScenarioClock, Tokens, Link | None], Any]]] = {
    Server.PORTAL: _portal,
    Server.JLIS: _jlis,
    Server.WARD: _ward,
}
