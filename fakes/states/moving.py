"""A whole move: its parts, each with a machine of its own, and what each step needs of the others.

    notice accepted → move-out applied → certificate data acknowledged → signing certificate revoked
    → planned move-in visible → move-in applied → notice back acknowledged → removed record confirmed

(転出届の受理 → 転出 → 転出証明書情報の受領 → 署名用電子証明書の失効 → 転入予定 → 転入 → 転入通知 → 除票の確定)

The order is that of https://www.city.karatsu.lg.jp/page/3998.html; what exactly each step waits for is assumed. The
servers hold a part each; this is what all of them together must never leave. A move within the ward has fewer parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from fakes.states.application import (
    MOVE_OUT_APPLICATION,
    UNDER_WAY,
    VISIT_APPLICATION,
    ApplicationEvent,
    ApplicationState,
    resubmission_refused,
)
from fakes.states.certificate import SIGNING_CERTIFICATE, CertificateEvent, CertificateState
from fakes.states.machine import Actor, Machine, Refusal, Refused
from fakes.states.register import (
    IN_TRANSACTION,
    OUT_TRANSACTION,
    PLANNED,
    REMOVAL,
    PlannedEvent,
    PlannedState,
    RemovalEvent,
    RemovalState,
    TransactionEvent,
    TransactionState,
)
from fakes.states.rules import MoveDays, Rules, TimeRule
from fakes.states.telegram import CERTIFICATE_DATA, MOVE_IN_NOTICE, TelegramEvent, TelegramState
from fakes.states.visit import VISIT, VisitEvent, VisitState


class Part(StrEnum):
    """Parts of a move."""

    APPLICATION = "application"
    VISIT = "visit"
    OUT = "out"
    CERTIFICATE_DATA = "certificate_data"
    SIGNING = "signing"
    PLANNED = "planned"
    IN = "in"
    NOTICE = "notice"
    REMOVAL = "removal"


Step = tuple[Part, StrEnum]


@dataclass(frozen=True, slots=True)
class Need:
    """A step is possible only while another part is in one of some states; otherwise it is refused with `code`."""

    part: Part
    states: frozenset[StrEnum]
    code: Refusal = Refusal.NOT_YET


@dataclass(frozen=True, slots=True)
class MoveKind:
    """A kind of move: its parts, what their steps need, and the way that it goes when all is well."""

    name: str
    parts: Mapping[Part, Machine[Any, Any]]
    needs: Mapping[Step, tuple[Need, ...]]
    times: Mapping[Step, TimeRule]
    milestones: tuple[tuple[Part, frozenset[StrEnum]], ...]


def _need(part: Part, *states: StrEnum, code: Refusal = Refusal.NOT_YET) -> Need:
    return Need(part, frozenset(states), code)


_A, _AE, _T, _TE, _C, _V = (
    ApplicationState,
    ApplicationEvent,
    TransactionState,
    TransactionEvent,
    CertificateState,
    VisitState,
)
_CURRENT = _need(Part.SIGNING, _C.VALID, _C.REISSUED, code=Refusal.CERTIFICATE_INVALID)
_NOT_IN_HAND: Final = _need(Part.OUT, _T.NOT_ENTERED, _T.CANCELLED, code=Refusal.ALREADY_PROCESSED)
_TAKEN: Final = _need(Part.APPLICATION, _A.NOTICE_ACCEPTED)
_RELAYED: Final = _need(Part.APPLICATION, *UNDER_WAY, _A.COMPLETED, _A.NEEDS_RESUBMIT)
_DROPPED: Final = _need(Part.APPLICATION, _A.WITHDRAWN, _A.REJECTED, _A.RECEPTION_ERROR)
_REVOKED: Final = (_C.REVOKED, _C.REISSUED)
_PRESENT: Final = _need(Part.VISIT, _V.VISITED)

_TIMES: Final[dict[Step, TimeRule]] = {
    (Part.APPLICATION, _AE.SUBMIT): TimeRule.FILING_WINDOW,
    (Part.APPLICATION, _AE.SIGN): TimeRule.FILING_WINDOW,
}

BETWEEN: Final = MoveKind(
    "between",
    {
        Part.APPLICATION: MOVE_OUT_APPLICATION,
        Part.VISIT: VISIT,
        Part.OUT: OUT_TRANSACTION,
        Part.CERTIFICATE_DATA: CERTIFICATE_DATA,
        Part.SIGNING: SIGNING_CERTIFICATE,
        Part.PLANNED: PLANNED,
        Part.IN: IN_TRANSACTION,
        Part.NOTICE: MOVE_IN_NOTICE,
        Part.REMOVAL: REMOVAL,
    },
    {
        (Part.APPLICATION, _AE.SIGN): (_CURRENT,),
        (Part.APPLICATION, _AE.REOPEN): (_NOT_IN_HAND,),
        (Part.APPLICATION, _AE.COMPLETE): (_need(Part.OUT, _T.APPLIED),),
        (Part.VISIT, VisitEvent.RECEIVE): (_RELAYED,),
        (Part.VISIT, VisitEvent.DROP): (_DROPPED,),
        (Part.OUT, _TE.ENTER): (_TAKEN,),
        (Part.CERTIFICATE_DATA, TelegramEvent.SEND): (_need(Part.OUT, _T.APPLIED),),
        (Part.SIGNING, CertificateEvent.REVOKE): (_need(Part.CERTIFICATE_DATA, TelegramState.ACKED),),
        (Part.SIGNING, CertificateEvent.REISSUE): (_need(Part.IN, _T.APPLIED),),
        (Part.PLANNED, PlannedEvent.SHOW): (_need(Part.SIGNING, *_REVOKED),),
        (Part.IN, _TE.ENTER): (_PRESENT, _need(Part.PLANNED, PlannedState.VISIBLE)),
        (Part.NOTICE, TelegramEvent.SEND): (_need(Part.IN, _T.APPLIED),),
        (Part.REMOVAL, RemovalEvent.CONFIRM): (_need(Part.NOTICE, TelegramState.ACKED),),
    },
    {
        **_TIMES,
        (Part.CERTIFICATE_DATA, TelegramEvent.SEND): TimeRule.NETWORK_HOURS,
        (Part.CERTIFICATE_DATA, TelegramEvent.RESEND): TimeRule.NETWORK_HOURS,
        (Part.CERTIFICATE_DATA, TelegramEvent.DELIVER): TimeRule.NETWORK_HOURS,
        (Part.IN, _TE.ENTER): TimeRule.CARD_ROUTE,
        (Part.NOTICE, TelegramEvent.SEND): TimeRule.NETWORK_HOURS,
        (Part.NOTICE, TelegramEvent.RESEND): TimeRule.NETWORK_HOURS,
        (Part.NOTICE, TelegramEvent.DELIVER): TimeRule.NETWORK_HOURS,
    },
    (
        (Part.APPLICATION, frozenset({_A.NOTICE_ACCEPTED, _A.COMPLETED})),
        (Part.OUT, frozenset({_T.APPLIED})),
        (Part.CERTIFICATE_DATA, frozenset({TelegramState.ACKED})),
        (Part.SIGNING, frozenset(_REVOKED)),
        (Part.PLANNED, frozenset({PlannedState.VISIBLE})),
        (Part.IN, frozenset({_T.APPLIED})),
        (Part.NOTICE, frozenset({TelegramState.ACKED})),
        (Part.REMOVAL, frozenset({RemovalState.CONFIRMED})),
    ),
)
"""From one town to another (転出・転入)."""

WITHIN: Final = MoveKind(
    "within",
    {
        Part.APPLICATION: VISIT_APPLICATION,
        Part.VISIT: VISIT,
        Part.IN: IN_TRANSACTION,
        Part.SIGNING: SIGNING_CERTIFICATE,
    },
    {
        (Part.APPLICATION, _AE.SIGN): (_CURRENT,),
        (Part.VISIT, VisitEvent.RECEIVE): (_RELAYED,),
        (Part.VISIT, VisitEvent.DROP): (_DROPPED,),
        (Part.IN, _TE.ENTER): (_PRESENT,),
        (Part.SIGNING, CertificateEvent.REVOKE): (_need(Part.IN, _T.APPLIED),),
        (Part.SIGNING, CertificateEvent.REISSUE): (_need(Part.IN, _T.APPLIED),),
    },
    {**_TIMES, (Part.IN, _TE.ENTER): TimeRule.AFTER_MOVE},
    (
        (Part.APPLICATION, frozenset({_A.NOTICE_ACCEPTED, _A.COMPLETED})),
        (Part.VISIT, frozenset({_V.VISITED})),
        (Part.IN, frozenset({_T.APPLIED})),
        (Part.SIGNING, frozenset(_REVOKED)),
    ),
)
"""Within the ward (転居): a visit notice, then 転居届 at the counter, which takes a late one too (Art. 52 fines it)."""

MOVE_KINDS: Final = (BETWEEN, WITHIN)


@dataclass(frozen=True, slots=True)
class MoveCase:
    """One move of one household.

    Attributes
    ----------
    kind
        Its kind.
    days
        The days that its newest application names.
    states
        State of every part.
    """

    kind: MoveKind
    days: MoveDays
    states: Mapping[Part, StrEnum]

    @classmethod
    def begin(cls, kind: MoveKind, days: MoveDays) -> MoveCase:
        """Return a move of which nothing has happened."""
        initial = {part: machine.initial for part, machine in kind.parts.items()}
        return cls(kind, days, MappingProxyType(initial))

    @property
    def reached(self) -> int:
        """Number of milestones passed: 0 before the notice is accepted, all of them when the move is done."""
        passed = [self.states[part] in states for part, states in self.kind.milestones]
        return max((place for place, done in enumerate(passed, 1) if done), default=0)

    def step(self, part: Part, event: StrEnum, actor: Actor, at: datetime, rules: Rules) -> MoveCase | Refused:
        """Return the move after an event of one of its parts, or why it is refused.

        The machine of the part speaks first, then what the step needs of other parts, then the rules of time.
        """
        machine = self.kind.parts.get(part)
        if machine is None:
            return Refused(Refusal.ILLEGAL_TRANSITION, self.kind.name, event=event)
        target = machine.step(self.states[part], event, actor)
        if isinstance(target, Refused):
            return target
        if (refused := self._hindered(part, event) or self._untimely(part, event, at, rules)) is not None:
            return refused
        return replace(self, states=MappingProxyType({**self.states, part: target}))

    def resubmit(self, days: MoveDays, actor: Actor, at: datetime, rules: Rules) -> MoveCase | Refused:
        """Return the move with a new application of the applicant in the place of a returned one.

        The visit notice at the destination survives until that of the new application replaces it. The signature does
        not: the new application is checked and signed again, in its own filing window.
        """
        returned = ApplicationState(self.states[Part.APPLICATION])
        new = self.kind.parts[Part.APPLICATION].step(ApplicationState.DRAFT, ApplicationEvent.SUBMIT, actor)
        refused = resubmission_refused(returned) or rules.filing_refused(at, days)
        if refused is not None or isinstance(new, Refused):
            return refused or new
        states = {**self.states, Part.APPLICATION: new}
        return replace(self, days=days, states=MappingProxyType(states))

    def _hindered(self, part: Part, event: StrEnum) -> Refused | None:
        for need in self.kind.needs.get((part, event), ()):
            if (state := self.states[need.part]) not in need.states:
                return Refused(need.code, self.kind.parts[need.part].name, state, event, need.part)
        return None

    def _untimely(self, part: Part, event: StrEnum, at: datetime, rules: Rules) -> Refused | None:
        rule = self.kind.times.get((part, event))
        return None if rule is None else rules.refused(rule, at, self.days)


def after(case: MoveCase, steps: Iterable[tuple[Part, StrEnum, Actor]], at: datetime, rules: Rules) -> MoveCase:
    """Return a move after steps that are known to be legal.

    Raises
    ------
    ValueError
        With the refusal, when one of them is not.
    """
    for part, event, actor in steps:
        step = case.step(part, event, actor, at, rules)
        if isinstance(step, Refused):
            raise ValueError(f"{part} {event} by {actor}: {step.code}")
        case = step
    return case
