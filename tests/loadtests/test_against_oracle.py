"""Reconciliation in bounded memory finds exactly what comparing every record with every other finds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from loadtests.calls import Calls
from loadtests.history import Fact, Kind
from loadtests.ledger import AnyLine, Failed, Intent, Ledger, Ok, Opened, Unknown
from loadtests.reconcile.findings import Finding, Witness
from loadtests.reconcile.reconciliation import reconcile
from tests.loadtests.oracle import Case, cases
from tests.loadtests.world import DRAINED, SECOND, SETTING, TOWNS, random_of, world

BY_REQUEST = (Finding.PHANTOM, Finding.UNAUDITED, Finding.FALSE_ERROR, Finding.RECOVERED)
UNDRAINED = replace(SETTING, drained={"portal": DRAINED, TOWNS[0]: DRAINED})


def spoil_facts(facts: list[Fact], random: Random) -> list[Fact]:
    """Do one random wrong to what servers say."""
    place = random.randrange(len(facts))
    own = facts[place]
    ways = [
        [],
        [own, replace(own, seq=10**6 + place)],
        [own, replace(own, seq=10**6 + place, repeated=True)],
        [replace(own, repeated=not own.repeated)],
        [replace(own, at=max(0, own.at + random.randint(-4 * 3600, 4 * 3600) * SECOND))],
    ]
    if own.kind not in (Kind.SEEN, Kind.AUDITED, Kind.STATE):
        ways += [
            [replace(own, digest=random.choice(facts).digest)],
            [replace(own, owner="stranger")],
            [replace(own, reference=random.choice(facts).reference)],
            [replace(own, members=own.members + 1)],
        ]
    if own.kind in (Kind.HANDED_OVER, Kind.RECEIVED):
        ways.append([replace(own, town=random.choice(TOWNS))])
    if own.kind is Kind.STORED:
        ways.append([replace(own, fault="a fault")])
    return [*facts[:place], *random.choice(ways), *facts[place + 1 :]]


def spoil_lines(lines: list[AnyLine], random: Random) -> list[AnyLine]:
    """Do one random wrong to what clients noted."""
    place = random.randrange(len(lines))
    own = lines[place]
    changed: AnyLine | None = own
    if isinstance(own, Intent):
        changed = replace(own, refused=not own.refused) if not own.parts else own
    elif isinstance(own, Ok):
        changed = random.choice(
            (
                None,
                Failed(own.request, own.attempt, own.end, 500),
                Unknown(own.request, own.attempt, own.end),
                replace(own, owner="stranger"),
                replace(own, state=random.choice(("accepted", "arrived", "rejected"))) if own.state else own,
            )
        )
    return [*lines[:place], *([] if changed is None else [changed]), *lines[place + 1 :]]


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 8), st.integers(0, 4), st.booleans())
def test_every_case_is_found_and_only_those(
    seed: int, filings: int, wrong_facts: int, wrong_lines: int, drained: bool
) -> None:
    random = random_of(seed)
    made = world(seed, filings)
    lines: list[AnyLine] = [line for _, line in sorted(made.lines, key=lambda own: own[0])]
    facts = made.facts
    for _ in range(wrong_facts):
        facts = spoil_facts(facts, random) if facts else facts
    for _ in range(wrong_lines):
        lines = spoil_lines(lines, random) if lines else lines
    random.shuffle(facts)
    setting = SETTING if drained else UNDRAINED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Ledger(folder / "ledger", Opened("run", "hash", 0, 1)) as ledger:
            for line in lines:
                ledger.write(line)
        calls = Calls([folder / "ledger"], folder / "calls", chunk=5)
        found = reconcile(calls, facts, setting, folder, chunk=5, shown=10**6)
        expected = cases(list(calls), facts, setting)
    assert {_named(witness) for line in found.lines for witness in line.witnesses} == expected


def _named(witness: Witness) -> Case:
    """Return what a witness is about as the oracle says it."""
    of_request = witness.finding in BY_REQUEST or (witness.request and witness.place == "portal" and not witness.part)
    about = witness.request if of_request or _once(witness.finding, witness.found) else witness.reference
    return witness.finding, about, witness.part


def _once(finding: Finding, found: str) -> bool:
    """Whether it is about one request that was carried out under several numbers."""
    return finding is Finding.DUPLICATED and ", " in found
