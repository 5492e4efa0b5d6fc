"""Folders that can be written, or one clear message: light, because it is asked before anything heavy is loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from results.errors import ResultsError


def probe(out: Path) -> None:
    """Make sure that run folders can be written under `out`, and leave no trace. Call it before a long run.

    Raises
    ------
    ResultsError
        `E-out-unwritable`, with the reason that the system gave.
    """
    with made(out), as_unwritable(out), tempfile.TemporaryFile(dir=out):
        pass


@contextmanager
def as_unwritable(path: Path) -> Iterator[None]:
    """Say of a folder that it cannot be written, whatever the system calls it."""
    try:
        yield
    except OSError as error:
        raise ResultsError("E-out-unwritable", path=path, reason=error.strerror or str(error)) from error


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder and its parents; afterwards take away those that are new and still empty."""
    with as_unwritable(folder):
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        with as_unwritable(folder):
            folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for parent in missing:
            try:
                parent.rmdir()
            except FileNotFoundError:  # never made
                continue
            except OSError:  # it holds something by now
                break
