"""Attachments: allowed kinds only, and no archive under any name."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from fakes.package.application import MOST_ATTACHMENTS
from fakes.package.forms import EXTENSIONS
from fakes.package.reading import read_package
from fakes.refusals import Code, RefusedError
from tests.fakes.package.zips import with_files, zipped

OFFICE = zipped([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")])
ZIP = zipped([("a.txt", b"x")])


def refusal(files: dict[str, bytes]) -> tuple[Code, str]:
    with pytest.raises(RefusedError) as caught:
        read_package(with_files(files))
    return caught.value.code, caught.value.item


@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
def test_every_kind_that_municipalities_take_is_taken(extension: str) -> None:
    content = OFFICE if extension in {"xlsx", "docx", "pptx"} else b"plain"
    name = f"添付.{extension.upper()}"
    attachment = read_package(with_files({f"Attachment/{name}": content})).application.attachments[0]
    assert (attachment.name, attachment.size) == (name, len(content))
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["a.exe", "a.js", "a.html", "a.pdf.lnk", "pdf", "a.", "a.pdf ", "a.svg", "a.xlsm"])
def test_any_other_kind_is_refused(name: str) -> None:
    code, item = refusal({f"Attachment/{name}": b"x"})
    assert code in {Code.EXTENSION, Code.PATH}
    assert item == f"Attachment/{name}"


@pytest.mark.parametrize("name", ["a.zip", "a.jar", "a.7z", "a.gz", "a.lzh"])
def test_an_archive_by_name_is_refused(name: str) -> None:
    assert refusal({f"Attachment/{name}": b"x"}) == (Code.NESTED_ARCHIVE, f"Attachment/{name}")


@pytest.mark.parametrize(
    "content", [ZIP, gzip.compress(b"x", mtime=0), b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c\x00\x04"]
)
@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.docx"])
def test_an_archive_under_another_name_is_refused(content: bytes, name: str) -> None:
    code, item = refusal({f"Attachment/{name}": content})
    assert code in {Code.NESTED_ARCHIVE, Code.DAMAGED}
    assert item == f"Attachment/{name}"


def test_an_office_file_with_an_archive_inside_is_refused() -> None:
    nested = zipped([("[Content_Types].xml", b"<Types/>"), ("word/embeddings/x.zip", ZIP)])
    assert refusal({"Attachment/a.docx": nested})[0] is Code.NESTED_ARCHIVE


def test_an_office_file_that_is_a_bomb_is_refused() -> None:
    bomb = zipped([("[Content_Types].xml", b"<Types/>"), ("xl/sheet.xml", bytes(5 * 1024 * 1024))])
    assert refusal({"Attachment/a.xlsx": bomb})[0] is Code.BOMB


def test_too_many_attachments_are_refused() -> None:
    files = {f"Attachment/{n}.txt": b"x" for n in range(MOST_ATTACHMENTS)}
    assert len(read_package(with_files(files)).application.attachments) == MOST_ATTACHMENTS
    assert refusal({**files, "Attachment/more.txt": b"x"}) == (Code.UNKNOWN_FILE, "Attachment/more.txt")
