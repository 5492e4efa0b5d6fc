"""Files that come along: allowed extensions, and no archive among them, neither openly nor under another name."""

from __future__ import annotations

import hashlib
from typing import Final

from fakes.package.application import MOST_ATTACHMENTS, Attachment
from fakes.package.archive import Entry, entries, inflate
from fakes.package.forms import ATTACHMENTS, EXTENSIONS
from fakes.refusals import Code, RefusedError

_OFFICE = frozenset({"xlsx", "docx", "pptx"})
_OFFICE_MARK = "[Content_Types].xml"
_OFFICE_ENTRIES = 2000
_ARCHIVES: Final = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd", b"MSCF",
)  # fmt: skip
_ARCHIVE_EXTENSIONS = frozenset("zip jar rar 7z gz tgz bz2 xz zst cab lzh tar iso".split())  # noqa: SIM905


def checked_attachments(data: bytes, files: dict[str, Entry]) -> tuple[Attachment, ...]:
    """Return the attachments among the files of a package, with size and SHA-256, in the order of the archive.

    Raises
    ------
    RefusedError
        E1007, E1008, E1009, E1010, E1013; the names are checked before anything is inflated.
    """
    names = [name for name in files if name.startswith(ATTACHMENTS)]
    if len(names) > MOST_ATTACHMENTS:
        raise RefusedError(Code.UNKNOWN_FILE, names[MOST_ATTACHMENTS])
    for name in names:
        own = name.removeprefix(ATTACHMENTS)
        if "/" in own:
            raise RefusedError(Code.UNKNOWN_FILE, name)
        if _extension(own) in _ARCHIVE_EXTENSIONS:
            raise RefusedError(Code.NESTED_ARCHIVE, name)
        if _extension(own) not in EXTENSIONS:
            raise RefusedError(Code.EXTENSION, name)
    return tuple(_attachment(inflate(data, files[name]), name) for name in names)


def _attachment(content: bytes, name: str) -> Attachment:
    if content.startswith(_ARCHIVES):
        _check_archive(content, name)
    return Attachment(name.removeprefix(ATTACHMENTS), len(content), hashlib.sha256(content).hexdigest())


def _check_archive(content: bytes, name: str) -> None:
    """An office file is an archive by nature: its directory is held to the same limits, and holds no archive again."""
    if _extension(name) not in _OFFICE:
        raise RefusedError(Code.NESTED_ARCHIVE, name)
    try:
        inner = entries(content, _OFFICE_ENTRIES)
    except RefusedError as refused:
        code = refused.code if refused.code in {Code.BOMB, Code.FILE_SIZE, Code.ENCRYPTED} else Code.DAMAGED
        raise RefusedError(code, name, **refused.values) from None
    if _OFFICE_MARK not in inner or any(_extension(part) in _ARCHIVE_EXTENSIONS for part in inner):
        raise RefusedError(Code.NESTED_ARCHIVE, name)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
