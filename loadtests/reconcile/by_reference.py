"""Second merge, by number and part: what must have arrived against what was handed over and received.

Telegrams of one person and sender share a number and are told apart by their place in its order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.book import Book
from loadtests.reconcile.by_request import STATES, Answer, Expected, Record
from loadtests.reconcile.findings import Finding, Witness
from loadtests.reconcile.states import judge_states

_ARRIVALS = (Kind.STORED, Kind.RECEIVED)


def judge_reference(records: Sequence[Record], setting: Setting, book: Book) -> None:
    """Judge all records of one number and part."""
    facts = [record for record in records if isinstance(record, Fact)]
    answers = [record for record in records if isinstance(record, Answer)]
    if answers or records[0].part.startswith(STATES):
        judge_states(facts, answers, setting, book)
        return
    ended = {fact.town for fact in facts if fact.kind is Kind.ENDED}
    facts = [fact for fact in facts if fact.kind is not Kind.ENDED]
    expected = [record for record in records if isinstance(record, Expected)]
    expected += _sent(facts)
    by_number: dict[int, tuple[list[Expected], list[Fact]]] = defaultdict(lambda: ([], []))
    for own in expected:
        by_number[own.number][0].append(own)
    for fact in facts:
        if fact.kind is not Kind.SENT:
            by_number[fact.number][1].append(fact)
    for _, (wanted, happened) in sorted(by_number.items()):
        _judge_one(wanted, happened, ended, setting, book)
    _order(facts, book)


def _sent(facts: Iterable[Fact]) -> list[Expected]:
    """What towns handed in to the relay; of a telegram that was sent again the newest edition counts."""
    sent = sorted(
        (fact for fact in facts if fact.kind is Kind.SENT), key=lambda fact: (fact.edition, fact.at, fact.seq)
    )
    newest = {fact.number: fact for fact in sent}
    return [
        Expected(
            fact.reference,
            fact.part,
            fact.town,
            fact.at,
            accepted=True,
            request=fact.request,
            owner=fact.owner,
            digest=fact.digest,
            members=fact.members,
            number=fact.number,
            edition=fact.edition,
        )
        for fact in newest.values()
    ]


def _judge_one(
    wanted: Sequence[Expected], happened: Sequence[Fact], ended: Collection[str], setting: Setting, book: Book
) -> None:
    if not wanted:
        if happened:
            book.checked[Finding.UNEXPECTED] += 1
            first = min(happened, key=lambda fact: (fact.at, fact.seq))
            book.found(_at_fact(Finding.UNEXPECTED, first))
        return
    places = {own.place for own in wanted}
    book.checked[Finding.MISROUTED] += len(wanted)
    book.checked[Finding.DUPLICATED] += len(wanted)
    strays = {fact.town: fact for fact in happened if fact.town not in places}
    for fact in strays.values():
        book.found(_about(Finding.MISROUTED, wanted[0], fact.at, found=fact.town))
    here = [fact for fact in happened if fact.town in places]
    missing = _matched(wanted, [fact for fact in here if fact.kind in _ARRIVALS], here, setting, book)
    for own in missing[len(strays) :]:
        if own.place not in ended:  # what was taken back in time is not handed over, and that is right
            _undelivered(own, setting, book)
    _repetitions(wanted, here, book)


def _matched(
    wanted: Sequence[Expected], arrived: Sequence[Fact], happened: Sequence[Fact], setting: Setting, book: Book
) -> list[Expected]:
    """Match what is wanted with what arrived where it belongs; return what did not arrive at all."""
    own_digests = {own.digest for own in wanted}
    newest = max(own.edition for own in wanted)
    # An edition that was replaced since may have arrived too; its document is not at hand any more.
    foreign = [fact for fact in happened if fact.digest and fact.digest not in own_digests and fact.edition == newest]
    foreign.sort(key=lambda fact: (fact.kind not in _ARRIVALS, fact.at, fact.seq))
    missing = []
    for own in wanted:
        same = [fact for fact in arrived if fact.town == own.place and fact.digest == own.digest]
        other = next((fact for fact in foreign if fact.town == own.place), None)
        if same:
            _judge_arrival(own, same, setting, book)
        if other is not None:
            foreign = [fact for fact in foreign if (fact.digest, fact.town) != (other.digest, other.town)]
            _judge_changed(own, other, book)
        elif not same:
            missing.append(own)
    return missing


def _judge_arrival(own: Expected, same: Sequence[Fact], setting: Setting, book: Book) -> None:
    """The document is the one that was sent: is it whole, in time, and its owner's."""
    first = min(same, key=lambda fact: (fact.at, fact.seq))
    for finding in (Finding.LOST, Finding.STUCK, Finding.LATE):
        book.checked[finding] += own.accepted
    book.checked[Finding.CORRUPTED] += 1
    if own.accepted and own.part != "stored":
        (book.telegram if own.part == "telegram" else book.delivered).record(first.at - own.since)
    stranger = next((fact for fact in same if own.owner and fact.owner and fact.owner != own.owner), None)
    partial = next((fact for fact in same if own.members and fact.members and fact.members != own.members), None)
    if stranger is not None:
        book.found(_about(Finding.CROSSTALK, own, stranger.at, expected=own.owner, found=stranger.owner))
    elif partial is not None:
        book.found(_about(Finding.CORRUPTED, own, partial.at, expected=str(own.members), found=str(partial.members)))
    if own.accepted and first.at - own.since > setting.late_after:
        book.found(_about(Finding.LATE, own, first.at, found=f"{(first.at - own.since) / 1e6:.0f} s"))


def _judge_changed(own: Expected, other: Fact, book: Book) -> None:
    """Something else lies where the document belongs: somebody else's, or not what was sent."""
    for finding in (Finding.LOST, Finding.STUCK, Finding.CORRUPTED):
        book.checked[finding] += 1
    if own.owner and other.owner and own.owner != other.owner:
        book.found(_about(Finding.CROSSTALK, own, other.at, expected=own.owner, found=other.owner))
    else:
        book.found(_about(Finding.CORRUPTED, own, other.at, expected=own.digest, found=other.digest))


def _undelivered(own: Expected, setting: Setting, book: Book) -> None:
    if not own.accepted:
        return
    book.checked[Finding.LOST] += 1
    book.checked[Finding.STUCK] += 1
    drained = setting.drained.get(own.place)
    lost = drained is not None and drained >= own.since
    book.found(_about(Finding.LOST if lost else Finding.STUCK, own, own.since, expected=own.place))


def _repetitions(wanted: Sequence[Expected], happened: Iterable[Fact], book: Book) -> None:
    """Without a label each of the wanted may be handed over once, and arrive once, in each of its editions."""
    allowed = Counter(own.place for own in wanted)
    unlabelled: Counter[tuple[Kind, str, str, int]] = Counter()
    last: dict[str, Fact] = {}
    for fact in happened:
        if not fact.repeated:
            source = fact.server if fact.kind is Kind.RECEIVED else ""
            unlabelled[fact.kind, fact.town, source, fact.edition] += 1
            last[fact.town] = fact
    twice = {town: count for (_, town, _, _), count in sorted(unlabelled.items()) if count > allowed[town]}
    for town, count in twice.items():
        own = next(own for own in wanted if own.place == town)
        book.found(_about(Finding.DUPLICATED, own, last[town].at, expected=str(allowed[town]), found=str(count)))


def _order(facts: Iterable[Fact], book: Book) -> None:
    """First deliveries of a person's telegrams come in the order of their numbers."""
    handed = sorted((fact for fact in facts if fact.kind is Kind.HANDED_OVER), key=lambda fact: (fact.at, fact.seq))
    firsts: dict[int, Fact] = {}
    for fact in handed:
        firsts.setdefault(fact.number, fact)
    highest = -1
    for fact in firsts.values():
        book.checked[Finding.OUT_OF_ORDER] += fact.part == "telegram"
        if fact.number < highest:
            book.found(_at_fact(Finding.OUT_OF_ORDER, fact, expected=f"< {highest}", found=str(fact.number)))
            return
        highest = fact.number


def _about(finding: Finding, own: Expected, at: int, *, expected: str = "", found: str = "") -> Witness:
    return Witness(
        finding,
        at,
        reference=own.reference,
        request=own.request,
        application=own.application,
        part=own.part,
        place=own.place,
        expected=expected,
        found=found,
    )


def _at_fact(finding: Finding, fact: Fact, *, expected: str = "", found: str = "") -> Witness:
    return Witness(
        finding,
        fact.at,
        reference=fact.reference,
        request=fact.request,
        part=fact.part,
        place=fact.town,
        expected=expected,
        found=found or fact.kind,
    )
