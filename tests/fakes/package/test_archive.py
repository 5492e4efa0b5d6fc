"""The ZIP of a package: tricks with names, sizes, places and methods are refused before anything is inflated."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.package.archive import LARGEST_FILE, LARGEST_PACKAGE, MOST_ENTRIES, entries, inflate
from fakes.refusals import Code, RefusedError
from tests.fakes.package.zips import zipped


def contents(data: bytes) -> dict[str, bytes]:
    return {name: inflate(data, entry) for name, entry in entries(data).items()}


def refusal(data: bytes) -> tuple[Code, str, int]:
    with pytest.raises(RefusedError) as caught:
        contents(data)
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code, caught.value.item, caught.value.status


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text("abcdefghijkあいうえ_-", min_size=1, max_size=12), st.binary(max_size=2000), min_size=1, max_size=5
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_what_the_library_writes_is_read_back(files: dict[str, bytes], method: int) -> None:
    data = zipped(files.items(), method)
    assert contents(data) == files


def test_sizes_that_follow_the_data_are_read_as_streaming_clients_write_them() -> None:
    class Pipe(io.RawIOBase):
        """A target that cannot seek, so that the library puts the sizes behind the data."""

        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"first" * 50)
        archive.writestr("b.txt", b"second")
    assert contents(pipe.data) == {
        "a.txt": b"first" * 50,
        "b.txt": b"second",
    }
    wrong = pipe.data.replace(b"PK\x07\x08", b"PK\x07\x09", 1)
    assert refusal(wrong)[0] is Code.DAMAGED


def test_folders_are_no_files() -> None:
    assert list(entries(zipped([("Attachment/", b""), ("Attachment/a.txt", b"x")]))) == ["Attachment/a.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../sinsei.xml",
        "Attachment/../../x.txt",
        "Attachment//x.txt",
        "./x.txt",
        "C:x.txt",
        "Attachment\\x.txt",
        "x\x01.txt",
        "x.txt ",
        "x.txt.",
        "Attachment/\u202etxt.exe",
        "Attachment/a\u200bb.txt",
        "what?.txt",
    ],
)
def test_a_name_that_could_leave_its_folder_or_fool_a_reader_is_refused(name: str) -> None:
    code, item, status = refusal(zipped([(_raw(name), b"x")]))
    assert (code, item, status) == (Code.PATH, name, 400)


@pytest.mark.parametrize(
    ("one", "two"), [("a.txt", "a.txt"), ("a.txt", "A.TXT"), ("ガ.txt", "カ\u3099.txt"), ("ﾃｽﾄ.txt", "テスト.txt")]
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused_however_it_is_spelled(one: str, two: str) -> None:
    assert refusal(zipped([(one, b"1"), (two, b"2")]))[:2] == (Code.DOUBLE_NAME, two)


def test_a_name_in_shift_jis_is_refused() -> None:
    data = zipped([("AAAA.txt", b"x")]).replace(b"AAAA", "住民".encode("cp932"))
    assert refusal(data)[0] is Code.NAME_CHARSET


def test_a_link_is_refused() -> None:
    info = zipfile.ZipInfo("link.txt")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    assert refusal(zipped([(info, b"/etc/passwd")]))[0] is Code.PATH


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(zipped([("a.txt", b"x")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data))[:2] == (Code.ENCRYPTED, "a.txt")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_compression_are_refused(method: int) -> None:
    assert refusal(zipped([("a.txt", b"x" * 100)], method))[0] is Code.METHOD


def test_a_bomb_is_refused_by_its_ratio_before_it_is_inflated() -> None:
    assert refusal(zipped([("a.txt", bytes(5 * 1024 * 1024))])) == (Code.BOMB, "a.txt", 413)


def test_a_bomb_that_lies_about_its_size_is_stopped_one_byte_past_it() -> None:
    data = zipped([("a.txt", bytes(5 * 1024 * 1024))])
    lying = data.replace(struct.pack("<L", 5 * 1024 * 1024), struct.pack("<L", 1000))
    assert refusal(lying) == (Code.BOMB, "a.txt", 413)


def test_many_files_that_together_exceed_the_limit_are_refused() -> None:
    part = b"".join(zlib.crc32(bytes([n % 256])).to_bytes(4, "big") * 16 for n in range(LARGEST_FILE // 64))
    assert len(part) == LARGEST_FILE
    names = [f"{n}.txt" for n in range(6)]
    data = zipped([(name, part) for name in names])
    assert len(data) < LARGEST_PACKAGE
    assert refusal(data) == (Code.BOMB, "application_zip", 413)


def test_too_many_files_are_refused() -> None:
    assert len(entries(zipped([(f"{n}.txt", b"") for n in range(MOST_ENTRIES)]))) == MOST_ENTRIES
    assert refusal(zipped([(f"{n}.txt", b"") for n in range(MOST_ENTRIES + 1)]))[0] is Code.BOMB


def test_a_file_or_package_over_the_limit_is_refused_with_413() -> None:
    assert refusal(bytes(LARGEST_PACKAGE + 1)) == (Code.PACKAGE_SIZE, "application_zip", 413)
    huge = zipped([("a.txt", bytes(range(256)) * (LARGEST_FILE // 256) + b"x")], zipfile.ZIP_STORED)
    assert refusal(huge) == (Code.FILE_SIZE, "a.txt", 413)


def test_entries_that_overlap_are_refused() -> None:
    data = bytearray(zipped([("a.txt", b"x" * 50), ("b.txt", b"y" * 50)], zipfile.ZIP_STORED))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    assert refusal(bytes(data))[0] is Code.DAMAGED


@pytest.mark.parametrize("place", [26, 14, 18, 22, 8, 6])
def test_an_entry_that_contradicts_the_directory_is_refused(place: int) -> None:
    data = bytearray(zipped([("a.txt", b"x" * 50)]))
    data[place] ^= 0x10
    assert refusal(bytes(data))[0] in {Code.DAMAGED, Code.NOT_A_ZIP}


@pytest.mark.parametrize("extra", [b"x", b"PK\x05\x06" + bytes(18)])
def test_bytes_before_or_behind_the_archive_are_refused(extra: bytes) -> None:
    data = zipped([("a.txt", b"x")])
    assert refusal(extra + data)[0] in {Code.NOT_A_ZIP, Code.DAMAGED}
    assert refusal(data + extra)[0] is Code.NOT_A_ZIP


def test_a_comment_is_refused_because_a_second_directory_can_hide_in_it() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", b"x")
        archive.comment = b"hello"
    assert refusal(target.getvalue())[0] is Code.NOT_A_ZIP


def test_a_damaged_file_is_refused_by_its_checksum() -> None:
    data = zipped([("a.txt", b"x" * 50)], zipfile.ZIP_STORED)
    assert refusal(data.replace(b"x" * 50, b"x" * 49 + b"y"))[:2] == (Code.DAMAGED, "a.txt")


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 40])
def test_an_archive_that_is_cut_short_is_refused(cut: int) -> None:
    assert refusal(zipped([("a.txt", b"x" * 50)])[:cut])[0] is Code.NOT_A_ZIP


@given(st.integers(0, 10**6))
def test_every_beginning_of_an_archive_is_refused(cut: int) -> None:
    data = zipped([("a.txt", b"x" * 50), ("b.txt", b"y" * 5)])
    assert refusal(data[: cut % len(data)])[0] is Code.NOT_A_ZIP


@given(st.binary(max_size=300))
def test_whatever_comes_in_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(RefusedError):
        entries(data)


def _raw(name: str) -> zipfile.ZipInfo:
    """Return an entry with exactly this name; the library would tidy it."""
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info
