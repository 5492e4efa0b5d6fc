"""What is sent becomes a checked message, or one refusal that names the item."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta

from fakes.endpoints.endpoint import BodyKind, Caller, Endpoint
from fakes.messages.envelope import Message
from fakes.refusals import Code, RefusedError
from fakes.servers import Server
from fakes.web.reading import read_message
from fakes.web.request import Request


class Inner(Message):
    flag: Annotated[str, Meta(min_length=1, max_length=1, pattern="^[01]$")]


class Asked(Message):
    number: Annotated[str, Meta(min_length=3, max_length=3, pattern="^[0-9]{3}$")]
    name: Annotated[str, Meta(max_length=4)] = ""
    count: int = 1
    inner: Inner | None = None


def read(kind: BodyKind, body: bytes, content_type: str | None = None) -> object:
    endpoint = Endpoint(Server.PORTAL, "asked", "POST", "/asked", Caller.ANYBODY, "", kind, Asked)
    headers = {b"content-type": (kind.value if content_type is None else content_type).encode()}
    query, sent = (body, b"") if kind is BodyKind.QUERY else (b"", body)
    return read_message(endpoint, Request("POST", "/asked", query, headers, sent))


def refusal(kind: BodyKind, body: bytes, content_type: str | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        read(kind, body, content_type)
    assert refused.value.message("ja")
    return refused.value


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (BodyKind.JSON, b'{"number":"123","count":2}'),
        (BodyKind.FORM, b"number=123&count=2"),
        (BodyKind.QUERY, b"number=123&count=2"),
    ],
)
def test_the_same_message_comes_by_json_form_or_query(kind: BodyKind, body: bytes) -> None:
    assert read(kind, body) == Asked("123", count=2)


def test_an_endpoint_without_a_message_reads_nothing() -> None:
    endpoint = Endpoint(Server.PORTAL, "asked", "GET", "/asked", Caller.ANYBODY, "")
    assert read_message(endpoint, Request("GET", "/asked", b"?", {}, b"?")) is None


@pytest.mark.parametrize(
    ("body", "code", "item"),
    [
        (b"{}", Code.REQUIRED, "number"),
        (b'{"number":"12"}', Code.LENGTH, "number"),
        (b'{"number":"1234"}', Code.TOO_LONG, "number"),
        (b'{"number":"12x"}', Code.CHARACTERS, "number"),
        (b'{"number":"123","name":"12345"}', Code.TOO_LONG, "name"),
        (b'{"number":"123","inner":{}}', Code.REQUIRED, "inner.flag"),
        (b'{"number":"123","inner":{"flag":"2"}}', Code.CHARACTERS, "inner.flag"),
        (b'{"number":123}', Code.MALFORMED, "number"),
        (b'{"number":"123","unknown":1}', Code.MALFORMED, ""),
        (b"[]", Code.MALFORMED, ""),
        (b'{"number":"123"', Code.MALFORMED, ""),
        (b"", Code.MALFORMED, ""),
        (b'{"number":"\xff23"}', Code.MALFORMED, ""),
        (b"\xff\xfe{\x00}\x00", Code.MALFORMED, ""),
    ],
)
def test_what_does_not_fit_is_refused_by_the_official_code_and_the_item(body: bytes, code: Code, item: str) -> None:
    problem = refusal(BodyKind.JSON, body)
    assert (problem.code, problem.item, problem.status) == (code, item, 400)


@pytest.mark.parametrize(
    "body", [b"number=123&number=123", b"number", b"number=%ff%ff%ff", b"n\xff=1", b"&".join([b"a=1"] * 65)]
)
def test_a_form_that_is_not_one_is_refused(body: bytes) -> None:
    assert refusal(BodyKind.FORM, body).code == Code.MALFORMED


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("text/plain", Code.MEDIA_TYPE),
        ("", Code.MEDIA_TYPE),
        ("application/json; charset=shift_jis", Code.MALFORMED),
        ("multipart/form-data; boundary=x", Code.MEDIA_TYPE),
    ],
)
def test_the_content_type_must_be_the_wanted_one_in_utf8(content_type: str, code: Code) -> None:
    assert refusal(BodyKind.JSON, b'{"number":"123"}', content_type).code == code


def test_utf8_may_be_named() -> None:
    assert read(BodyKind.JSON, b'{"number":"123"}', "Application/JSON; charset=UTF-8") == Asked("123")


def test_a_whole_number_may_be_written_with_a_point_and_a_fraction_is_none() -> None:
    assert read(BodyKind.JSON, b'{"number":"123","count":2.0}') == Asked("123", count=2)
    assert read(BodyKind.JSON, b'{"number":"123","count":2e1}') == Asked("123", count=20)
    for fraction in (b"2.5", b"1e999", b"1e400", b'"2"'):
        problem = refusal(BodyKind.JSON, b'{"number":"123","count":' + fraction + b"}")
        assert problem.code == Code.MALFORMED


def test_the_word_null_is_not_nothing_in_a_form() -> None:
    assert read(BodyKind.FORM, b"number=123&name=Null") == Asked("123", name="Null")
    for word in (b"null", b"NULL", b"Null"):
        assert refusal(BodyKind.QUERY, b"number=123&inner=" + word).item == "inner"


def test_a_field_for_a_file_is_one_though_nobody_names_the_file() -> None:
    class WithFile(Message):
        content: bytes
        name: str = ""

    endpoint = Endpoint(Server.PORTAL, "asked", "POST", "/asked", Caller.ANYBODY, "", BodyKind.MULTIPART, WithFile)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="content"\r\n\r\n\xff\x00\r\n'
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--x--\r\n'
    )
    headers = {b"content-type": b"multipart/form-data; boundary=x"}
    assert read_message(endpoint, Request("POST", "/asked", b"", headers, body)) == WithFile(b"\xff\x00", "a")
