"""First merge, by request: what the client noted of a call against the copies, audit records and effects of servers.

Out of it come, for the second merge, what must have arrived somewhere, what towns received, and answers about states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from loadtests.calls import Call, Came
from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.book import Book
from loadtests.reconcile.findings import Finding, Witness


class Expected(Struct, frozen=True, tag="expected"):
    """Something that belongs somewhere.

    Attributes
    ----------
    accepted
        Whether the client was told so; else no answer came, and both endings are legal.
    since
        When the client was told, or sent it.
    """

    reference: str
    part: str
    place: str
    since: int
    accepted: bool
    request: str = ""
    application: str = ""
    owner: str = ""
    digest: str = ""
    members: int = 0
    number: int = 0
    edition: int = 1


class Answer(Struct, frozen=True, tag="answer"):
    """A state that a client was told, between sending its question and having the answer."""

    reference: str
    part: str
    state: str
    sent: int
    end: int
    request: str
    application: str


STATES = "state@"
"""Part of a group that holds states and answers about them, before the name of the server."""

Record = Expected | Fact | Answer
Emit = Callable[[Record], None]


def judge_request(calls: Sequence[Call], facts: Sequence[Fact], setting: Setting, book: Book, emit: Emit) -> None:
    """Judge one request: all tries of it, and all that servers say about it.

    Parameters
    ----------
    calls
        In the order of their attempts; empty for a request that no client sent.
    """
    seen = Counter(fact.attempt for fact in facts if fact.kind is Kind.SEEN)
    audited = Counter(fact.attempt for fact in facts if fact.kind is Kind.AUDITED)
    stored = [fact for fact in facts if fact.kind is Kind.STORED]
    if not calls:
        _of_nobody(facts, stored, book)
    _copies(calls, seen, setting, book)
    _audit(calls, facts, seen, audited, setting, book)
    for call in calls:
        _answer(call, [fact for fact in stored if fact.attempt == call.attempt], setting, book)
    _once(calls, stored, setting, book)
    _recovered(calls, stored, book)
    for record in _records(calls, stored, setting):
        emit(record)


def _of_nobody(facts: Sequence[Fact], stored: Sequence[Fact], book: Book) -> None:
    """Effects of a request that is in no ledger."""
    for fact in stored[:1]:
        book.checked[Finding.UNEXPECTED] += 1
        book.found(
            Witness(
                Finding.UNEXPECTED,
                fact.at,
                reference=fact.reference,
                request=facts[0].request,
                part=fact.part,
                place=fact.town,
                found=fact.kind,
            )
        )


def _copies(calls: Sequence[Call], seen: Counter[int], setting: Setting, book: Book) -> None:
    attempts = {call.attempt for call in calls}
    book.checked[Finding.PHANTOM] += len(calls)
    for attempt, copies in sorted(seen.items()):
        if calls and (copies > 1 or attempt not in attempts):
            sent = int(attempt in attempts)
            book.found(
                _case(
                    Finding.PHANTOM,
                    calls[0],
                    setting.scenario(calls[0].sent),
                    expected=f"#{attempt}: {sent}",
                    found=f"#{attempt}: {copies}",
                )
            )


def _audit(
    calls: Sequence[Call],
    facts: Sequence[Fact],
    seen: Counter[int],
    audited: Counter[int],
    setting: Setting,
    book: Book,
) -> None:
    """An answered call needs its record, and so does every copy that a server says it saw."""
    owed = Counter(seen)
    for call in calls:
        if call.answered and call.server in setting.audited:
            owed[call.attempt] = max(owed[call.attempt], 1)
    book.checked[Finding.UNAUDITED] += owed.total()
    sent = {call.attempt: call for call in calls}
    for attempt, needed in sorted(owed.items()):
        if audited[attempt] >= needed:
            continue
        expected, found = str(needed), str(audited[attempt])
        if attempt in sent:
            call = sent[attempt]
            book.found(_case(Finding.UNAUDITED, call, setting.scenario(call.sent), expected=expected, found=found))
        else:
            at = min(fact.at for fact in facts if fact.attempt == attempt)
            request = facts[0].request
            book.found(Witness(Finding.UNAUDITED, at, request=request, expected=expected, found=found))


def _answer(call: Call, stored: Sequence[Fact], setting: Setting, book: Book) -> None:
    """What one answer says, against what it should and what was done."""
    at = setting.scenario(call.end if call.answered else call.sent)
    if call.refused:
        book.checked[Finding.UNEXPECTED] += 1
        if call.came is Came.OK:
            # Under a key that was used it became something of its own: the key was not looked at at all.
            finding = Finding.DUPLICATED if call.key and stored else Finding.UNEXPECTED
            book.found(_case(finding, call, at, expected=">= 400", found=call.got_reference or str(call.status)))
    if call.came is Came.OK and call.owner and call.got_owner:
        book.checked[Finding.CROSSTALK] += 1
        if call.owner != call.got_owner:
            book.found(_case(Finding.CROSSTALK, call, at, expected=call.owner, found=call.got_owner))
    book.checked[Finding.FALSE_ERROR] += call.answered
    book.checked[Finding.UNEXPECTED] += len(stored)
    if call.came is Came.FAILED:
        done = next((fact for fact in stored if not fact.fault), None)
        if done is not None:
            book.found(_case(Finding.FALSE_ERROR, call, at, expected=str(call.status), found=done.reference))


def _once(calls: Sequence[Call], stored: Sequence[Fact], setting: Setting, book: Book) -> None:
    """One request, however often it was tried, is carried out under one number."""
    numbers: dict[str, set[str]] = {}
    for fact in stored:
        numbers.setdefault(fact.part, set()).add(fact.reference)
    book.checked[Finding.DUPLICATED] += len(numbers) if calls else 0
    for part, references in numbers.items():
        if calls and len(references) > 1:
            found = ", ".join(sorted(references))
            book.found(
                _case(
                    Finding.DUPLICATED, calls[0], setting.scenario(calls[0].sent), part=part, expected="1", found=found
                )
            )


def _recovered(calls: Sequence[Call], stored: Sequence[Fact], book: Book) -> None:
    """Carried out although no answer came, or one that an injected fault explains: legal."""
    lost = {call.attempt for call in calls if call.came is Came.UNKNOWN}
    if not calls or any(call.came is Came.OK for call in calls):
        return
    book.checked[Finding.RECOVERED] += 1
    done = next((fact for fact in stored if fact.fault or fact.attempt in lost), None)
    if done is not None:
        book.found(_case(Finding.RECOVERED, calls[0], done.at, found=done.reference))


def _records(calls: Sequence[Call], stored: Sequence[Fact], setting: Setting) -> list[Record]:
    records: list[Record] = list(stored)
    for call in calls:
        reference = call.got_reference or call.reference
        if call.came is Came.OK and call.got_state and reference:
            records.append(
                Answer(
                    reference,
                    STATES + call.server,
                    call.got_state,
                    setting.scenario(call.sent),
                    setting.scenario(call.end),
                    call.request,
                    call.application,
                )
            )
        if call.came is Came.OK and call.got_town and reference:
            records.append(_received(call, reference, setting))
    return records + _expected(calls, stored, setting)


def _received(call: Call, reference: str, setting: Setting) -> Fact:
    """What a town of the load generator got, as its own ledger says."""
    return Fact(
        Kind.RECEIVED,
        "client",
        setting.scenario(call.end),
        request=call.request,
        attempt=call.attempt,
        reference=reference,
        part=call.got_part,
        town=call.got_town,
        owner=call.got_owner,
        digest=call.got_digest,
        members=call.got_members,
        repeated=call.got_repeated,
    )


def _expected(calls: Sequence[Call], stored: Sequence[Fact], setting: Setting) -> list[Record]:
    """What a request handed in and where it belongs; nothing while no number of it is known."""
    handing = [call for call in calls if call.parts]
    if not handing:
        return [_told_already(fact, call) for call in calls if call.refused for fact in stored]
    told = [call for call in handing if call.came is Came.OK and call.got_reference]
    first = told[0] if told else handing[0]
    accepted = {call.got_reference for call in told}
    numbers = dict.fromkeys([*(call.got_reference for call in told), *(fact.reference for fact in stored)])
    since = setting.scenario(first.end if told else first.sent)
    return [
        Expected(
            reference,
            part,
            place,
            since,
            accepted=reference in accepted,
            request=first.request,
            application=first.application,
            owner=first.owner,
            digest=first.digest,
            members=first.members,
        )
        for reference in numbers
        for part, _, place in (item.partition(":") for item in first.parts.split(","))
    ]


def _told_already(fact: Fact, call: Call) -> Expected:
    """What came of a probe that should have been refused: it was found with its call, and is no surprise any more."""
    return Expected(
        fact.reference,
        fact.part,
        fact.town,
        fact.at,
        accepted=False,
        request=call.request,
        application=call.application,
        owner=fact.owner,
        digest=fact.digest,
        members=fact.members,
    )


def _case(finding: Finding, call: Call, at: int, *, part: str = "", expected: str = "", found: str = "") -> Witness:
    return Witness(
        finding,
        at,
        reference=call.got_reference or call.reference,
        request=call.request,
        application=call.application,
        part=part,
        place=call.server,
        expected=expected,
        found=found,
    )
