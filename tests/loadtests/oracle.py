"""The rules of reconciliation once more, as plainly as can be: every record against every other, all in memory.

Slow (quadratic) and independent of `loadtests.reconcile`: it only shares what a call and a fact are.
"""

from __future__ import annotations

from collections.abc import Iterator

from loadtests.calls import Call, Came
from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.findings import Finding

Case = tuple[Finding, str, str]
"""Finding, what it is about (request or number), and its part."""


def cases(calls: list[Call], facts: list[Fact], setting: Setting) -> set[Case]:
    """Return everything that is wrong, and what was done without an answer."""
    return {
        *_requests(calls, facts, setting),
        *_documents(calls, facts, setting),
        *_orders(facts),
        *_states(calls, facts, setting),
    }


def _requests(calls: list[Call], facts: list[Fact], setting: Setting) -> Iterator[Case]:
    for request in {call.request for call in calls} | {fact.request for fact in facts} - {""}:
        tries = [call for call in calls if call.request == request]
        stored = [fact for fact in facts if fact.kind is Kind.STORED and fact.request == request]
        yield from ((finding, request, "") for finding in _copies(request, tries, facts, setting))
        for call in tries:
            yield from ((finding, request, "") for finding in _answer(call, stored))
        if stored and not tries:
            yield Finding.UNEXPECTED, stored[0].reference, "stored"
        unsure = {call.attempt for call in tries if call.came is Came.UNKNOWN}
        done = any(fact.fault or fact.attempt in unsure for fact in stored)
        if tries and done and not any(call.came is Came.OK for call in tries):
            yield Finding.RECOVERED, request, ""
        for part in {fact.part for fact in stored}:
            if tries and len({fact.reference for fact in stored if fact.part == part}) > 1:
                yield Finding.DUPLICATED, request, part


def _copies(request: str, tries: list[Call], facts: list[Fact], setting: Setting) -> Iterator[Finding]:
    for attempt in range(4):
        sent = [call for call in tries if call.attempt == attempt]
        copies = sum(f.kind is Kind.SEEN and (f.request, f.attempt) == (request, attempt) for f in facts)
        records = sum(f.kind is Kind.AUDITED and (f.request, f.attempt) == (request, attempt) for f in facts)
        answered = any(call.answered and call.server in setting.audited for call in sent)
        if tries and copies > len(sent):
            yield Finding.PHANTOM
        if records < max(copies, answered):
            yield Finding.UNAUDITED


def _answer(call: Call, stored: list[Fact]) -> Iterator[Finding]:
    if call.came is Came.OK and call.refused:
        yield Finding.UNEXPECTED
    if call.came is Came.OK and call.owner and call.got_owner and call.owner != call.got_owner:
        yield Finding.CROSSTALK
    if call.came is Came.FAILED and any(fact.attempt == call.attempt and not fact.fault for fact in stored):
        yield Finding.FALSE_ERROR


def _documents(calls: list[Call], facts: list[Fact], setting: Setting) -> Iterator[Case]:
    about = [fact for fact in facts if fact.kind in (Kind.STORED, Kind.HANDED_OVER, Kind.RECEIVED)]
    wanted = list(_wanted(calls, facts, setting))
    for reference, part, number in {(own[0], own[1], own[2]) for own in wanted} | {
        (fact.reference, fact.part, fact.number) for fact in about
    }:
        own = [one for one in wanted if one[:3] == (reference, part, number)]
        happened = [fact for fact in about if (fact.reference, fact.part, fact.number) == (reference, part, number)]
        yield from ((finding, reference, part) for finding in _one(own, happened, setting))


Wanted = tuple[str, str, int, str, str, str, int, int, bool]
"""number, part, place in the order, place, digest, owner, members, since, accepted."""


def _wanted(calls: list[Call], facts: list[Fact], setting: Setting) -> Iterator[Wanted]:
    for request in {call.request for call in calls if call.parts}:
        tries = sorted((call for call in calls if call.request == request), key=lambda call: call.attempt)
        yes = [call for call in tries if call.parts and call.came is Came.OK and call.got_reference]
        stored = [f.reference for f in facts if f.kind is Kind.STORED and f.request == request]
        first = yes[0] if yes else next(call for call in tries if call.parts)
        since = setting.scenario(first.end if yes else first.sent)
        for reference in {call.got_reference for call in yes} | set(stored):
            told = any(call.got_reference == reference for call in yes)
            for item in first.parts.split(","):
                part, place = item.split(":")
                yield reference, part, 0, place, first.digest, first.owner, first.members, since, told
    sent = [fact for fact in facts if fact.kind is Kind.SENT]
    for fact in sent:
        same = [own for own in sent if (own.reference, own.number) == (fact.reference, fact.number)]
        if fact is max(same, key=lambda own: (own.edition, own.at, own.seq)):
            yield (fact.reference, fact.part, fact.number, fact.town, fact.digest, fact.owner, 0, fact.at, True)


def _one(wanted: list[Wanted], happened: list[Fact], setting: Setting) -> Iterator[Finding]:
    if not wanted:
        yield Finding.UNEXPECTED
        return
    places = {own[3] for own in wanted}
    strays = {fact.town for fact in happened if fact.town not in places}
    if strays:
        yield Finding.MISROUTED
    digests = {own[4] for own in wanted}
    missing = []
    for own in wanted:
        here = [fact for fact in happened if fact.town == own[3]]
        right = [fact for fact in here if fact.digest == own[4] and fact.kind is not Kind.HANDED_OVER]
        wrong = [fact for fact in here if fact.digest and fact.digest not in digests]
        yield from _right(own, right, setting)
        yield from _wrong(own, wrong)
        if not right and not wrong:
            missing.append(own)
        for kind in (Kind.STORED, Kind.HANDED_OVER, Kind.RECEIVED):
            plain = [fact for fact in here if fact.kind is kind and not fact.repeated]
            if len(plain) > sum(other[3] == own[3] for other in wanted):
                yield Finding.DUPLICATED
    for own in missing[len(strays) :]:
        if own[8]:
            yield Finding.LOST if setting.drained.get(own[3], -1) >= own[7] else Finding.STUCK


def _right(own: Wanted, right: list[Fact], setting: Setting) -> Iterator[Finding]:
    _, _, _, _, _, owner, members, since, accepted = own
    if any(owner and fact.owner and fact.owner != owner for fact in right):
        yield Finding.CROSSTALK
    elif any(members and fact.members and fact.members != members for fact in right):
        yield Finding.CORRUPTED
    if right and accepted and min(fact.at for fact in right) - since > setting.late_after:
        yield Finding.LATE


def _wrong(own: Wanted, wrong: list[Fact]) -> Iterator[Finding]:
    arrived = [fact for fact in wrong if fact.kind is not Kind.HANDED_OVER] or wrong
    if arrived:
        first = min(arrived, key=lambda fact: (fact.at, fact.seq))
        strange = own[5] and first.owner and first.owner != own[5]
        yield Finding.CROSSTALK if strange else Finding.CORRUPTED


def _orders(facts: list[Fact]) -> Iterator[Case]:
    handed = [fact for fact in facts if fact.kind is Kind.HANDED_OVER]
    for one in handed:
        for other in handed:
            same = (one.reference, one.part) == (other.reference, other.part) and one.number > other.number
            if same and _first(one, handed) < _first(other, handed):
                yield Finding.OUT_OF_ORDER, one.reference, one.part


def _first(fact: Fact, handed: list[Fact]) -> tuple[int, int]:
    key = (fact.reference, fact.part, fact.number)
    return min((own.at, own.seq) for own in handed if (own.reference, own.part, own.number) == key)


def _states(calls: list[Call], facts: list[Fact], setting: Setting) -> Iterator[Case]:
    """Whether some order of states explains all answers; greedily, the oldest that fits."""
    for reference in {fact.reference for fact in facts if fact.kind is Kind.STATE}:
        states = sorted(
            (fact.at, fact.seq, fact.state) for fact in facts if fact.kind is Kind.STATE and fact.reference == reference
        )
        told = [c for c in calls if c.came is Came.OK and c.got_state and (c.got_reference or c.reference) == reference]
        explained: list[tuple[Call, int]] = []
        for call in sorted(told, key=lambda call: (setting.scenario(call.end), setting.scenario(call.sent))):
            sent, end = setting.scenario(call.sent), setting.scenario(call.end)
            floor = max([n for other, n in explained if setting.scenario(other.end) < sent], default=0)
            fits = [
                number
                for number in range(floor, len(states))
                if states[number][2] == call.got_state
                and states[number][0] <= end + setting.visible_after
                and (number + 1 == len(states) or states[number + 1][0] + setting.visible_after >= sent)
            ]
            if fits:
                explained.append((call, fits[0]))
            elif any(state == call.got_state for _, _, state in states):
                yield Finding.STALE, reference, "state@portal"
            else:
                yield Finding.CORRUPTED, reference, "state@portal"
