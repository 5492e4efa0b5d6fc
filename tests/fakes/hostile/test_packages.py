"""Packages that are meant to do harm: bombs, tricks of archives and of XML, wrong charsets, what is cut or too large.

Each comes through every door through which packages come, and the same package without the trick is taken there.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import shake_128

import pytest

from fakes.package.archive import LARGEST_FILE, MOST_ENTRIES
from fakes.package.xmlform import LARGEST_FORM
from tests.fakes.hostile.doors import DOORS, Door, door, parts, whole, with_more, with_parts
from tests.fakes.package.zips import zipped

Hostile = tuple[Callable[[], bytes], int, str]


@pytest.fixture(scope="module", params=DOORS)
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Each of the doors; what is refused changes nothing, so all tests can share it."""
    with door(request.param, tmp_path_factory.mktemp("door")) as opened:
        yield opened


def _form() -> bytes:
    return parts()["sinsei.xml"]


def _text() -> str:
    return _form().decode()


def _in_form(old: str, new: str) -> bytes:
    """Return the package with the first occurrence of a text in the applicant's form replaced, and really so."""
    assert old in _text()
    return with_parts(sinsei=_text().replace(old, new, 1).encode())


def _with_bytes(hidden: bytes) -> bytes:
    """Return the package with some bytes at the beginning of the first value of the applicant's form."""
    return with_parts(sinsei=_form().replace(b"<value>", b"<value>" + hidden, 1))


def _under(dtd: str, value: str = "x") -> bytes:
    """Return the package whose applicant's form has a DTD, and an entity in the place of the first value."""
    before, opened, rest = _text().partition("<value>")
    declared, ended, root = before.partition("?>")
    assert ended, "the form begins with a declaration"
    text = f"{declared}?>{dtd}{root}{opened}{value}{rest[rest.index('</value>') :]}"
    return with_parts(sinsei=text.encode())


@cache
def _laughs() -> bytes:
    """Return a form that a reader of entities would blow up to three gigabytes."""
    levels = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return _under(f'<!DOCTYPE Data [<!ENTITY l0 "lol">{"".join(levels)}]>', "&l9;")


def _raw(name: str, external: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr, info.create_system = name, external, 3
    return info


def _lying() -> bytes:
    """Return an archive with a file that says it is short, and is not."""
    content = bytearray(with_more(("Attachment/a.txt", bytes(1_000_000) + b"x")))
    size = struct.pack("<L", 1_000_001)
    assert content.count(size) == 2
    return bytes(content.replace(size, struct.pack("<L", 1_000)))


def _encrypted() -> bytes:
    content = bytearray(with_more(("Attachment/a.txt", b"x")))
    local, central = content.rindex(b"PK\x03\x04"), content.rindex(b"PK\x01\x02")
    content[local + 6] |= 1
    content[central + 8] |= 1
    return bytes(content)


def _overlapping() -> bytes:
    """Return an archive in whose directory two names stand for the same bytes: the way of the densest bombs."""
    content = bytearray(with_more(("Attachment/a.txt", b"x" * 50), ("Attachment/b.txt", b"x" * 50)))
    last = content.rindex(b"PK\x01\x02")
    first = content.rindex(b"PK\x01\x02", 0, last)
    content[last + 42 : last + 46] = content[first + 42 : first + 46]
    return bytes(content)


def _attached(name: str, content: bytes = b"x") -> bytes:
    return with_more((f"Attachment/{name}", content))


ARCHIVES: dict[str, Hostile] = {
    "a file that grows a thousand times": (lambda: _attached("a.txt", bytes(9_000_000)), 413, "E1008"),
    "a file that says it is short and is not": (_lying, 413, "E1008"),
    "two names for the same bytes": (_overlapping, 400, "E1013"),
    "more files than anybody sends": (
        lambda: with_more(*((f"Attachment/{n}.txt", b"") for n in range(MOST_ENTRIES))), 413, "E1008",
    ),
    "an archive in the archive": (lambda: _attached("a.zip", whole()), 400, "E1009"),
    "an archive under another name": (lambda: _attached("a.pdf", whole()), 400, "E1009"),
    "a program": (lambda: _attached("a.exe", b"MZ"), 400, "E1007"),
    "a way out of the folder": (lambda: with_more((_raw("Attachment/../../a.txt"), b"x")), 400, "E1005"),
    "a path from the root": (lambda: with_more((_raw("/etc/passwd"), b"x")), 400, "E1005"),
    "a path of Windows": (lambda: with_more((_raw("Attachment\\a.txt"), b"x")), 400, "E1005"),
    "a link": (lambda: with_more((_raw("Attachment/a.txt", 0o120777 << 16), b"/etc/passwd")), 400, "E1005"),
    "a name that turns its direction": (lambda: _attached("a\u202efdp.txt"), 400, "E1005"),
    "two files of one name": (
        lambda: with_more(("sinsei.xmk", _form())).replace(b"sinsei.xmk", b"sinsei.xml"), 400, "E1006",
    ),
    "a name that only looks different": (lambda: with_more(("SINSEI.xml", _form())), 400, "E1006"),
    "a file that has no place": (lambda: with_more(("run.txt", b"x")), 400, "E1010"),
    "an encrypted file": (_encrypted, 400, "E1004"),
    "a packing that is not read": (
        lambda: with_more(("Attachment/a.txt", b"x"), method=zipfile.ZIP_LZMA), 400, "E1012",
    ),
    "a file over its limit": (
        lambda: with_more(("Attachment/a.txt", bytes(LARGEST_FILE + 1)), method=zipfile.ZIP_STORED), 413, "E1002",
    ),
    "no archive": (lambda: b"%PDF-1.7", 400, "E1003"),
    "nothing": (lambda: b"", 400, "E1003"),
    "an empty archive": (lambda: zipped([]), 400, "E1003"),
    "half an archive": (lambda: whole()[: len(whole()) // 2], 400, "E1003"),
    "an archive without its last byte": (lambda: whole()[:-1], 400, "E1003"),
    "something in front": (lambda: b"\x7fELF" + whole(), 400, "E1003"),
    "something behind": (lambda: whole() + b"x", 400, "E1003"),
    "a form alone": (lambda: zipped([("sinsei.xml", _form())]), 400, "E1011"),
}  # fmt: skip

FORMS: dict[str, Hostile] = {
    "a DTD": (lambda: _under("<!DOCTYPE Data>"), 400, "E1103"),
    "an external DTD": (lambda: _under('<!DOCTYPE Data SYSTEM "http://127.0.0.1:9/a.dtd">'), 400, "E1103"),
    "an entity from a file": (
        lambda: _under('<!DOCTYPE Data [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"), 400, "E1103",
    ),
    "an entity from elsewhere": (
        lambda: _under('<!DOCTYPE Data [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>', "&a;"), 400, "E1103",
    ),
    "an entity of a DTD's own": (
        lambda: _under('<!DOCTYPE Data [<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]>'), 400, "E1103",
    ),
    "a billion laughs": (_laughs, 400, "E1103"),
    "one very long entity many times": (
        lambda: _under(f'<!DOCTYPE Data [<!ENTITY a "{"x" * 50_000}">]>', "&a;" * 2_000), 400, "E1103",
    ),
    "an entity that nobody declared": (lambda: _in_form("<value>", "<value>&a;"), 400, "E1101"),
    "an instruction": (lambda: _in_form("<FormItems>", '<?xml-stylesheet href="a"?><FormItems>'), 400, "E1103"),
    "an inclusion": (
        lambda: _in_form(
            "<FormItems>", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><FormItems>'
        ), 400, "E1104",
    ),
    "unparsed text": (lambda: _in_form("<value>", "<value><![CDATA[x]]>"), 400, "E1103"),
    "a depth without end": (lambda: _in_form("<FormItems>", "<FormItems>" + "<a>" * 5_000), 400, "E1101"),
    "a form over its limit": (lambda: with_parts(sinsei=_form() + shake_128().digest(LARGEST_FORM)), 413, "E1002"),
    "half a form": (lambda: with_parts(sinsei=_form()[: len(_form()) // 2]), 400, "E1101"),
    "Shift_JIS that says so": (
        lambda: with_parts(sinsei=_text().replace("UTF-8", "Shift_JIS", 1).encode("cp932")), 400, "E1102",
    ),
    "Shift_JIS that does not": (lambda: with_parts(sinsei=_text().encode("cp932")), 400, "E1102"),
    "EUC-JP": (lambda: with_parts(sinsei=_text().encode("euc-jp")), 400, "E1102"),
    "UTF-16": (lambda: with_parts(sinsei=_text().encode("utf-16")), 400, "E1102"),
    "UTF-7, which hides markup": (
        lambda: with_parts(sinsei=_text().replace("UTF-8", "UTF-7", 1).encode()), 400, "E1102",
    ),
    "a byte order mark": (lambda: with_parts(sinsei=b"\xef\xbb\xbf" + _form()), 400, "E1102"),
    "an overlong sequence": (lambda: _with_bytes(b"\xc0\xbc"), 400, "E1102"),
    "half a surrogate": (lambda: _with_bytes(b"\xed\xa0\x80"), 400, "E1102"),
    "a null character": (lambda: _in_form("<value>", "<value>\x00"), 400, "E1102"),
}  # fmt: skip


@pytest.mark.parametrize("what", ARCHIVES)
def test_a_hostile_archive_is_refused_recorded_and_changes_nothing(at: Door, what: str) -> None:
    made, status, code = ARCHIVES[what]
    content = made()
    at.evidence.refuses(lambda: at.bring(content), status, code)


@pytest.mark.parametrize("what", FORMS)
def test_a_hostile_form_is_refused_recorded_and_changes_nothing(at: Door, what: str) -> None:
    made, status, code = FORMS[what]
    content = made()
    at.evidence.refuses(lambda: at.bring(content), status, code)


def test_without_a_trick_the_package_is_taken_at_every_door(at: Door) -> None:
    before = at.evidence.look()
    assert at.bring(whole()).status in {200, 202}
    assert at.evidence.look().tables != before.tables
