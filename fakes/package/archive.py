"""The ZIP around a package, read without trust: names, sizes and places are checked before a byte is inflated.

A strict subset of the format: one disk, no ZIP64, no encryption, stored or deflated entries that follow each other
without overlap, nothing before the first and nothing after the directory. Archives have room for tricks exactly where
readers are lenient (two names for one entry, overlapping entries, sizes that differ between directory and entry).
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from typing import Final, NamedTuple

from fakes.refusals import Code, RefusedError

LARGEST_PACKAGE: Final = 50 * 1024 * 1024
LARGEST_FILE: Final = 10 * 1024 * 1024
"""50 MB an application and 10 MB a file (assumptions; the service publishes no limit)."""

MOST_ENTRIES: Final = 64
HIGHEST_RATIO: Final = 200
"""Most times that an entry may grow; office files stay below 100, deflate itself ends at 1,032."""

STORED: Final = 0
DEFLATED: Final = 8

_END = struct.Struct("<4s4H2LH")
_DIRECTORY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_LATER_SIZES = 0x0008
_UTF8 = 0x0800
_DESCRIPTOR_SIZES = (12, 16)
_DESCRIPTOR_MARK = b"PK\x07\x08"
_LINK = 0o120000
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]')


class Entry(NamedTuple):
    """A file in an archive, not inflated yet."""

    name: str
    method: int
    crc: int
    start: int
    packed: int
    size: int


def entries(data: bytes, most: int = MOST_ENTRIES) -> dict[str, Entry]:
    """Return the files of an archive by name, folders left out; `most` entries at most.

    Raises
    ------
    RefusedError
        E1001 to E1008 and E1012 to E1014, before anything is inflated.
    """
    if len(data) > LARGEST_PACKAGE:
        raise RefusedError(Code.PACKAGE_SIZE, "application_zip", limit=LARGEST_PACKAGE)
    count, directory = _end_of(data, most)
    found: dict[str, Entry] = {}
    seen: set[str] = set()
    cursor, expected, total = directory, 0, 0
    limit = len(data) - _END.size
    for _ in range(count):
        entry, cursor, behind = _entry(data, cursor, limit, expected)
        expected = behind
        key = entry.name if entry.name.isascii() else unicodedata.normalize("NFKC", entry.name)
        if (key := key.casefold()) in seen:
            raise RefusedError(Code.DOUBLE_NAME, entry.name)
        seen.add(key)
        total += entry.size
        if total > LARGEST_PACKAGE:
            raise RefusedError(Code.BOMB, "application_zip")
        if not entry.name.endswith("/"):
            found[entry.name] = entry
    if cursor != limit or expected != directory:
        raise RefusedError(Code.NOT_A_ZIP, "application_zip")
    return found


def _end_of(data: bytes, most: int) -> tuple[int, int]:
    """Return the number of entries and where the directory starts."""
    try:
        mark, disk, first, here, count, length, start, comment = _END.unpack_from(data, len(data) - _END.size)
    except struct.error:
        raise RefusedError(Code.NOT_A_ZIP, "application_zip") from None
    whole = start + length + _END.size == len(data)
    if mark != b"PK\x05\x06" or disk or first or here != count or comment or not whole or not count:
        raise RefusedError(Code.NOT_A_ZIP, "application_zip")
    if count > most:
        raise RefusedError(Code.BOMB, "application_zip")
    return count, start


def _entry(data: bytes, cursor: int, limit: int, expected: int) -> tuple[Entry, int, int]:
    """Return an entry of the directory, where the next one stands, and where the entry itself ends."""
    if cursor + _DIRECTORY.size > limit:
        raise RefusedError(Code.NOT_A_ZIP, "application_zip")
    (mark, made, _, flags, method, _, _, crc, packed, size, name_length, extra, comment, _, _, outer, local) = (
        _DIRECTORY.unpack_from(data, cursor)
    )
    cursor += _DIRECTORY.size
    raw = data[cursor : cursor + name_length]
    cursor += name_length + extra + comment
    if mark != b"PK\x01\x02" or cursor > limit:
        raise RefusedError(Code.NOT_A_ZIP, "application_zip")
    name = _name(raw, flags)
    if flags & _ENCRYPTED:
        raise RefusedError(Code.ENCRYPTED, name)
    if made >> 8 == 3 and (outer >> 16) & 0o170000 == _LINK:
        raise RefusedError(Code.PATH, name)
    if method not in {STORED, DEFLATED}:
        raise RefusedError(Code.METHOD, name)
    if size > LARGEST_FILE:
        raise RefusedError(Code.FILE_SIZE, name, limit=LARGEST_FILE)
    if size > packed * HIGHEST_RATIO or (method == STORED and size != packed):
        raise RefusedError(Code.BOMB if method == DEFLATED else Code.DAMAGED, name)
    if local != expected or local + _LOCAL.size > limit:
        raise RefusedError(Code.DAMAGED, name)
    start, behind = _place(data, local, raw, flags, (method, crc, packed, size), name)
    return Entry(name, method, crc, start, packed, size), cursor, behind


def _place(
    data: bytes, local: int, raw: bytes, flags: int, claims: tuple[int, int, int, int], name: str
) -> tuple[int, int]:
    """Return where the bytes of an entry start and where what belongs to it ends; directory and entry must agree."""
    mark, _, own_flags, own_method, _, _, own_crc, own_packed, own_size, own_length, extra = _LOCAL.unpack_from(
        data, local
    )
    method, crc, packed, size = claims
    start = local + _LOCAL.size + own_length + extra
    behind = start + packed
    own_name = data[local + _LOCAL.size : local + _LOCAL.size + own_length]
    later = bool(flags & _LATER_SIZES)
    told = (own_crc, own_packed, own_size)
    same = told == (crc, packed, size) or (later and told == (0, 0, 0))
    if mark != b"PK\x03\x04" or own_flags != flags or own_method != method or own_name != raw or not same:
        raise RefusedError(Code.DAMAGED, name)
    if later:
        length = _DESCRIPTOR_SIZES[data[behind : behind + 4] == _DESCRIPTOR_MARK]
        if data[behind + length - 12 : behind + length] != struct.pack("<3L", crc, packed, size):
            raise RefusedError(Code.DAMAGED, name)
        behind += length
    return start, behind


def _name(raw: bytes, flags: int) -> str:
    """Return the name of an entry; a relative path without tricks, in UTF-8 that says so."""
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise RefusedError(Code.NAME_CHARSET, raw.decode("utf-8", "replace")) from None
    parts = name.removesuffix("/").split("/")
    if _UNSAFE.search(name) or any(part.strip(" .　") != part or not part for part in parts):
        raise RefusedError(Code.PATH, name)
    return name


def inflate(data: bytes, entry: Entry) -> bytes:
    """Return the bytes of an entry: exactly as many as it claims, and with its checksum.

    Raises
    ------
    RefusedError
        E1008 when it would become larger than it claims, E1013 when it is damaged.
    """
    packed = data[entry.start : entry.start + entry.packed]
    if entry.method == STORED:
        content = packed
    else:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = stream.decompress(packed, entry.size + 1)
        except zlib.error:
            raise RefusedError(Code.DAMAGED, entry.name) from None
        if len(content) > entry.size:
            raise RefusedError(Code.BOMB, entry.name)
        if not stream.eof or stream.unused_data:
            raise RefusedError(Code.DAMAGED, entry.name)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise RefusedError(Code.DAMAGED, entry.name)
    return content
