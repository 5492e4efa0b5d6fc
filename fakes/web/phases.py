"""Where a fault can meet a call: before the handler, after the commit, during the answer. What it does there is data.

`fakes.faults` decides (an `Injector`); here is only how each effect is carried out. Without an injector nothing runs.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct

from fakes.messages.answer import Answer

if TYPE_CHECKING:
    from fakes.web.request import WebCall

Inside = TypeVar("Inside", bound=Struct)


class Exchange:
    """Where answers change places: the first waits for a second one, and each caller gets the other's."""

    def __init__(self) -> None:
        self._first: tuple[Answer, asyncio.Future[Answer]] | None = None

    async def swap(self, answer: Answer, wait_s: float) -> Answer:
        """Return the answer of another call that comes in time; the own one if none does."""
        if self._first is not None:
            other, waiting = self._first
            self._first = None
            waiting.set_result(answer)
            return other
        mine: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._first = (answer, mine)
        try:
            return await asyncio.wait_for(mine, wait_s)
        except TimeoutError:
            return answer
        finally:
            if self._first is not None and self._first[1] is mine:
                self._first = None


class Effect(Struct, frozen=True):
    """What faults do to one call in one phase.

    Attributes
    ----------
    delay_s, factor
        Waits so long, and so many times longer than the call took so far.
    stall_s
        Stops the whole process so long.
    answer
        Is given instead of the real answer.
    reset
        Closes the connection without an answer (in ANSWER: after half of it).
    hang
        Never answers; the connection stays open until the client goes.
    bytes_per_s
        During the answer: sends the body at that speed.
    exchange, swap_s
        During the answer: where it changes places with another, and how long it waits for one.
    """

    delay_s: float = 0.0
    factor: float = 1.0
    stall_s: float = 0.0
    answer: Answer | None = None
    reset: bool = False
    hang: bool = False
    bytes_per_s: int = 0
    exchange: Exchange | None = None
    swap_s: float = 0.0

    @property
    def cuts(self) -> bool:
        """Whether there will be no answer."""
        return self.reset or self.hang


class Injection(Struct, frozen=True):
    """What faults do to one call, by phase.

    Attributes
    ----------
    fault_id
        Id of the injection, several with commas; it stands in every event and in the audit record of the call.
    before
        Before the handler: nothing has happened, nothing is recorded but the audit record.
    committed
        What was asked for has happened and is on disk; the caller does not know yet.
    answer
        While the answer is on its way.
    """

    fault_id: str
    before: Effect | None = None
    committed: Effect | None = None
    answer: Effect | None = None


class Injector(Protocol):
    """Decides whether faults meet a call."""

    def look(self) -> None:
        """Learn of new faults; called first for every call, before its moment is read from the clock."""
        ...

    def meet(self, call: WebCall, under_way: int) -> Injection | None:
        """Return what happens to a call whose endpoint and caller are known; None for nothing.

        Parameters
        ----------
        under_way
            Calls that this process has under way.
        """
        ...

    def behind_s(self, call: WebCall) -> float:
        """Return from how long ago a list is answered, real seconds; 0 for the present."""
        ...

    def inside(self, call: WebCall, kind: type[Inside]) -> Inside | None:
        """Return what a fault of one kind makes the handler do wrong; None for nothing. Its id goes into the call."""
        ...


class ConnectionCutError(Exception):
    """A fault cuts the connection: no answer, or none any more."""


class ConnectionHangError(ConnectionCutError):
    """A fault leaves the connection open without an answer, until the client goes."""


async def undergo(effect: Effect, so_far_s: float = 0.0) -> Answer | None:
    """Carry out an effect before or after the handler; return the answer that replaces the real one.

    Parameters
    ----------
    so_far_s
        Real seconds that the call took until now.

    Raises
    ------
    ConnectionCutError
        When the connection is to be cut, or to hang.
    """
    if effect.stall_s:
        time.sleep(effect.stall_s)  # not asyncio.sleep: the whole process is to stand still
    if (wait := effect.delay_s + (effect.factor - 1.0) * so_far_s) > 0:
        await asyncio.sleep(wait)
    if effect.hang:
        raise ConnectionHangError
    if effect.reset:
        raise ConnectionCutError
    return effect.answer
