"""A call on its way: whatever becomes of it, it gets one answer and leaves one audit record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import Meta

from fakes.endpoints.endpoint import BodyKind, Caller, Endpoint
from fakes.messages.answer import Answer
from fakes.messages.envelope import Message, Outcome
from fakes.refusals import Code
from fakes.servers import Server
from fakes.store.databases import Place
from fakes.store.store import Store
from fakes.store.unit import Decide, Decision
from fakes.web.answers import reply
from fakes.web.authentication import Authentication, Peer
from fakes.web.core import Core, Handlers, Reading
from fakes.web.phases import ConnectionCutError, Effect, Injection
from fakes.web.rates import Rates
from fakes.web.request import Request, WebCall
from fakes.web.tokens import Token, Tokens
from tests.fakes.store.little import ALL, PROJECTIONS, place_in, view_of, with_store, write
from tests.fakes.store.test_event_store import AUDITS


class Note(Message):
    name: Annotated[str, Meta(min_length=1, max_length=20)]


class Noted(Outcome):
    name: str


WRITE = Endpoint(
    Server.PORTAL, "write", "POST", "/notes", Caller.PEER, "", BodyKind.JSON, Note, {200: Noted}, changes=True,
    synthetic=True, authority="",
)  # fmt: skip
LIST = Endpoint(Server.PORTAL, "list", "GET", "/notes", Caller.ANYBODY, "", answers={200: Noted})
STAFF = Endpoint(Server.PORTAL, "staff", "GET", "/staff/{id}", Caller.STAFF, "", authority="residents")
FAIL = Endpoint(Server.PORTAL, "fail", "GET", "/fail", Caller.ANYBODY, "")
KEYED = Endpoint(Server.PORTAL, "keyed", "GET", "/keyed", Caller.APPLICANT, "")
PROVIDED = Endpoint(Server.PORTAL, "provided", "GET", "/provided", Caller.PROVIDER, "")
OPERATED = Endpoint(Server.PORTAL, "operated", "GET", "/operated", Caller.OPERATOR, "")
SYSTEM = Endpoint(Server.PORTAL, "system", "GET", "/system", Caller.SYSTEM, "")
ROWS = (WRITE, LIST, STAFF, FAIL, KEYED, PROVIDED, OPERATED, SYSTEM)

HANDLERS: Handlers[None] = Handlers()
TOKENS = Tokens(b"k" * 32)
PEERS = {"town": Peer("town", "131041"), "other": Peer("other", "990019"), "sure": Peer("sure", "131041", "00" * 32)}
NOW = 1_677_600_000_000_000


@HANDLERS.on(WRITE)
async def _write(call: WebCall, _context: None) -> Decide:
    return write(call.message.name, "text")


@HANDLERS.on(LIST)
def _list(call: WebCall, _context: None) -> Reading:
    return Reading(lambda view: Decision(reply(Noted(str(len(view.all(ALL)))), call.request.path, call.lang)))


@HANDLERS.on(FAIL)
def _fail(_call: WebCall, _context: None) -> Answer:
    raise ZeroDivisionError


for _row in (STAFF, KEYED, PROVIDED, OPERATED, SYSTEM):
    HANDLERS.on(_row)(lambda call, _context: reply(Noted(call.actor), call.request.path, call.lang))


class Clock:
    def micros(self) -> int:
        return NOW


class Faults:
    def __init__(self, injection: Injection) -> None:
        self.injection = injection

    def look(self) -> None:
        pass

    def meet(self, _call: WebCall, _under_way: int) -> Injection | None:
        return self.injection

    def behind_s(self, _call: WebCall) -> float:
        return 0.0

    def inside(self, _call: WebCall, _kind: object) -> None:
        pass


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Request:
    named = {key.lower().encode(): value.encode() for key, value in (headers or {}).items()}
    return Request(method, path, b"", named, body, "127.0.0.1")


def posted(name: str, **headers: str) -> Request:
    given = {"X-Peer": "town", "X-Test-Data": "synthetic", "Content-Type": "application/json"}
    given |= {key.replace("_", "-"): value for key, value in headers.items()}
    return request("POST", "/notes", given, json.dumps({"name": name}).encode())


def called(
    folder: Path, *requests: Request, faults: Injection | None = None, rate: float = 0, burst: int = 1
) -> tuple[list[Answer], list[list[Any]]]:
    """Send requests one after the other; return their answers, and all audit records."""
    place = place_in(folder)

    async def use(store: Store) -> list[Answer]:
        injector = Faults(faults) if faults is not None else None
        core = Core(
            *(ROWS, HANDLERS, None, store, Clock(), Authentication(TOKENS, PEERS, "operator"), Rates(rate, burst)),
            injector,
        )
        answers = []
        for one in requests:
            try:
                answers.append(await core.handle(*core.begin(one)))
            except ConnectionCutError:
                answers.append(Answer(0))
        return answers

    return with_store(place, use), [json.loads(record) for (record,) in view_of(place).all(AUDITS)]


def bearer(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS.issue(token)}"}


def test_a_call_is_answered_in_the_envelope_and_leaves_its_record(tmp_path: Path) -> None:
    sent = posted("a", X_Request_Id="r-1", X_Attempt="3")
    [answer], [record] = called(tmp_path, sent)
    assert (answer.status, answer.body) == (200, b"0")
    assert record == [
        1, NOW, "peer:town", "131041", "127.0.0.1", "POST", "write", "a", 200, "", "r-1", 3, "",
    ]  # fmt: skip


def test_a_list_is_read_from_what_is_committed(tmp_path: Path) -> None:
    answers, records = called(tmp_path, posted("a"), request("GET", "/notes"))
    assert json.loads(answers[1].body) == {
        "metadata": {"title": "処理結果", "detail": "処理が完了しました。"},
        "_links": {"self": {"href": "/notes"}},
        "result": {"name": "1"},
    }
    assert [record[6] for record in records] == ["write", "list"]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (request("GET", "/nothing"), 404, Code.NOT_FOUND),
        (request("DELETE", "/notes"), 405, Code.WRONG_METHOD),
        (request("GET", "/staff/../etc"), 404, Code.NOT_FOUND),
        (posted("a", X_Peer="nobody"), 403, Code.UNKNOWN_PEER),
        (posted("a", X_Peer=""), 403, Code.UNKNOWN_PEER),
        (posted("a", X_Test_Data=""), 422, Code.UNMARKED),
        (posted("a", Content_Type="text/plain"), 415, Code.MEDIA_TYPE),
        (posted(""), 400, Code.LENGTH),
        (posted("a", Idempotency_Key=" "), 400, Code.MALFORMED),
        (posted("a", Idempotency_Key="k" * 129), 400, Code.MALFORMED),
        (request("GET", "/fail"), 503, Code.UNEXPECTED),
        (request("GET", "/keyed"), 401, Code.NO_KEY),
        (request("GET", "/keyed", {"X-Access-Key": "short"}), 401, Code.NO_KEY),
        (request("GET", "/keyed", {"X-Access-Key": "x" * 60}), 401, Code.NO_KEY),
        (request("GET", "/staff/1", {"X-Peer": "town"}), 401, Code.NOT_AUTHENTICATED),
        (request("GET", "/operated", {"Authorization": "Bearer guess"}), 401, Code.NOT_AUTHENTICATED),
        (request("GET", "/system"), 401, Code.NOT_AUTHENTICATED),
    ],
)
def test_every_refusal_has_its_code_changes_nothing_and_leaves_one_record(
    tmp_path: Path, sent: Request, status: int, code: Code
) -> None:
    [answer], [record] = called(tmp_path, sent)
    if code == Code.NO_KEY and sent.headers.get(b"x-access-key") == b"short":
        code = Code.KEY_FORMAT
    assert (answer.status, answer.code) == (status, code)
    body = json.loads(answer.body)
    assert body["errors"][0]["code"] == code
    assert body.keys() == {"title", "detail", "_links", "errors"}
    assert record[8:10] == [status, code]


def test_staff_need_the_certificate_of_their_own_town_and_authority(tmp_path: Path) -> None:
    token = Token("staff", "s-1", "131041", ("residents",), NOW + 1, "n")
    other = Token("staff", "s-2", "131041", ("insurance",), NOW + 1, "n")
    answers, _ = called(
        tmp_path,
        request("GET", "/staff/1", {"X-Peer": "town", **bearer(token)}),
        request("GET", "/staff/1", {"X-Peer": "other", **bearer(token)}),
        request("GET", "/staff/1", {"X-Peer": "town", **bearer(other)}),
        request("GET", "/staff/1", {"X-Peer": "town", **bearer(Token("staff", "s", "131041", (), NOW, "n"))}),
    )
    assert [answer.code for answer in answers] == ["", Code.NOT_ALLOWED, Code.NOT_ALLOWED, Code.NOT_AUTHENTICATED]
    assert json.loads(answers[0].body)["result"]["name"] == "staff:131041:s-1"


def test_a_provider_names_itself_and_an_applicant_needs_not(tmp_path: Path) -> None:
    key = {"X-Access-Key": TOKENS.issue(Token("provider", "p", "", (), NOW + 1, "n"))}
    card = {"X-Access-Key": TOKENS.issue(Token("applicant", "TEST1", "", (), NOW + 1, "n"))}
    answers, _ = called(
        tmp_path,
        request("GET", "/provided", {**key, "X-Provider-Id": "p"}),
        request("GET", "/provided", {**key, "X-Provider-Id": "q"}),
        request("GET", "/provided", card),
        request("GET", "/keyed", key),
        request("GET", "/keyed", card),
    )
    assert [answer.status for answer in answers] == [200, 401, 401, 200, 200]


def test_an_operator_and_a_system_are_known_by_their_bearer_tokens(tmp_path: Path) -> None:
    system = Token("system", "client", "131041", (), NOW + 1, "n")
    answers, _ = called(
        tmp_path,
        request("GET", "/operated", {"Authorization": "Bearer operator"}),
        request("GET", "/system", bearer(system)),
    )
    assert [answer.status for answer in answers] == [200, 200]


def test_with_a_certificate_or_tls_a_header_names_nobody(tmp_path: Path) -> None:
    encrypted, strange = posted("a"), posted("b")
    encrypted.encrypted = True
    strange.certificate = b"not on the list"
    answers, _ = called(tmp_path, encrypted, strange)
    assert [answer.code for answer in answers] == [Code.UNKNOWN_PEER] * 2


def test_the_same_key_is_answered_again_and_another_body_refused(tmp_path: Path) -> None:
    answers, records = called(
        tmp_path,
        posted("a", Idempotency_Key="k"),
        posted("a", Idempotency_Key="k"),
        posted("b", Idempotency_Key="k"),
        posted("b", Idempotency_Key="k", X_Peer="other"),
    )
    assert [answer.status for answer in answers] == [200, 200, 409, 200]
    assert answers[1].headers == ((b"idempotent-replay", b"true"),)
    assert len(records) == 4


def test_too_many_calls_of_one_caller_are_refused_and_others_served(tmp_path: Path) -> None:
    sent = [posted("a"), posted("b"), posted("c", X_Peer="other")]
    answers, records = called(tmp_path, *sent, rate=0.001)
    assert [answer.status for answer in answers] == [200, 429, 200]
    assert answers[1].headers == ((b"retry-after", b"1"),)
    assert [record[8] for record in records] == [200, 429, 200]


def test_guesses_at_keys_count_for_the_address(tmp_path: Path) -> None:
    guess = request("GET", "/keyed", {"X-Access-Key": "x" * 60})
    answers, _ = called(tmp_path, guess, guess, rate=0.001)
    assert [answer.status for answer in answers] == [401, 429]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("my-id", True),
        ("0f8fad5b-d9cb-469f-a165-123456789012", True),
        ("123456789018", False),
        ("id 1", False),
        ("x" * 65, False),
        ("", False),
    ],
)
def test_a_request_id_is_kept_unless_it_could_hide_a_number(tmp_path: Path, given: str, kept: bool) -> None:
    _, [record] = called(tmp_path, request("GET", "/notes", {"X-Request-Id": given}))
    assert (record[10] == given) is kept
    assert "123456789018" not in str(record)


def test_a_number_in_a_path_is_not_written_down(tmp_path: Path) -> None:
    _, [record] = called(tmp_path, request("GET", "/residents/123456789018"))
    assert record[6] == "/residents/************"


def test_refusals_are_said_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    answers, _ = called(tmp_path, request("GET", "/nothing"), request("GET", "/nothing", {"Accept-Language": "en-GB"}))
    assert [json.loads(answer.body)["title"] for answer in answers] == [
        "エラーが発生しました。", "An error occurred.",
    ]  # fmt: skip


def test_a_fault_before_the_handler_lets_nothing_happen_and_stands_in_the_record(tmp_path: Path) -> None:
    fault = Injection("f-1", before=Effect(answer=Answer(503, b"down", code="fault")))
    [answer], [record] = called(tmp_path, posted("a"), faults=fault)
    assert (answer.status, answer.body) == (503, b"down")
    assert record[8:] == [503, "fault", record[10], 1, "f-1"]
    assert view_of(place_of(tmp_path)).all(ALL) == []


def test_a_connection_that_a_fault_cuts_before_the_handler_leaves_a_record(tmp_path: Path) -> None:
    [answer], [record] = called(tmp_path, posted("a"), faults=Injection("f-2", before=Effect(reset=True)))
    assert answer.status == 0
    assert record[8:] == [0, "cut", record[10], 1, "f-2"]


def test_a_fault_after_the_commit_hides_what_has_happened(tmp_path: Path) -> None:
    fault = Injection("f-3", committed=Effect(answer=Answer(500, b"lost")))
    [answer], [record] = called(tmp_path, posted("a"), faults=fault)
    assert answer.body == b"lost"
    assert record[8:] == [200, "", record[10], 1, "f-3"]
    assert len(view_of(place_of(tmp_path)).all(ALL)) == 1


def place_of(folder: Path) -> Place:
    return Place(f"sqlite:///{folder / 'little.db'}", "little")


def test_an_endpoint_without_a_handler_is_an_error_of_the_program(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        with pytest.raises(KeyError):
            Core(ROWS, Handlers(), None, store, Clock(), Authentication(TOKENS, PEERS), Rates(0, 1))

    with_store(place_in(tmp_path), use)


def test_a_second_handler_or_endpoint_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        HANDLERS.on(WRITE)(_write)
    with pytest.raises(ValueError, match="two handlers"):
        HANDLERS.include(HANDLERS)
    assert PROJECTIONS.kinds() == {"written"}
