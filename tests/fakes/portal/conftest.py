"""A portal in the test's process whose clock stands still until it is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from tests.fakes.clients import Person
from tests.fakes.conftest import settings_in
from tests.fakes.inprocess import Local, locals_of

PASSWORD = sha256(b"provider").hexdigest()
PROVIDERS = {"P0001": PASSWORD}


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0, providers=PROVIDERS)) as [one]:
        yield one


@pytest.fixture
def applicant(local: Local, people: People) -> Callable[[int], Person]:
    """Applicants by the number of their household, logged in."""

    def make(index: int) -> Person:
        one = Person(local, people, index)
        assert one.login().status == 200
        return one

    return make
