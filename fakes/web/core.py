"""The way of a call through a server, without any framework: route, limit, identify, read, handle, commit, answer.

Every call, also one that is refused, ends as a unit of work in the store, because its audit record does.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Generic, Protocol, TypeVar

from fakes.defects import Defects
from fakes.endpoints.endpoint import Endpoint
from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.store.store import Store
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision
from fakes.web.authentication import Authentication
from fakes.web.burden import Burden
from fakes.web.phases import Injection, Injector, undergo
from fakes.web.rates import Rates
from fakes.web.reading import read_message
from fakes.web.request import NOBODY, Request, WebCall
from fakes.web.routing import Routes

MARK: Final = b"synthetic"
"""Value of `X-Test-Data` on everything that is sent and answered."""

CUT: Final = Answer(0, code="cut")
"""Stands in the audit record of a call that a fault left without an answer."""

FAILED_HANDSHAKE: Final = Answer(0, code="handshake")
"""Stands in the audit record of a connection that could not be encrypted, or whose certificate nobody vouches for."""

_OF_TOWNS: Final = "/receive/"
"""Beginning of the paths of the relay's lists for the towns."""

_log = logging.getLogger("fakes.web")


class Micros(Protocol):
    """What the core asks of the clock."""

    def micros(self) -> int:
        """Return the moment that this server reads, microseconds since 1970."""
        ...


class Reading:
    """A question that is answered from the last committed state, beside the writer: for lists and whatever is large."""

    __slots__ = ("ask",)

    def __init__(self, ask: Callable[[View], Decision]) -> None:
        self.ask = ask


Work = Decide | Reading | Answer
"""What a handler returns: a decision in the writer, a question for a reader, or an answer that needs no store."""

Context = TypeVar("Context")
Handler = Callable[[WebCall, Context], Work | Awaitable[Work]]


class Handlers(Generic[Context]):
    """Handlers of one server, by the names of their endpoints; `Context` is what they need beside the call."""

    def __init__(self) -> None:
        self._by_name: dict[str, Handler[Context]] = {}

    def on(self, endpoint: Endpoint) -> Callable[[Handler[Context]], Handler[Context]]:
        """Register the handler of an endpoint.

        Raises
        ------
        ValueError
            When it has one.
        """

        def register(handler: Handler[Context]) -> Handler[Context]:
            if endpoint.name in self._by_name:
                raise ValueError(f"two handlers for {endpoint.name}")
            self._by_name[endpoint.name] = handler
            return handler

        return register

    def include(self, other: Handlers[Context]) -> None:
        """Take over the handlers of another module."""
        for name, handler in other._by_name.items():
            if name in self._by_name:
                raise ValueError(f"two handlers for {name}")
            self._by_name[name] = handler

    def of(self, endpoint: Endpoint) -> Handler[Context]:
        """Return the handler of an endpoint."""
        return self._by_name[endpoint.name]

    def names(self) -> frozenset[str]:
        """Endpoints that have a handler."""
        return frozenset(self._by_name)


class Core(Generic[Context]):
    """One server.

    Parameters
    ----------
    endpoints
        Its rows of the table.
    handlers, context
        One for each row, and what they need.
    store, clock, authentication, rates
        What the steps use.
    injector
        Faults; None for none.
    defects
        Seeded defects that are on; none without.

    Raises
    ------
    KeyError
        For an endpoint without a handler.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        handlers: Handlers[Context],
        context: Context,
        store: Store,
        clock: Micros,
        authentication: Authentication,
        rates: Rates,
        injector: Injector | None = None,
        defects: Defects | None = None,
    ) -> None:
        rows = tuple(endpoints)
        self._routes = Routes(rows)
        self._handlers = {row.name: handlers.of(row) for row in rows}
        self._context = context
        self._store = store
        self._clock = clock
        self._authentication = authentication
        self._rates = rates
        self._injector = injector
        self._defects = defects or Defects()
        self._burden = Burden(self._defects, store) if self._defects else None
        self.under_way = 0
        """Calls over a connection that have no answer yet."""

    def begin(self, request: Request) -> tuple[WebCall, RefusedError | None]:
        """Find out what is called, from the head of a request; the body may still be on its way."""
        if self._injector is not None:
            self._injector.look()
        call = WebCall(request, self._clock.micros())
        try:
            call.endpoint, call.values = self._routes.find(request.method, request.path)
        except RefusedError as refused:
            return call, refused
        return call, None

    async def handle(self, call: WebCall, refused: RefusedError | None = None) -> Answer:
        """Return the answer; whatever it tells has been committed, and so has its audit record.

        Parameters
        ----------
        refused
            Why the call is refused already: no such path, too large, broken off.

        Raises
        ------
        ConnectionCutError
            When a fault cuts the connection, or lets it hang.
        """
        if self._burden is not None:
            await self._burden.bear()
        if refused is None:
            try:
                self._identify(call)
            except RefusedError as problem:
                refused = problem
        if self._injector is None or (injection := self._injector.meet(call, self.under_way)) is None:
            return await self._finish(call, refused)
        return await self._disturbed(call, refused, injection)

    async def note_failed_handshake(self, reason: str) -> None:
        """Commit the audit record of a connection that never became a call; `reason` is the library's name for it."""
        call = WebCall(Request("TLS", reason, b"", {}, b""), self._clock.micros())
        try:
            await self._store.submit(call, lambda _tx: Decision(FAILED_HANDSHAKE), always=True, by_standby=True)
        except RefusedError:
            _log.exception("a failed handshake could not be recorded: %s", reason)

    async def _disturbed(self, call: WebCall, refused: RefusedError | None, injection: Injection) -> Answer:
        """Carry a call through that faults meet."""
        began = time.monotonic()
        call.injection = injection
        call.fault_id = injection.fault_id
        if injection.before is not None:
            if injection.before.cuts:
                await self._record(call, Decision(CUT))
            if (instead := await undergo(injection.before)) is not None:
                return await self._record(call, Decision(instead))
        answer = await self._finish(call, refused)
        if injection.committed is not None:
            answer = await undergo(injection.committed, time.monotonic() - began) or answer
        if injection.answer is not None and injection.answer.exchange is not None:
            answer = await injection.answer.exchange.swap(answer, injection.answer.swap_s)
        return answer

    async def _finish(self, call: WebCall, refused: RefusedError | None) -> Answer:
        if refused is not None:
            return await self._refused(call, refused)
        try:
            return await self._work(call)
        except RefusedError as problem:
            return await self._refused(call, problem)
        except Exception:
            _log.exception("a handler failed")
            return await self._refused(call, RefusedError(Code.UNEXPECTED))

    async def _work(self, call: WebCall) -> Answer:
        endpoint, request = call.endpoint, call.request
        assert endpoint is not None
        if endpoint.changes:
            call.keyed()
        if self._defects.on("idempotency-body-unchecked"):  # seeded defect: all bodies look alike
            call.digest = b""
        if endpoint.synthetic and request.headers.get(b"x-test-data") != MARK:
            raise RefusedError(Code.UNMARKED)
        if call.message is None:
            call.message = read_message(endpoint, request)
        call.injector = self._injector
        work: Any = self._handlers[endpoint.name](call, self._context)
        if inspect.isawaitable(work):
            work = await work
        if isinstance(work, Reading):
            return await self._record(call, await self._store.read(work.ask, self._behind_s(call)))
        if isinstance(work, Answer):
            return await self._record(call, Decision(work))
        answer = await self._store.submit(call, work)
        if call.settles_s:
            await asyncio.sleep(call.settles_s)
        done = endpoint.changes and answer.status < 300
        if done and self._defects.hits("stored-but-500", f"{call.request_id}/{call.attempt}"):  # seeded defect
            answer = call.refuse(RefusedError(Code.UNEXPECTED))
            answer.status = 500
        return answer

    def _behind_s(self, call: WebCall) -> float:
        """Return from how long ago a list is answered, real seconds."""
        behind = 0.0 if self._injector is None else self._injector.behind_s(call)
        of_towns = call.request.path.startswith(_OF_TOWNS)
        if of_towns and self._defects.on("stale-standby") and self._store.took_over():  # seeded defect
            behind = max(behind, float(self._defects.amount("stale-standby")))
        return behind

    def _identify(self, call: WebCall) -> None:
        """Find out who calls, and count it; a failed try counts for the address."""
        endpoint = call.endpoint
        assert endpoint is not None
        try:
            identity = self._authentication.identify(endpoint, call.request, call.at)
        except RefusedError:
            self._rates.take(call.request.source)
            raise
        call.identified(identity)
        self._rates.take(call.request.source if identity is NOBODY else identity.actor)

    async def _record(self, call: WebCall, decision: Decision) -> Answer:
        """Commit the audit record of what was answered without the writer."""
        call.key = ""
        by_standby = call.endpoint is not None and call.endpoint.by_standby
        return await self._store.submit(call, lambda _tx: decision, always=True, by_standby=by_standby)

    async def _refused(self, call: WebCall, refused: RefusedError) -> Answer:
        call.key = ""

        def refuse(_tx: Transaction) -> Decision:
            raise refused

        try:
            return await self._store.submit(call, refuse, always=True)
        except RefusedError as down:
            return call.refuse(down)
