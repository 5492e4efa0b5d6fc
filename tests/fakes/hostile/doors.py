"""The three doors through which a package comes in: the applicant's, the relay's, and that of 申請管理."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.endpoints import Server
from fakes.people import People
from fakes.procedures import Procedure
from tests.fakes.clients import ORIGIN, Person, Response
from tests.fakes.conftest import PEERS, SEED, START, settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import number_of, package, service
from tests.fakes.package.zips import unzipped, zipped
from tests.fakes.ward.towns import Town, sqlite_towns
from tests.fakes.ward.towns import standing as ward_in

NUMBER = number_of(1)
DOORS = ("portal", "relay", "ward")


def whole() -> bytes:
    """Return a package that every door takes."""
    return package()


def parts() -> dict[str, bytes]:
    """Return its files."""
    return unzipped(whole())


def with_parts(**others: bytes) -> bytes:
    """Return it with one form replaced: `sinsei` or `sinsei_info`."""
    files = parts() | {f"{name}.xml": content for name, content in others.items()}
    return zipped(files.items())


def with_more(*more: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return it with more entries behind the others."""
    return zipped([*parts().items(), *more], method)


class Door:
    """Where a package is brought, and the evidence of the server behind it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def bring(self, content: bytes) -> Response:
        """Bring a package, as somebody who may."""
        raise NotImplementedError


class _PortalDoor(Door):
    def __init__(self, evidence: Evidence, local: Local) -> None:
        super().__init__(evidence)
        self._one = Person(local, People(SEED, START.date()), 0)
        assert self._one.login().status == 200

    def bring(self, content: bytes) -> Response:
        return self._one.submit(content)


class _RelayDoor(Door):
    def __init__(self, evidence: Evidence, local: Local) -> None:
        super().__init__(evidence)
        self._portal = local.portal()

    def bring(self, content: bytes) -> Response:
        return self._portal.push(NUMBER, content, service())


class _WardDoor(Door):
    def __init__(self, evidence: Evidence, town: Town) -> None:
        super().__init__(evidence)
        self._town = town
        town.hold_token()

    def bring(self, content: bytes) -> Response:
        return self._town.bring(NUMBER, content, Procedure.MOVE_OUT)


@contextmanager
def door(name: str, folder: Path) -> Iterator[Door]:
    """Open one of the doors, with a fresh server behind it."""
    if name == "ward":
        with sqlite_towns(folder) as towns:
            yield _WardDoor(Evidence(ward_in(folder)), towns.town(ORIGIN))
        return
    server = Server.PORTAL if name == "portal" else Server.JLIS
    settings = settings_in(folder, server, speed=0.0, peers=PEERS)
    with locals_of(settings) as [local]:
        made = _PortalDoor if server is Server.PORTAL else _RelayDoor
        yield made(Evidence(settings), local)
