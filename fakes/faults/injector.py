"""The injector of a server: what the plan of faults does to a call, as the web layer carries it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec.structs import replace

from fakes.clock import ScenarioClock
from fakes.endpoints.endpoint import Caller
from fakes.faults import effects as e
from fakes.faults.live import LiveFaults
from fakes.faults.plan import Facts, FaultPlan
from fakes.faults.plan import Injection as Strike
from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.servers import Server
from fakes.web.phases import Effect, Exchange, Injection, Inside
from fakes.web.reading import read_message
from fakes.web.request import WebCall

_MS: Final = 1000
_UNAVAILABLE: Final = 503
_CODE_OF_TOWN: Final = 6
_LONGEST_BEHIND_S: Final = 3600.0
_OF_CALLER: Final = (e.Phase.BEFORE, e.Phase.COMMITTED, e.Phase.ANSWER)


class FaultInjector:
    """Faults of one process of a server.

    Parameters
    ----------
    plan
        Empty; it follows `live`.
    live
        Which faults there are.
    clock
        Of the server; a skew moves it.
    processes
        Processes on the store, each of which has its part of what is counted.

    Attributes
    ----------
    told
        Set when this process has committed a change of the faults.
    """

    def __init__(
        self,
        server: Server,
        plan: FaultPlan,
        live: LiveFaults,
        clock: ScenarioClock,
        processes: int = 1,
    ) -> None:
        self.plan = plan
        self.told: Sequence[asyncio.Event] = ()
        self._server = server
        self._live = live
        self._clock = clock
        self._processes = processes
        self._exchanges: dict[str, Exchange] = {}
        self._leads_since: int | None = None

    def look(self) -> None:
        """Learn of new faults, and set the clock ahead or back as they say."""
        at_once = False
        for told in self.told:
            if told.is_set():
                told.clear()
                at_once = True
        known = self.plan.any
        if (faults := self._live.changed(at_once=at_once)) is not None:
            self.plan.follow(fault for fault in faults if fault.where.server in {None, self._server})
            self._exchanges.clear()
        if known or self.plan.any:
            self._clock.skew = self.plan.skew(self._server, self._clock.true_micros())

    def meet(self, call: WebCall, under_way: int) -> Injection | None:
        """Return what happens to a call; the operator's own calls are spared."""
        if not self.plan.any or _spared(call):
            return None
        facts = self._facts(call, under_way)
        now = self._clock.true_micros()
        ids: list[str] = []
        done: dict[e.Phase, Effect] = {}
        for phase in _OF_CALLER:
            strikes = self.plan.at(phase, facts, now)
            if strikes:
                ids += [strike.id for strike in strikes]
                done[phase] = self._together(call, strikes)
        if not ids:
            return None
        before, committed, answer = (done.get(phase) for phase in _OF_CALLER)
        return Injection(",".join(ids), before, committed, answer)

    def inside(self, call: WebCall, kind: type[Inside]) -> Inside | None:
        """Return what a fault of one kind makes the handler do wrong; the first one that strikes."""
        if not self.plan.any:
            return None
        facts = self._facts(call, 1)
        strikes = self.plan.at(e.Phase.INSIDE, facts, self._clock.true_micros(), kind)
        if not strikes:
            return None
        call.fault_id = ",".join(filter(None, (call.fault_id, strikes[0].id)))
        effect = strikes[0].effect
        assert isinstance(effect, kind)
        return effect

    def behind_s(self, call: WebCall) -> float:
        """Return from how long ago a list is answered, real seconds."""
        if not self.plan.any or _spared(call) or (standby := self.inside(call, e.BehindStandby)) is None:
            return 0.0
        return self._real(standby)

    @property
    def lag_s(self) -> float:
        """By how much lists may ever be late, real seconds: as long the past has to be kept."""
        effects = (own.fault.effect for own in self.plan.listed())
        return max((self._real(own) for own in effects if isinstance(own, e.BehindStandby)), default=0.0)

    def _real(self, standby: e.BehindStandby) -> float:
        return min(self._clock.real_seconds(timedelta(seconds=standby.behind_s)), _LONGEST_BEHIND_S)

    def may_lead(self, leads: bool) -> bool:
        """Whether the instance may lead: not while a fault lasts that found it leading. The leader's thread asks."""
        now = self._clock.true_micros()
        if leads and self._leads_since is None:
            self._leads_since = now
        if self._leads_since is not None and self.plan.stands_down(self._leads_since, now):
            return False
        if not leads:
            self._leads_since = None
        return True

    def close(self) -> None:
        """Close the look into the store."""
        self._live.close()

    def _facts(self, call: WebCall, under_way: int) -> Facts:
        endpoint = call.endpoint
        town = call.identity.municipality
        if not town and self.plan.by_town:
            town = _town_of(call)
        return Facts(
            self._server,
            endpoint.name if endpoint is not None else "",
            call.request.path,
            town,
            call.values.get("reference_number", "") or call.identity.subject,
            call.request_id,
            call.attempt,
            max(1, under_way) * self._processes,
        )

    def _together(self, call: WebCall, strikes: Sequence[Strike]) -> Effect:
        """Return what several faults do in one phase: their waits add up, of all else the first counts."""
        whole = Effect()
        for strike in strikes:
            own = _EFFECTS[type(strike.effect)](strike.effect, call)
            if isinstance(strike.effect, e.Swap):
                own = replace(own, exchange=self._exchanges.setdefault(strike.fault_id, Exchange()))
            whole = replace(
                whole,
                delay_s=whole.delay_s + own.delay_s + strike.wait_s,
                factor=whole.factor * own.factor,
                stall_s=whole.stall_s + own.stall_s,
                answer=whole.answer or own.answer,
                reset=whole.reset or own.reset,
                hang=whole.hang or own.hang,
                bytes_per_s=whole.bytes_per_s or own.bytes_per_s,
                exchange=whole.exchange or own.exchange,
                swap_s=whole.swap_s or own.swap_s,
            )
        return whole


def _spared(call: WebCall) -> bool:
    """Whether no fault meets a call: what does not exist cannot fail, and the operator has to see what is going on."""
    return call.endpoint is None or call.endpoint.caller is Caller.OPERATOR


Mapped = Callable[[Any, WebCall], Effect]

_EFFECTS: Final[dict[type[e.Effect], Mapped]] = {
    e.Outage: lambda own, call: (
        Effect(answer=_out_of_order(call, own.status, own.retry_after_s)) if own.status else Effect(reset=True)
    ),
    e.Slow: lambda own, _: Effect(factor=own.factor),
    e.Hang: lambda _, __: Effect(hang=True),
    e.Reset: lambda _, __: Effect(reset=True),
    e.SlowFirstByte: lambda own, _: Effect(delay_s=own.wait_ms / _MS),
    e.Dribble: lambda own, _: Effect(bytes_per_s=own.bytes_per_s),
    e.ConnectionCap: lambda own, call: Effect(answer=_busy(call, own.retry_after_s)),
    e.Stall: lambda own, _: Effect(stall_s=own.stop_ms / _MS),
    e.QueueFull: lambda own, call: Effect(answer=_busy(call, own.retry_after_s)),
    e.Swap: lambda own, _: Effect(swap_s=own.wait_ms / _MS),
}
"""What the web layer does for each effect in the phases of a connection."""


def _busy(call: WebCall, retry_after_s: int) -> Answer:
    return call.refuse(RefusedError(Code.BUSY, retry_after=retry_after_s))


def _out_of_order(call: WebCall, status: int, retry_after_s: int) -> Answer:
    """Return the answer of a server that is down: the envelope of refusals, whatever the status."""
    answer = call.refuse(RefusedError(Code.UNEXPECTED, retry_after=retry_after_s))
    headers = answer.headers if retry_after_s and status == _UNAVAILABLE else ()
    return replace(answer, status=status, headers=headers)


def _town_of(call: WebCall) -> str:
    """Return the town that a message names, whoever sends it; it is read for that before its time."""
    endpoint = call.endpoint
    if endpoint is None or endpoint.message is None or "city_service_code" not in endpoint.message.__struct_fields__:
        return ""
    if call.message is None:
        try:
            call.message = read_message(endpoint, call.request)
        except RefusedError:
            return ""
    code: str = call.message.city_service_code or ""
    return code[:_CODE_OF_TOWN]
