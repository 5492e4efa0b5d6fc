"""What must not be written down in clear: keys that clients choose, and the numbers of people."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from fakes.endpoints import Server
from fakes.people import People
from fakes.store.statements import Statement
from fakes.store.tables import IDEMPOTENCY
from tests.fakes.clients import Person
from tests.fakes.conftest import settings_in
from tests.fakes.inprocess import locals_of

_KEYS = Statement(select(IDEMPOTENCY.c.key))


def test_of_an_idempotency_key_only_its_digest_is_kept(tmp_path: Path, people: People) -> None:
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0)) as [local]:
        one = Person(local, people, 0)
        one.login()
        key = one.household.head.individual_number
        first = one.submit(one.package(), Idempotency_Key=key)
        assert one.submit(one.package(), Idempotency_Key=key).body == first.body
        assert local.view().all(_KEYS) == [(sha256(key.encode()).hexdigest(),)]
