"""Where a fault can meet a call: before the handler, after the commit, during the answer. What it does there is data.

`fakes.faults` decides (an `Injector`); here is only how each effect is carried out. Without an injector nothing runs.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from fakes.messages.answer import Answer

if TYPE_CHECKING:
    from fakes.web.request import WebCall


class Effect(Struct, frozen=True):
    """What a fault does to one call.

    Attributes
    ----------
    delay_s
        Waits so long.
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
    """

    delay_s: float = 0.0
    stall_s: float = 0.0
    answer: Answer | None = None
    reset: bool = False
    hang: bool = False
    bytes_per_s: int = 0

    @property
    def cuts(self) -> bool:
        """Whether there will be no answer."""
        return self.reset or self.hang


class Injection(Struct, frozen=True):
    """What faults do to one call, by phase.

    Attributes
    ----------
    fault_id
        Id of the injection; it stands in every event and in the audit record of the call.
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

    def meet(self, call: WebCall) -> Injection | None:
        """Return what happens to a call whose endpoint and caller are known; None for nothing."""
        ...


class ConnectionCutError(Exception):
    """A fault cuts the connection: no answer, or none any more."""


async def undergo(effect: Effect) -> Answer | None:
    """Carry out an effect before or after the handler; return the answer that replaces the real one.

    Raises
    ------
    ConnectionCutError
        When the connection is to be cut.
    """
    if effect.stall_s:
        time.sleep(effect.stall_s)  # not asyncio.sleep: the whole process is to stand still
    if effect.delay_s:
        await asyncio.sleep(effect.delay_s)
    if effect.hang:
        await asyncio.Event().wait()
    if effect.reset:
        raise ConnectionCutError
    return effect.answer
