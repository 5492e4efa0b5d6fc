"""What a fault does, as data. `fakes.faults.plan` decides whether it strikes; servers carry it out.

Three phases are about the connection and are carried out by the web layer: before the handler, after the commit, during
the answer. The fourth, INSIDE, is for what only a handler can do wrong: hand over twice, out of order, to the wrong
town, from an old state.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

from msgspec import Struct


class Phase(StrEnum):
    """When in the life of a call a fault strikes."""

    BEFORE = "before"
    """Before the handler: nothing has happened yet."""
    COMMITTED = "committed"
    """What was asked for is on disk; the caller does not know yet."""
    ANSWER = "answer"
    """While the answer is on its way."""
    INSIDE = "inside"
    """Where the handler or the relay chooses what it says."""


_CONNECTION: Final = (Phase.BEFORE, Phase.COMMITTED, Phase.ANSWER)


class Effect(Struct, frozen=True, forbid_unknown_fields=True, tag_field="what"):
    """Base of all effects.

    Attributes
    ----------
    phases
        Phases in which the effect has a meaning, the usual one first.
    """

    phases: ClassVar[tuple[Phase, ...]]


class Outage(Effect, frozen=True, tag="outage"):
    """Answers with a status of the server's side and Retry-After, or refuses the connection.

    After the commit it is the lost answer of something that was done.

    Attributes
    ----------
    status
        HTTP status; 0 closes the connection without a word.
    retry_after_s
        Seconds in Retry-After; 0 for none.
    """

    status: int = 503
    retry_after_s: int = 30
    phases: ClassVar = (Phase.BEFORE, Phase.COMMITTED)


class Slow(Effect, frozen=True, tag="slow"):
    """Takes longer.

    Attributes
    ----------
    factor
        How many times longer than without the fault: the call waits (factor - 1) times what it took so far.
    mean_ms, spread
        A wait besides, real milliseconds: lognormal with that coefficient of variation, always the mean for 0.
    """

    factor: float = 1.0
    mean_ms: int = 0
    spread: float = 0.0
    phases: ClassVar = (Phase.COMMITTED, Phase.BEFORE)


class Hang(Effect, frozen=True, tag="hang"):
    """Never answers; the connection stays open until the client goes."""

    phases: ClassVar = _CONNECTION


class Reset(Effect, frozen=True, tag="reset"):
    """Closes the connection; during the answer, in the middle of it."""

    phases: ClassVar = _CONNECTION


class SlowFirstByte(Effect, frozen=True, tag="slow_first_byte"):
    """Waits before the first byte of the answer, real milliseconds."""

    wait_ms: int = 5000
    phases: ClassVar = (Phase.ANSWER,)


class Dribble(Effect, frozen=True, tag="dribble"):
    """Sends the answer so slowly."""

    bytes_per_s: int = 100
    phases: ClassVar = (Phase.ANSWER,)


class ConnectionCap(Effect, frozen=True, tag="connection_cap"):
    """Refuses calls over so many at once with 503 and Retry-After."""

    at_once: int = 30
    retry_after_s: int = 5
    phases: ClassVar = (Phase.BEFORE,)


class Stall(Effect, frozen=True, tag="stall"):
    """The first call of each period stops the whole process so long, real milliseconds.

    Attributes
    ----------
    stop_ms
        How long.
    every_s
        Length of a period, seconds of the scenario; 0 stops once.
    """

    stop_ms: int = 2000
    every_s: int = 0
    phases: ClassVar = (Phase.BEFORE,)


class QueueFull(Effect, frozen=True, tag="queue_full"):
    """Answers as a full queue does: 503 with Retry-After."""

    retry_after_s: int = 1
    phases: ClassVar = (Phase.BEFORE,)


class Swap(Effect, frozen=True, tag="swap"):
    """Two answers that are under way at once go to each other's callers; waits so long for a second one."""

    wait_ms: int = 200
    phases: ClassVar = (Phase.ANSWER,)


class Duplicate(Effect, frozen=True, tag="duplicate"):
    """Hands the same thing over again, with its label, as if the acknowledgement had been lost.

    Attributes
    ----------
    copies
        Deliveries in all.
    """

    copies: int = 2
    phases: ClassVar = (Phase.INSIDE,)


class Reorder(Effect, frozen=True, tag="reorder"):
    """Hands over in another order, shuffled among so many neighbours."""

    among: int = 10
    phases: ClassVar = (Phase.INSIDE,)


class WrongMunicipality(Effect, frozen=True, tag="wrong_municipality"):
    """Hands over to another town.

    Attributes
    ----------
    to
        Code of the town; empty for the next one in the list of towns.
    """

    to: str = ""
    phases: ClassVar = (Phase.INSIDE,)


class StaleCursor(Effect, frozen=True, tag="stale_cursor"):
    """A poll starts so many records before its cursor: what was seen comes again."""

    back: int = 100
    phases: ClassVar = (Phase.INSIDE,)


class StandDown(Effect, frozen=True, tag="stand_down"):
    """The instance that leads stops serving as long as this lasts, and another one takes over; nothing without one."""

    phases: ClassVar = (Phase.INSIDE,)


class BehindStandby(Effect, frozen=True, tag="behind_standby"):
    """Reads see the state of some time ago, as on a standby that has not caught up; seconds of the scenario."""

    behind_s: int = 2
    phases: ClassVar = (Phase.INSIDE,)


class ClockSkew(Effect, frozen=True, tag="clock_skew"):
    """The server's clock is ahead by so many seconds of the scenario, behind when negative."""

    ahead_s: int = -120
    phases: ClassVar = (Phase.INSIDE,)


AnyEffect = (
    Outage
    | Slow
    | Hang
    | Reset
    | SlowFirstByte
    | Dribble
    | ConnectionCap
    | Stall
    | QueueFull
    | Swap
    | Duplicate
    | Reorder
    | WrongMunicipality
    | StaleCursor
    | StandDown
    | BehindStandby
    | ClockSkew
)
"""All effects; in JSON `{"what": "slow", "factor": 3}`."""

EFFECTS: Final[dict[str, type[Effect]]] = {str(kind.__struct_config__.tag): kind for kind in AnyEffect.__args__}
"""By the word that stands for them."""
