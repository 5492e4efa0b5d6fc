"""The whole reconciliation: two sorted merges, then a second look at the few witnesses. Memory holds one chunk.

Only what ties the numbers of one application together while logs are read (`loadtests.evidence.Reader`) grows.

ledgers ─► calls ─┐ by request            ┌ by number and part
server logs ──────┴───► expected, answers ┴───► lines with witnesses
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from loadtests.calls import Call, Calls
from loadtests.histogram import Histogram
from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.book import SHOWN, Book
from loadtests.reconcile.by_reference import judge_reference
from loadtests.reconcile.by_request import STATES, Record, judge_request
from loadtests.reconcile.explaining import explained
from loadtests.reconcile.findings import FAULTY, Finding, Line
from loadtests.sorting import CHUNK, ExternalSort

_BY_REQUEST = (Kind.SEEN, Kind.AUDITED, Kind.STORED)


class Reconciliation(Struct, frozen=True):
    """What came out.

    Attributes
    ----------
    lines
        One of every finding, in their order.
    calls, facts
        How many of both were compared.
    delivered, telegram
        How long what arrived was under way, as `loadtests.reconcile.book.Book` says.
    """

    lines: tuple[Line, ...]
    calls: int
    facts: int
    delivered: Histogram = field(default_factory=Histogram)
    telegram: Histogram = field(default_factory=Histogram)

    def __getitem__(self, finding: Finding) -> Line:
        return self.lines[list(Finding).index(finding)]

    @property
    def faulty(self) -> tuple[Line, ...]:
        """Lines that say that data are wrong."""
        return tuple(line for line in self.lines if line.count and line.finding in FAULTY)


def reconcile(
    calls: Calls, facts: Iterable[Fact], setting: Setting, folder: Path, *, chunk: int = CHUNK, shown: int = SHOWN
) -> Reconciliation:
    """Compare what the clients noted with what the servers say.

    Parameters
    ----------
    facts
        Of all servers, in any order; gone through once.
    folder
        Where sorted chunks are kept; the caller removes it.
    chunk, shown
        Records that memory holds at a time; witnesses that are kept of a finding.

    Raises
    ------
    LoadError
        As `loadtests.calls.Calls`: a ledger was damaged.
    """
    book = Book(shown)
    said: ExternalSort[Fact] = ExternalSort(Fact, _request, folder / "facts", chunk)
    records: ExternalSort[Record] = ExternalSort(Record, _reference, folder / "records", chunk)
    heard = sent = 0
    for fact in facts:
        heard += 1
        said.put(fact)
        if fact.kind not in _BY_REQUEST or (fact.kind is Kind.STORED and not fact.request):
            records.put(replace(fact, part=STATES + fact.server) if fact.kind is Kind.STATE else fact)
    asked: Iterator[Call | Fact] = heapq.merge(calls, _asked(said), key=_request)
    for request, group in groupby(asked, key=_request):
        members = list(group)
        own = [member for member in members if isinstance(member, Call)]
        sent += len(own)
        if request:
            judge_request(own, [member for member in members if isinstance(member, Fact)], setting, book, records.put)
    for _, found in groupby(records, key=_reference):
        judge_reference(list(found), setting, book)
    lines = book.lines(explained(book.witnesses, calls, said, setting))
    return Reconciliation(lines, sent, heard, book.delivered, book.telegram)


def _asked(said: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in said if fact.kind in _BY_REQUEST)


def _request(record: Call | Fact) -> str:
    return record.request


def _reference(record: Record) -> tuple[str, str]:
    return record.reference, record.part
