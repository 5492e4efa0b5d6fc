"""The folder of a rehearsal: stores, logs, certificates and keys; what is in it makes a later start go on.

rehearsal.json        what must stay the same; for its owner only
credentials.json      addresses and passwords; for its owner only
portal.db …           the stores, where no other database is named
portal.log …          what the processes had to say
tls/  cards/          certificates between systems; authorities and keys of cards
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fakes.endpoints import Server
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import AUTHORITY_FILE, write_certificates
from fakes.serving.trouble import ServingError

KEPT: Final = "rehearsal.json"
CREDENTIALS: Final = "credentials.json"
_LOCK: Final = ".lock"
_TLS: Final = "tls"
_CARDS: Final = "cards"


class Kept(Struct, frozen=True):
    """What stays the same when a folder is continued.

    Attributes
    ----------
    database
        `postgresql://…`; empty for the files of the folder.
    operator_key
        For the control of faults.
    provider_password
        Of the private-sector portal.
    """

    database: str
    operator_key: str
    provider_password: str
    version: int = 1


class Folder:
    """A folder while it is in use. Made by `opened`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def kept(self, database: str) -> Kept:
        """Return what the folder keeps; it begins to with the first start.

        Raises
        ------
        ServingError
            `E-serve-other-database` when its stores are elsewhere than asked for; `E-serve-folder-strange` when what
            it keeps cannot be read.
        """
        file = self.path / KEPT
        if not file.exists():
            kept = Kept(database, secrets.token_hex(16), secrets.token_hex(8))
            self.write(KEPT, kept)
            return kept
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=Kept)
        except (msgspec.DecodeError, msgspec.ValidationError) as problem:
            raise ServingError("E-serve-folder-strange", path=self.path) from problem
        if database and database != kept.database:
            raise ServingError("E-serve-other-database", path=self.path)
        return kept

    def database_of(self, server: Server, kept: Kept) -> str:
        """Return where a server's store is."""
        return kept.database or f"sqlite:///{self.path / f'{server.value}.db'}"

    def log_of(self, name: str) -> Path:
        """Return the file for what a process has to say."""
        return self.path / f"{name}.log"

    def certificates(self) -> Path:
        """Return the folder of certificates between systems; it is filled the first time."""
        folder = self.path / _TLS
        if not (folder / AUTHORITY_FILE).exists():
            folder.mkdir(exist_ok=True)
            write_certificates(folder)
        return folder

    def cards(self, at: datetime) -> Path:
        """Return the folder of the cards' authorities and keys; it is filled the first time, which takes a moment."""
        folder = self.path / _CARDS
        if not folder.exists():
            made = folder.with_suffix(".new")
            made.mkdir(exist_ok=True)
            CardIssuer.create(at).save(made)
            made.rename(folder)
        return folder

    def write(self, name: str, content: Struct) -> Path:
        """Write a file for its owner only; whole, or not at all."""
        file = self.path / name
        new = file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
        return new.replace(file)


def database_in(path: Path) -> str:
    """Return the database that a folder keeps its stores in; empty where they are files, or it keeps nothing."""
    try:
        return msgspec.json.decode((path / KEPT).read_bytes(), type=Kept).database
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return ""


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Use a folder, a new one or one that is continued, and keep others out of it.

    Raises
    ------
    ServingError
        `E-use-unwritable`, `E-serve-folder-strange` for one with other things in it, `E-serve-folder-busy`.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / KEPT).exists() and any(file.name != _LOCK for file in path.iterdir()):
            raise ServingError("E-serve-folder-strange", path=path)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise ServingError("E-use-unwritable", path=path, reason=problem.strerror or problem) from problem
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise ServingError("E-serve-folder-busy", path=path) from problem
        yield Folder(path)
    finally:
        os.close(lock)
