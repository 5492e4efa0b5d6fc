"""What the servers acknowledged while they were killed, as those who called them noted it; and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.endpoints import Server
from fakes.jlis.tables import APPLICATION as RELAYED
from fakes.jlis.tables import ITEM
from fakes.portal.tables import APPLICATION as FILED
from fakes.store.audit import verify
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from fakes.store.transaction import View
from tests.fakes.clients import DESTINATION, ORIGIN

_FILED = Statement(select(FILED.c.temporary, FILED.c.applicant, FILED.c.reference, FILED.c.digest, FILED.c.state))
_RELAYED = Statement(select(RELAYED.c.reference, RELAYED.c.digest))
_ITEMS = Statement(select(ITEM.c.reference, ITEM.c.municipality, ITEM.c.acknowledged))
_OF_KIND = Statement(
    select(EVENT.c.subject, EVENT.c.municipality, EVENT.c.digest, EVENT.c.body).where(
        EVENT.c.kind == bindparam("wanted")
    )
)
_AT_THE_TOWN = "downloaded"


@dataclass
class Ledger:
    """Everything that was answered with success; `digest` is the SHA-256 of a package.

    Attributes
    ----------
    submitted
        Temporary number → applicant (serial of the card) and digest.
    accepted
        Receipt number → temporary number.
    delivered
        Receipt number and town → labels of the deliveries that came in, whether each said that it is a repetition.
    imported, acknowledged
        Receipt number and town: the ward has it, and the relay knows that.
    repeated
        Calls that had to be made more than once, by server.
    """

    submitted: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    accepted: dict[str, str] = field(default_factory=dict)
    delivered: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    imported: set[tuple[str, str]] = field(default_factory=set)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    repeated: Counter[Server] = field(default_factory=Counter)

    def digest_of(self, receipt: str) -> bytes:
        """Return the digest of the package of an accepted application."""
        return self.submitted[self.accepted[receipt]][1]


@dataclass(frozen=True)
class Found:
    """What a server has of what it acknowledged.

    Attributes
    ----------
    acknowledged
        Answers of success that were looked for.
    lost
        Those of which the store knows nothing, or something else.
    doubled
        What happened again without being labelled as a repetition.
    """

    acknowledged: int
    lost: int
    doubled: int
    whole: bool
    """Whether the audit chain is."""


def reconcile(ledger: Ledger, places: dict[Server, Place]) -> dict[Server, Found]:
    """Compare the ledger with the three stores."""
    found = {}
    for server, place in places.items():
        with place.snapshot() as view:
            found[server] = judged(ledger, server, view)
    return found


def judged(ledger: Ledger, server: Server, view: View) -> Found:
    """Compare the ledger with what one store shows."""
    acknowledged, lost, doubled = _JUDGES[server](ledger, view)
    return Found(acknowledged, lost, doubled, verify(view).whole)


def _portal(ledger: Ledger, view: View) -> tuple[int, int, int]:
    """Every applicant files once: a second row of anybody is a double."""
    rows = view.all(_FILED)
    filed = {temporary: (applicant, digest) for temporary, applicant, _, digest, _ in rows}
    receipts = {reference: temporary for temporary, _, reference, _, _ in rows if reference is not None}
    states = {reference: state for _, _, reference, _, state in rows if reference is not None}
    lost = sum(filed.get(temporary) != told for temporary, told in ledger.submitted.items())
    lost += sum(receipts.get(receipt) != temporary for receipt, temporary in ledger.accepted.items())
    lost += sum(states.get(receipt) != _AT_THE_TOWN for receipt in _at_origin(ledger))
    doubled = _doubled(applicant for _, applicant, *_ in rows)
    return len(ledger.submitted) + len(ledger.accepted) + len(_at_origin(ledger)), lost, doubled


def _at_origin(ledger: Ledger) -> set[str]:
    """Return what the town that decides has acknowledged: its applicants are to learn it."""
    return {receipt for receipt, town in ledger.acknowledged if town == ORIGIN}


def _relay(ledger: Ledger, view: View) -> tuple[int, int, int]:
    relayed: dict[str, bytes] = dict(view.all(_RELAYED))
    items = {(reference, town): acknowledged for reference, town, acknowledged in view.all(_ITEMS)}
    expected = {(receipt, town) for receipt in ledger.accepted for town in (ORIGIN, DESTINATION)}
    lost = sum(relayed.get(receipt) != ledger.digest_of(receipt) for receipt in ledger.accepted)
    lost += len(expected - items.keys())
    lost += sum(items.get(one) is None for one in ledger.acknowledged)
    doubled = _doubled(subject for subject, *_ in view.all(_OF_KIND, wanted="relayed"))
    doubled += _doubled(
        (subject, town)
        for subject, town, _, body in view.all(_OF_KIND, wanted="delivered")
        if not msgspec.json.decode(body)["redelivered"]
    )
    doubled += sum(max(0, labels.count(False) - 1) for labels in ledger.delivered.values())
    return len(expected) + len(ledger.acknowledged), lost, doubled


def _ward(ledger: Ledger, view: View) -> tuple[int, int, int]:
    rows = view.all(_OF_KIND, wanted="application-imported")
    imported = {(subject, town): digest for subject, town, digest, _ in rows}
    lost = sum(imported.get(one) != ledger.digest_of(one[0]) for one in ledger.imported)
    return len(ledger.imported), lost, _doubled((subject, town) for subject, town, *_ in rows)


def _doubled(happened: Iterable[Hashable]) -> int:
    """Return how many of these happened once too often."""
    return sum(count - 1 for count in Counter(happened).values())


_JUDGES: Final = {Server.PORTAL: _portal, Server.JLIS: _relay, Server.WARD: _ward}
