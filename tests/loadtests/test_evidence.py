"""What the servers' logs say as facts: a whole life over real servers reconciles without a finding, and what is changed
in the logs or in the ledger is found.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from fakes.clock import micros_of
from fakes.filing import application_of
from fakes.identifiers import owner_token
from fakes.messages.logs import LoggedEvent
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import AUTHORITY_FILE, listed_peers, write_certificates
from fakes.procedures import city_service_code
from fakes.servers import Server
from fakes.serving.starting import Running, start
from loadtests.errors import LoadError
from loadtests.evidence import Reader, facts_of, spans_of
from loadtests.history import Fact, FaultSpan, Kind, Setting
from loadtests.ledger import AnyLine, Failed, Intent, Ok
from loadtests.reconcile.findings import Finding
from loadtests.serverlogs import ServerLog
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Person, Response
from tests.fakes.conftest import SEED, START, cards_folder, settings_in
from tests.fakes.test_whole_life import LOOK_S, Chain, Clerk, moves_in, moves_out, until
from tests.loadtests.world import findings, reconciled

KEY = "k" * 32
ALL = frozenset(server.value for server in Server)


@dataclass
class Household:
    """An applicant who notes every call in a ledger, as a load generator does."""

    one: Person
    chain: Chain
    began: int
    lines: list[AnyLine] = field(default_factory=list)

    def call(self, name: str, send: Callable[..., Response], **said: Any) -> Response:
        """Send a call and note both its intent and what came of it."""
        request = f"{self.one.household.index}-{len(self.lines)}"
        sent = self.now()
        self.lines.append(Intent(request, 1, "portal", name, sent, sent, owner=said.pop("owner", ""), **said))
        answer = send(X_Request_Id=request, X_Attempt="1")
        if answer.status >= 400:
            self.lines.append(Failed(request, 1, self.now(), answer.status, answer.code))
        else:
            self.lines.append(Ok(request, 1, self.now(), answer.status, **told(answer.result)))
        return answer

    def now(self) -> int:
        return (time.time_ns() - self.began) // 1000

    def file(self, days_ago: int = 3) -> tuple[str, Application]:
        """File a move, sign it, and return the receipt number."""
        moved = START.date().fromordinal(START.date().toordinal() - days_ago)
        household, people = self.one.household, self.one.people
        address = people.address(household.index, DESTINATION, 1)
        application = application_of(household, address, START.date(), moved, START.date())
        package = build_package(application)
        code = city_service_code(ORIGIN, application.procedures[0])
        what = {"digest": hashlib.sha256(package).hexdigest(), "owner": self.owner, "members": len(household.members)}
        submitted = self.call(
            "submit", lambda **headers: self.one.submit(package, code, **headers), parts="stored:portal", **what
        )
        temporary = submitted.result["temporary_reference_number"]
        key = self.chain.cards.signing(household.head, household.address)
        signed = self.call(
            "sign",
            lambda **headers: self.one.sign(temporary, key, **headers),
            parts=f"stored:portal,out:{ORIGIN},visit:{DESTINATION}",
            **what,
        )
        return signed.result["reference_number"], application

    def status(self, receipt: str) -> str:
        path = f"/inquiries/applications/{receipt}"
        answer = self.call(
            "status", lambda **headers: self.one.get(path, **headers), owner=self.owner, reference=receipt
        )
        code: str = answer.result["procedures"][0]["status_code"]
        return code

    @property
    def owner(self) -> str:
        return owner_token(SEED, self.one.card.serial, ORIGIN)


def told(result: Any) -> dict[str, Any]:
    """What of an answer goes into a ledger."""
    reference = result.get("reference_number") or result.get("temporary_reference_number") or ""
    states = [own["status_code"] for own in result.get("procedures", [])]
    return {"reference": reference, "owner": result["owner_token"], "state": states[0] if states else ""}


@dataclass
class Life:
    """A household's move, all the way: what its ledger and the servers' logs say."""

    lines: list[AnyLine]
    facts: list[Fact]
    receipt: str
    people: int
    logs: list[ServerLog]
    zero_us: int

    @property
    def setting(self) -> Setting:
        end = 10**15
        return Setting(1.0, {"portal": end, ORIGIN: end, DESTINATION: end}, ALL, visible_after=1_000_000)

    def of(self, kind: Kind, part: str = "") -> list[Fact]:
        """Facts of a kind about the application, or about the household's people."""
        return [fact for fact in self.facts if fact.kind is kind and part in ("", fact.part)]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("evidence")
    write_certificates(folder)
    began = time.time_ns()
    common = {"certificates": str(folder), "peers": listed_peers(folder), "operator_key": KEY, "began": began}
    with ExitStack() as stack:

        def served(server: Server, **others: Any) -> Running:
            return stack.enter_context(start(settings_in(folder, server, **common, **others)))

        jlis = served(Server.JLIS)
        linked = {"jlis": (jlis.url,), "link_s": LOOK_S, "poll_s": LOOK_S}
        chain = Chain(
            served(Server.PORTAL, **linked),
            [jlis],
            served(Server.WARD, households=5, **linked),
            folder,
            People(SEED, START.date()),
            CardIssuer.load(cards_folder()),
        )
        household = Household(chain.applicant(0), chain, began)
        receipt, application = household.file()
        moved(chain, household, receipt, application)
        urls = {Server.PORTAL: chain.portal.url, Server.JLIS: jlis.url, Server.WARD: chain.ward.url}
        authority = str(folder / AUTHORITY_FILE)
        logs = [ServerLog(server, [url], KEY, authority) for server, url in urls.items()]
        for log in logs:
            stack.callback(log.close)
        facts = list(facts_of(logs, micros_of(START)))
        household.one.close()
        yield Life(household.lines, facts, receipt, len(application.members), logs, micros_of(START))


def moved(chain: Chain, household: Household, receipt: str, application: Application) -> None:
    """Let both towns do what they have to, and the applicant ask meanwhile."""
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    until(lambda: origin.application(receipt) and destination.application(receipt))
    assert household.status(receipt) == "002"
    origin.accept(receipt)
    members = moves_out(chain, origin, receipt, application)
    until(lambda: household.status(receipt) == "003")
    moves_in(destination, household.one, receipt, application, len(members))
    until(lambda: all(origin.resident(number)["removal"] == "confirmed" for number in members))
    origin.close()
    destination.close()


def found(life: Life, folder: Path, lines: list[AnyLine] | None = None, facts: list[Fact] | None = None) -> Any:
    taken = (life.lines if lines is None else lines), (life.facts if facts is None else facts)
    return reconciled(folder, *taken, life.setting)


def test_a_whole_life_reconciles_without_a_finding_and_everything_was_looked_at(life: Life, tmp_path: Path) -> None:
    whole = found(life, tmp_path)
    assert findings(whole) == {}
    looked = {line.finding for line in whole.lines if line.checked}
    assert looked >= {
        *(Finding.LOST, Finding.DUPLICATED, Finding.MISROUTED, Finding.CROSSTALK, Finding.CORRUPTED, Finding.STALE),
        *(Finding.OUT_OF_ORDER, Finding.UNAUDITED, Finding.FALSE_ERROR, Finding.PHANTOM, Finding.LATE),
    }


def test_every_station_of_the_application_and_of_each_telegram_is_told(life: Life) -> None:
    about = [fact for fact in life.facts if fact.reference == life.receipt]
    stations = {(fact.kind, fact.server, fact.part, fact.town) for fact in about if fact.kind is not Kind.STATE}
    assert stations == {
        (Kind.STORED, "portal", "stored", "portal"),
        *((Kind.HANDED_OVER, "jlis", part, town) for part, town in (("out", ORIGIN), ("visit", DESTINATION))),
        *((Kind.RECEIVED, "ward", part, town) for part, town in (("out", ORIGIN), ("visit", DESTINATION))),
    }
    assert len({fact.digest for fact in about if fact.kind is not Kind.STATE}) == 1
    assert {fact.members for fact in about if fact.kind is Kind.RECEIVED} == {life.people}
    codes = [fact.state for fact in about if (fact.kind, fact.server) == (Kind.STATE, "portal")]
    assert (codes[0], codes[-1]) == ("001", "003")
    # Certificate data go one way, notices of the move-in the other; each is sent, handed over and received once.
    for kind in (Kind.SENT, Kind.HANDED_OVER, Kind.RECEIVED):
        towns = [fact.town for fact in life.of(kind, "telegram")]
        assert sorted(towns) == sorted([DESTINATION] * life.people + [ORIGIN] * life.people)
    lines = {kind: sorted((f.reference, f.number, f.digest) for f in life.of(kind, "telegram")) for kind in Kind}
    assert lines[Kind.SENT] == lines[Kind.HANDED_OVER] == lines[Kind.RECEIVED]


def test_every_call_of_the_applicant_was_seen_once_and_audited(life: Life) -> None:
    asked = sorted(line.request for line in life.lines if isinstance(line, Intent))
    for kind in (Kind.SEEN, Kind.AUDITED):
        assert sorted(fact.request for fact in life.of(kind) if fact.request in asked) == asked


Spoil = Callable[[Life], list[Fact]]


def without(kind: Kind, part: str) -> Spoil:
    def spoil(life: Life) -> list[Fact]:
        first = life.of(kind, part)[0]
        gone = (first.reference, first.part, first.number)
        kinds = (Kind.HANDED_OVER, Kind.RECEIVED) if kind is not Kind.AUDITED else (kind,)
        return [
            fact
            for fact in life.facts
            if not (fact.kind in kinds and (fact.reference, fact.part, fact.number) == gone and _same(fact, first))
        ]

    return spoil


def _same(fact: Fact, first: Fact) -> bool:
    return fact.kind is not Kind.AUDITED or fact.request == first.request


def changed(kind: Kind, part: str, **others: Any) -> Spoil:
    def spoil(life: Life) -> list[Fact]:
        own = life.of(kind, part)[0]
        return [replace(fact, **others) if fact is own else fact for fact in life.facts]

    return spoil


def twice(kind: Kind, part: str) -> Spoil:
    return lambda life: [*life.facts, replace(life.of(kind, part)[0], seq=10**6)]


@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        (without(Kind.RECEIVED, "out"), Finding.LOST),
        (without(Kind.RECEIVED, "visit"), Finding.LOST),
        (without(Kind.RECEIVED, "telegram"), Finding.LOST),
        (changed(Kind.RECEIVED, "visit", town="990027"), Finding.MISROUTED),
        (changed(Kind.RECEIVED, "out", members=99), Finding.CORRUPTED),
        (changed(Kind.RECEIVED, "out", digest="0" * 64), Finding.CORRUPTED),
        (changed(Kind.RECEIVED, "telegram", digest="0" * 64), Finding.CORRUPTED),
        (changed(Kind.RECEIVED, "out", owner="f" * 32), Finding.CROSSTALK),
        (twice(Kind.HANDED_OVER, "out"), Finding.DUPLICATED),
        (twice(Kind.RECEIVED, "telegram"), Finding.DUPLICATED),
        (twice(Kind.SEEN, ""), Finding.UNAUDITED),
    ],
)
def test_what_is_changed_in_the_logs_is_found_and_nothing_else(
    life: Life, tmp_path: Path, spoil: Spoil, finding: Finding
) -> None:
    facts = spoil(life)
    assert set(findings(found(life, tmp_path, facts=facts))) - {Finding.PHANTOM} == {finding}


def test_an_application_that_no_server_knows_is_lost(life: Life, tmp_path: Path) -> None:
    """The receipt was given out, and nothing of it stands in any log."""
    facts = [fact for fact in life.facts if fact.reference != life.receipt or fact.kind is Kind.STATE]
    assert findings(found(life, tmp_path, facts=facts)) == {Finding.LOST: 3}


def test_an_application_that_ends_before_a_town_has_it_is_told_for_that_town_alone() -> None:
    def told(seq: int, kind: str, town: str, body: bytes) -> list[Fact]:
        event = LoggedEvent(seq, seq, kind, "R1", town, "", "", 1, "", "", "", Raw(body))
        return list(reader.event(Server.JLIS, event))

    reader = Reader(0)
    told(1, "arrived", ORIGIN, b'{"procedures": ["move_out"]}')
    told(2, "arrived", DESTINATION, b'{"procedures": ["move_in_visit"]}')
    told(3, "delivered", ORIGIN, b'{"delivery": 1, "redelivered": false}')
    [state] = told(4, "state-changed", ORIGIN, b'{"state": "in_review"}')
    assert state.kind is Kind.STATE
    *_, ended = told(5, "state-changed", ORIGIN, b'{"state": "withdrawn"}')
    assert (ended.kind, ended.reference, ended.part, ended.town) == (Kind.ENDED, "R1", "visit", DESTINATION)
    assert len(told(6, "state-changed", ORIGIN, b'{"state": "expired"}')) == 1


def test_what_happened_before_a_run_began_is_not_its_own(life: Life) -> None:
    later = life.zero_us + max(fact.at for fact in life.facts) + 1
    kinds = {fact.kind for fact in facts_of(life.logs, later)}
    assert kinds == {Kind.SEEN, Kind.AUDITED}, "who calls early, to log in, may be of this run"


def test_the_faults_that_servers_have_are_told_with_their_times(life: Life) -> None:
    begin, end = life.zero_us, life.zero_us + 3600 * 1_000_000
    assert spans_of(life.logs, begin, end) == ()
    portal = life.logs[0]
    operator = Client(portal._urls[0], {"Authorization": f"Bearer {KEY}"}, portal._context)
    where = {"routes": ["healthz"]}
    until_ten = {"start": "2023-03-01T09:30:00", "end": "2023-03-01T09:45:00"}
    tomorrow = {"start": "2023-03-02T09:30:00", "end": "2023-03-02T09:45:00"}
    for name, window in (("now", until_ten), ("later", tomorrow)):
        fault = {"effect": {"what": "outage"}, "where": where, "id": name, "window": window}
        assert operator.post("/__admin/faults", fault).status == 201
    assert spans_of(life.logs, begin, end) == (FaultSpan("now", "portal", 1800 * 1_000_000, 2700 * 1_000_000),)
    operator.send("POST", "/__admin/reset")
    operator.close()


def test_a_log_without_a_server_behind_it_is_one_clear_message(life: Life) -> None:
    dead = ServerLog(Server.PORTAL, ["http://127.0.0.1:1"], KEY)
    with pytest.raises(LoadError, match="portal"):
        list(facts_of([dead], life.zero_us))


def test_whoever_does_not_have_the_key_is_told_so(life: Life) -> None:
    [url] = life.logs[0]._urls
    assert life.logs[0]._context is not None
    stranger = ServerLog(Server.PORTAL, [url], "guess", "")
    stranger._context = life.logs[0]._context
    with pytest.raises(LoadError, match="401"):
        list(stranger.events())
    stranger.close()
