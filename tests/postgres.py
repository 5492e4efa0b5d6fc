"""A PostgreSQL server of our own for tests: made in a temporary folder, reached by its socket, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

USER = "hikkoshi"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the disk is not what is tested, and it takes most of the time
    "shared_buffers": "16MB",
    "max_connections": "200",
    "log_min_messages": "fatal",
}
_NUMBERS = itertools.count(1)


class Cluster:
    """A running server; each test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def database(self) -> str:
        """Return the address of a new, empty database."""
        name = f"test{next(_NUMBERS)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self._folder}"


@contextmanager
def running() -> Iterator[Cluster]:
    """Run a server; root hands it to the user `postgres`, because it must not run as root."""
    programs = _programs()
    if programs is None:
        _missing("PostgreSQL is not installed here (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="hikkoshi-postgres-"))
    try:
        as_whom = _unprivileged(folder)
        data = folder / "data"
        _run([*as_whom, programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"])
        settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        control: list[str | Path] = [*as_whom, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        _run([*control, "-o", options, "start"])
        try:
            yield Cluster(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Folder of the server's programs; Debian keeps them off the path, under their version."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which("initdb")
    return Path(found).parent if found else None


def _unprivileged(folder: Path) -> list[str | Path]:
    """Return the words before a command that hand it to who owns the folder then."""
    if os.geteuid() != 0:
        return []
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        _missing("root needs the user postgres to run PostgreSQL as")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o755)
    return ["runuser", "-u", "postgres", "--"]


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()


def _missing(reason: str) -> NoReturn:
    """CI has PostgreSQL; elsewhere its tests are left out where it cannot be had."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
