"""One fault: what it does, where, to whom, when, in which phase. Comes from a scenario or over the control endpoint."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from fakes.clock import JST, micros_of
from fakes.faults.effects import AnyEffect, Phase
from fakes.servers import Server
from texts import Lang, say


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that a fault can meet; what is left empty is any.

    Attributes
    ----------
    server
        A server, or any.
    routes
        Names of endpoints, or beginnings of paths: "/relay/".
    municipalities
        Six-digit codes of the towns that call or are called.
    share
        Share of `of` that is met, 0 to 1, by a keyed hash: an applicant is met always or never.
    of
        What is drawn: applicants, or single tries of requests.
    nth
        Only the n-th call that all else fits, counted from 1; 0 for all.
    every
        Only every so many-th such call; 0 for all.
    """

    server: Server | None = None
    routes: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    share: float = 1.0
    of: Literal["applicants", "requests"] = "applicants"
    nth: int = 0
    every: int = 0


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """When: from a moment of the scenario until before another; open ends until cleared."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def micros(self) -> tuple[int, int]:
        """Both ends, microseconds since 1970; far away where they are open."""
        return (
            -FAR if self.start is None else micros_of(_in_japan(self.start)),
            FAR if self.end is None else micros_of(_in_japan(self.end)),
        )


FAR: Final = 2**62
"""Microseconds that no clock reads."""


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault.

    Attributes
    ----------
    id
        Its name; a live one without gets one.
    effect
        What it does.
    phase
        When in the life of a call; None for the effect's usual one.
    incident
        The incident of the scenario that it comes from; empty for a live one.
    """

    effect: AnyEffect
    id: str = ""
    where: Where = Where()
    window: Window = Window()
    phase: Phase | None = None
    incident: str = ""

    @property
    def strikes_in(self) -> Phase:
        """Phase in which it strikes."""
        return self.phase or self.effect.phases[0]


class FaultError(ValueError):
    """A fault that cannot be: `code` is a key of the catalogue, `values` what its sentence needs."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language."""
        return say(self.code, lang, **self.values)

    def reason(self, lang: Lang) -> str:
        """Say it, as the reason of a refusal."""
        return self.say(lang)


def checked(fault: Fault) -> Fault:
    """Return a fault whose parts fit together.

    Raises
    ------
    FaultError
        `E-fault-phase` when its effect has no meaning in its phase, `E-fault-share`, `E-fault-count` and
        `E-fault-window` for numbers and moments that cannot be.
    """
    what = str(fault.effect.__struct_config__.tag)
    if fault.phase is not None and fault.phase not in fault.effect.phases:
        allowed = ", ".join(fault.effect.phases)
        raise FaultError("E-fault-phase", fault=fault.id, what=what, found=fault.phase.value, allowed=allowed)
    if not 0.0 <= fault.where.share <= 1.0:
        raise FaultError("E-fault-share", fault=fault.id, found=fault.where.share)
    for name, found in _numbers(fault):
        if found < 0:
            raise FaultError("E-fault-count", fault=fault.id, key=name, found=found)
    start, end = fault.window.micros
    if end <= start:
        raise FaultError("E-fault-window", fault=fault.id, start=fault.window.start, end=fault.window.end)
    return fault


def _numbers(fault: Fault) -> list[tuple[str, float]]:
    """Numbers of a fault that are not below 0; a clock alone may be behind."""
    found: list[tuple[str, float]] = [("nth", fault.where.nth), ("every", fault.where.every)]
    for name in fault.effect.__struct_fields__:
        value = getattr(fault.effect, name)
        if isinstance(value, int | float) and name != "ahead_s":
            found.append((name, value))
    return found


def _in_japan(at: datetime) -> datetime:
    """Return a moment with its time zone; scenario files write moments of Japan without one."""
    return at.replace(tzinfo=JST) if at.tzinfo is None else at
