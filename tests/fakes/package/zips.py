"""Archives that no honest client makes: a package taken apart, changed, and put together again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping

from fakes.package.building import build_package
from fakes.package.forms import APPLICANT_FILE, APPLICATION_FILE
from tests.fakes.households import move

Item = tuple[str | zipfile.ZipInfo, bytes]


def zipped(items: Iterable[Item], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these entries in this order, doubles allowed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in items:
            entry = zipfile.ZipInfo(name) if isinstance(name, str) else name
            archive.writestr(entry, content, compress_type=method)
    return target.getvalue()


def unzipped(package: bytes) -> dict[str, bytes]:
    """Return all entries of an archive."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forms() -> dict[str, bytes]:
    """Return the two forms of a family's move."""
    return unzipped(build_package(move()))


def with_files(more: Mapping[str, bytes]) -> bytes:
    """Return the family's package with more files, under whatever names."""
    return zipped([*forms().items(), *more.items()])


def changed(change: Callable[[str], str], file: str = APPLICATION_FILE) -> bytes:
    """Return the family's package with the text of one form changed, and really so."""
    files = forms()
    text = files[file].decode()
    other = change(text)
    assert other != text
    return zipped({**files, file: other.encode()}.items())


def replaced(old: str, new: str, file: str = APPLICATION_FILE) -> bytes:
    """Return the family's package with the first occurrence of a text replaced in one form."""
    return changed(lambda text: text.replace(old, new, 1), file)


def with_form(document: bytes, file: str = APPLICANT_FILE) -> bytes:
    """Return the family's package with one form replaced."""
    return zipped({**forms(), file: document}.items())
