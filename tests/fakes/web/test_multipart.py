"""Forms with files: whole and well formed, or refused; nothing in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.refusals import Code, RefusedError
from fakes.web.multipart import read_multipart

TYPE = b"multipart/form-data; boundary=line"


def part(name: str, content: bytes, file: str = "") -> bytes:
    filename = f'; filename="{file}"' if file else ""
    return f'--line\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode() + content + b"\r\n"


def refused(body: bytes, content_type: bytes = TYPE) -> Code:
    with pytest.raises(RefusedError) as problem:
        read_multipart(body, content_type)
    assert problem.value.message("ja")
    return problem.value.code


@given(st.text(), st.binary().filter(lambda content: b"\r\n--line" not in content))
def test_text_and_bytes_come_out_as_they_went_in(text: str, content: bytes) -> None:
    if "\r\n--line" in text:
        return
    body = part("text", text.encode()) + part("file", content, "a.zip") + b"--line--\r\n"
    assert read_multipart(body, TYPE) == {"text": text, "file": content}


@given(st.integers(0, 200))
def test_a_body_that_was_cut_anywhere_is_refused(keep: int) -> None:
    body = part("text", b"x") + part("file", b"y" * 80, "a.zip") + b"--line--"
    if keep < len(body):
        assert refused(body[:keep]) == Code.MALFORMED


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_multipart(body, TYPE)
    except RefusedError as problem:
        assert problem.code == Code.MALFORMED  # noqa: PT017 - reading it is fine too


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--line--",
        b"--line--\r\n",
        part("a", b"1") + part("a", b"2") + b"--line--",
        part("", b"1") + b"--line--",
        b"--line\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--line--",
        b"--line\r\n\r\n1\r\n--line--",
        b"--line\r\nContent-Disposition: form-data; name=\"a\"\r\n1\r\n--line--",
        b"--lineContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--line--",
        part("a", b"\xff") + b"--line--",
        part("a" * 2000, b"1") + b"--line--",
        b"".join(part(f"n{i}", b"1") for i in range(17)) + b"--line--",
        part("a", b"1") + b"--line-- and more",
    ],
)  # fmt: skip
def test_a_form_that_is_not_well_formed_is_refused(body: bytes) -> None:
    assert refused(body) == Code.MALFORMED


@pytest.mark.parametrize("content_type", [b"multipart/form-data", b"multipart/form-data; boundary=" + b"x" * 71])
def test_a_boundary_is_needed_and_has_a_length(content_type: bytes) -> None:
    assert refused(part("a", b"1") + b"--line--", content_type) == Code.MALFORMED
