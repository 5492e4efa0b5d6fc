"""A caller of one server: every call is announced, sent once under an id, read, checked to be its asker's, noted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from fakes.endpoints import Endpoint
from fakes.messages.envelope import Refusal, Reply
from fakes.refusals import Code
from loadtests.generator.kinds import kind_of
from loadtests.generator.record import Came, Record
from loadtests.generator.wire import Answer, NoAnswerError, Wire
from loadtests.ledger import Failed, Intent, Ok, Unknown

REQUEST_ID: Final = "X-Request-Id"
ATTEMPT: Final = "X-Attempt"
KEY: Final = "Idempotency-Key"
_MARK: Final = {"X-Test-Data": "synthetic"}
_ELSEWHERE: Final = frozenset({Code.STANDBY.value, Code.STORE_DOWN.value})
"""Refusals of an instance in whose place another one may serve."""
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
"""The server did not do it; it may another time."""


class RefusedError(Exception):
    """A whole answer that says no, where it should have said yes; `str()` is status and code."""


class StrangerError(Exception):
    """An answer of success that belongs to somebody else, or to another question."""


class MalformedError(Exception):
    """An answer that is not what its endpoint gives."""


class Letter(Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes
    ----------
    values, query
        Of the path.
    message
        Sent as JSON.
    form
        Content type and body instead of it.
    application, owner, digest, parts, members, reference
        As in `loadtests.ledger.Intent`.
    refused
        The rules refuse it (a probe).
    allowed
        Codes of refusals that are right answers too: nothing failed then.
    key
        Idempotency key; the request id if empty.
    headers
        Further ones.
    """

    endpoint: Endpoint
    values: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    message: Any = None
    form: tuple[str, bytes] | None = None
    application: str = ""
    owner: str = ""
    digest: str = ""
    parts: str = ""
    members: int = 0
    reference: str = ""
    refused: bool = False
    allowed: frozenset[str] = frozenset()
    key: str = ""
    headers: Mapping[str, str] = {}


class Told(Struct, frozen=True):
    """What came of a call.

    Attributes
    ----------
    came
        As it stands in the ledger.
    result
        Of an answer of success, as the endpoint's type; None for any other, and for a stranger's.
    code
        Of a refusal.
    answer
        The whole answer; None when none came.
    request, attempt
        Under which it was asked.
    """

    came: Came
    request: str
    attempt: int
    result: Any = None
    code: str = ""
    answer: Answer | None = None

    @property
    def done(self) -> bool:
        """Whether it was carried out, and the answer is the asker's."""
        return isinstance(self.came, Ok) and self.result is not None

    @property
    def again(self) -> bool:
        """Whether another try may do it: nobody answered, or the server says that it could not now."""
        return isinstance(self.came, Unknown) or (
            isinstance(self.came, Failed) and self.came.status in _AGAIN and self.code != Code.RULE_CLOSED
        )


Noted = Callable[[Any, Answer], Mapping[str, Any]]
"""What the ledger should hold of an answer of success: fields of `loadtests.ledger.Ok`."""


class Caller:
    """Somebody who calls one server.

    Parameters
    ----------
    server
        Its name in the ledger.
    wires
        Its instances; the next one is asked when one does not answer or does not lead.
    mark
        Beginning of request ids: run and worker.
    headers
        Of every call; may be changed (a token after a login).
    """

    def __init__(
        self, record: Record, server: str, wires: Sequence[Wire], mark: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.headers = {**_MARK, **(headers or {})}
        self._record = record
        self._server = server
        self._wires = wires
        self._mark = mark
        self._current = 0

    def ask(
        self, letter: Letter, due: int | None = None, noted: Noted | None = None, before: Told | None = None
    ) -> Told:
        """Make a call.

        Parameters
        ----------
        due
            When it should go out, real microseconds since the run began; now if not given.
        noted
            What the ledger should hold of its answer.
        before
            The try that this one repeats: same id, same key, next attempt.
        """
        record, endpoint = self._record, letter.endpoint
        request = before.request if before is not None else f"{self._mark}{record.name():x}"
        attempt = before.attempt + 1 if before is not None else 1
        path, headers, body = self._written(letter, request, attempt)
        sent = record.clock.now()
        intent = Intent(
            request,
            attempt,
            self._server,
            kind_of(endpoint),
            sent if due is None else due,
            sent,
            letter.application,
            letter.owner,
            letter.digest,
            letter.parts,
            letter.members,
            letter.reference,
            letter.refused,
            letter.key if letter.refused else "",
        )
        record.announce(intent)
        place = self._current
        answer: Answer | None = None
        try:
            answer = self._wires[place].send(endpoint.method, path, headers, body)
        except NoAnswerError as lost:
            self._turn(place)
            told, problem = Told(Unknown(request, attempt, record.clock.now(), str(lost)), request, attempt), lost
            return self._noted(intent, told, problem)
        told, found = self._read(letter, intent, answer, record.clock.now(), noted)
        if told.code in _ELSEWHERE:
            self._turn(place)
        return self._noted(intent, told, found)

    def _noted(self, intent: Intent, told: Told, problem: Exception | None) -> Told:
        size = len(told.answer.body) if told.answer is not None else 0
        self._record.ended(intent, told.came, kind=intent.call, method=self._server, size=size, problem=problem)
        if isinstance(problem, StrangerError):
            self._record.strangers += 1
        return told

    def _written(self, letter: Letter, request: str, attempt: int) -> tuple[str, dict[str, str], bytes]:
        endpoint = letter.endpoint
        path = endpoint.path.format(**letter.values) if letter.values else endpoint.path
        if letter.query:
            path = f"{path}?{urlencode(letter.query)}"
        headers = {**self.headers, **letter.headers, REQUEST_ID: request, ATTEMPT: str(attempt)}
        if endpoint.changes:
            headers[KEY] = letter.key or request
        body = b""
        if letter.form is not None:
            headers["Content-Type"], body = letter.form
        elif letter.message is not None:
            headers["Content-Type"], body = "application/json", msgspec.json.encode(letter.message)
        return path, headers, body

    def _read(
        self, letter: Letter, intent: Intent, answer: Answer, end: int, noted: Noted | None
    ) -> tuple[Told, Exception | None]:
        """Return what an answer says, and what is wrong with it."""
        request, attempt = intent.request, intent.attempt
        own = answer.headers.get("x-request-id") == request
        if answer.status >= 400:
            code = _code_of(answer.body)
            told = Told(Failed(request, attempt, end, answer.status, code), request, attempt, None, code, answer)
            if not own:
                return told, StrangerError(f"{letter.endpoint.name} {answer.status}")
            right = letter.refused or code in letter.allowed
            return told, None if right else RefusedError(f"{answer.status} {code}")
        try:
            result = _result_of(letter.endpoint, answer)
        except msgspec.MsgspecError as problem:
            told = Told(Unknown(request, attempt, end, f"malformed: {problem}"), request, attempt, None, "", answer)
            return told, MalformedError(f"{letter.endpoint.name}: {problem}")
        owner = getattr(result, "owner_token", "") or answer.headers.get("x-owner-token", "")
        held: dict[str, Any] = {"owner": owner, **(noted(result, answer) if noted is not None else {})}
        if attempt > 1 and letter.endpoint.changes:
            held.pop("state", None)  # it may be the stored answer, which says what was true then
        ok = Ok(request, attempt, end, answer.status, **held)
        if not own or (letter.owner and owner and letter.owner != owner):
            return Told(ok, request, attempt, None, "", answer), StrangerError(letter.endpoint.name)
        problem_of_probe = RefusedError(f"{answer.status} where a refusal is right") if letter.refused else None
        return Told(ok, request, attempt, result, "", answer), problem_of_probe

    def _turn(self, place: int) -> None:
        """Use the next address, unless another call has turned already."""
        if place == self._current:
            self._current = (place + 1) % len(self._wires)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a document, hexadecimal, as the servers' logs have it."""
    return hashlib.sha256(content).hexdigest()


def _code_of(body: bytes) -> str:
    try:
        return _REFUSAL.decode(body).errors[0].code
    except (msgspec.MsgspecError, IndexError):
        return ""


def _result_of(endpoint: Endpoint, answer: Answer) -> Any:
    """Return the result of an answer of success; the bytes, where it is no JSON."""
    kind = endpoint.answers.get(answer.status)
    if kind is None:
        return answer.body
    return _decoder(kind, endpoint.bare).decode(answer.body) if endpoint.bare else _enveloped(kind, answer.body)


def _enveloped(kind: Any, body: bytes) -> Any:
    return _decoder(kind, False).decode(body).result


@cache
def _decoder(kind: Any, bare: bool) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind if bare else Reply[kind])


_REFUSAL: Final = msgspec.json.Decoder(Refusal)
