"""How an answer is put together: the envelope around a result, the envelope of a refusal, and what is not JSON."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from msgspec import UNSET

from fakes.messages.answer import Answer, Header
from fakes.messages.envelope import Link, Links, Metadata, Problem, Refusal
from fakes.refusals import RefusedError
from texts import Lang, say

RETRY_AFTER_S: Final = 1
"""When a busy server may be asked again, unless the refusal says it (`retry_after`)."""

_encode = msgspec.json.Encoder().encode
_NO_TOKEN = 401
_TOO_MANY = 429
_UNAVAILABLE = 503


class Reason:
    """Why a call cannot be read, as a sentence of the catalogue: `fakes.reason.<name>`."""

    __slots__ = ("_name", "_values")

    def __init__(self, name: str, **values: object) -> None:
        self._name = name
        self._values = values

    def reason(self, lang: Lang) -> str:
        """Say it."""
        return say(f"fakes.reason.{self._name}", lang, **self._values)


def reply(
    result: Any,
    path: str,
    lang: Lang,
    *,
    status: int = 200,
    reference: str = "",
    access_key: str = "",
    headers: tuple[Header, ...] = (),
) -> Answer:
    """Return an answer of success: `result` in the envelope.

    Parameters
    ----------
    path
        Of the call, for `_links.self`.
    reference
        Path under which what was made can be asked for.
    access_key
        Given by a login.
    """
    links = Links(Link(path), Link(reference)) if reference else Links(Link(path))
    if access_key:
        done = _done(lang)
        metadata: Any = Metadata(done.title, done.detail, access_key)
    else:
        metadata = _done_bytes(lang)
    return Answer(status, _encode({"metadata": metadata, "_links": links, "result": result}), headers=headers)


def bare(result: Any, *, headers: tuple[Header, ...] = ()) -> Answer:
    """Return an answer of success without the envelope, as a standard of its own wants it."""
    return Answer(200, _encode(result), headers=headers)


def nothing(status: int = 204) -> Answer:
    """Return an answer without a body."""
    return Answer(status, content_type=b"")


def document(content: bytes, media: str, *, headers: tuple[Header, ...] = ()) -> Answer:
    """Return a file."""
    return Answer(200, content, media.encode(), headers)


def refusal(refused: RefusedError, path: str, lang: Lang) -> Answer:
    """Return the answer of a refusal."""
    status = refused.status
    problem = Problem(refused.code.value, refused.message(lang))
    named = refused.values.get("oauth")
    body = _encode(
        Refusal(_title(status, lang), problem.message, Links(Link(path)), [problem], str(named) if named else UNSET)
    )
    headers: tuple[Header, ...] = ()
    if status in {_TOO_MANY, _UNAVAILABLE}:
        headers = ((b"retry-after", str(refused.values.get("retry_after", RETRY_AFTER_S)).encode()),)
    elif status == _NO_TOKEN:
        headers = ((b"www-authenticate", b"Bearer"),)
    if allowed := refused.values.get("allow"):
        headers = (*headers, (b"allow", str(allowed).encode()))
    return Answer(status, body, headers=headers, code=refused.code.value)


def _title(status: int, lang: Lang) -> str:
    if status == _NO_TOKEN:
        return say("fakes.answer.token", lang)
    if status == _UNAVAILABLE:
        return say("fakes.answer.unexpected", lang)
    return say("fakes.answer.refused", lang)


@cache
def _done(lang: Lang) -> Metadata:
    return Metadata(say("fakes.answer.title", lang), say("fakes.answer.done", lang))


@cache
def _done_bytes(lang: Lang) -> msgspec.Raw:
    return msgspec.Raw(_encode(_done(lang)))
