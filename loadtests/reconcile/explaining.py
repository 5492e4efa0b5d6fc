"""The second look at the streams, for witnesses alone: both histories, the faults at work, the nearest record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from msgspec.structs import replace

from loadtests.calls import Call
from loadtests.history import Fact, FaultSpan, Kind, Setting
from loadtests.reconcile.findings import Moment, Witness

LONGEST: Final = 40
"""So many moments of a history are shown."""
_NEAR: Final = (Kind.STORED, Kind.HANDED_OVER, Kind.RECEIVED, Kind.SENT)


@dataclass
class _Case:
    """A witness, and what the second look has gathered for it."""

    witness: Witness
    digest: str = ""
    owner: str = ""
    client: list[Moment] = field(default_factory=list)
    server: list[Moment] = field(default_factory=list)
    nearest: tuple[int, int, Moment] | None = None

    @property
    def names(self) -> set[str]:
        """What calls and facts about it bear."""
        own = self.witness
        return {own.reference, own.request, own.application} - {""}


_Index = dict[str, list[_Case]]


def explained(
    witnesses: list[Witness], calls: Iterable[Call], facts: Iterable[Fact], setting: Setting
) -> dict[int, Witness]:
    """Return each witness with its histories, by id of the bare one."""
    cases = [_Case(witness) for witness in witnesses]
    if cases:
        by_name = _indexed((name, case) for case in cases for name in case.names)
        _look_at_calls(calls, by_name, setting)
        _look_at_facts(facts, by_name, cases)
    return {id(case.witness): _finished(case, setting.faults) for case in cases}


def _indexed(pairs: Iterable[tuple[str, _Case]]) -> _Index:
    index: _Index = {}
    for name, case in pairs:
        if name:
            index.setdefault(name, []).append(case)
    return index


def _of(index: _Index, *names: str) -> dict[int, _Case]:
    """Cases under any of the names, each once."""
    return {id(case): case for name in names for case in index.get(name, ())}


def _look_at_calls(calls: Iterable[Call], by_name: _Index, setting: Setting) -> None:
    for call in calls:
        for case in _of(by_name, call.request, call.application, call.reference, call.got_reference).values():
            if call.digest and case.witness.request == call.request:
                case.digest, case.owner = call.digest, call.owner
            _keep(case.client, _sent(call, setting))
            if call.end >= 0:
                _keep(case.client, _ended(call, setting))


def _look_at_facts(facts: Iterable[Fact], by_name: _Index, cases: list[_Case]) -> None:
    by_digest = _indexed((case.digest, case) for case in cases)
    by_owner = _indexed((case.owner, case) for case in cases)
    by_place = _indexed((case.witness.place, case) for case in cases)
    for fact in facts:
        own = _of(by_name, fact.request, fact.reference)
        for case in own.values():
            _keep(case.server, _told(fact))
        if fact.kind in _NEAR:
            for rank, near in enumerate(
                (_of(by_digest, fact.digest), _of(by_owner, fact.owner), _of(by_place, fact.town, fact.server))
            ):
                for number, case in near.items():
                    if number not in own:
                        _compare(case, rank, fact)


def _keep(history: list[Moment], moment: Moment) -> None:
    if len(history) < LONGEST:
        history.append(moment)


def _compare(case: _Case, rank: int, fact: Fact) -> None:
    """Keep a fact about somebody else if it is nearer: the same document, the same owner, the same place; then time."""
    distance = abs(fact.at - case.witness.at)
    if case.nearest is None or (rank, distance) < case.nearest[:2]:
        case.nearest = (rank, distance, _told(fact))


def _finished(case: _Case, faults: Iterable[FaultSpan]) -> Witness:
    when = [case.witness.at, *(moment.at for moment in (*case.client, *case.server))]
    start, end = min(when), max(when)
    return replace(
        case.witness,
        client=tuple(sorted(case.client, key=attrgetter("at"))),
        server=tuple(sorted(case.server, key=attrgetter("at"))),
        faults=tuple(fault.id for fault in faults if fault.start <= end and fault.end >= start),
        nearest=None if case.nearest is None else case.nearest[2],
    )


def _sent(call: Call, setting: Setting) -> Moment:
    said = _words(call.call, f"#{call.attempt}", call.request, call.reference, call.parts, call.digest[:12])
    return Moment(setting.scenario(call.sent), "client", said)


def _ended(call: Call, setting: Setting) -> Moment:
    said = _words(call.call, f"#{call.attempt}", call.came, call.status or "", call.got_reference, call.got_state)
    return Moment(setting.scenario(call.end), "client", said)


def _told(fact: Fact) -> Moment:
    number = f"no. {fact.number}/{fact.edition}" if fact.number else ""
    repeated = "repeated" if fact.repeated else ""
    said = _words(
        fact.kind, fact.reference, fact.part, number, fact.town, fact.state, fact.digest[:12], repeated, fact.fault
    )
    return Moment(fact.at, fact.server, said)


def _words(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part != "")
