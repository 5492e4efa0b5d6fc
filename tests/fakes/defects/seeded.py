"""What tests of seeded defects share: both ways of a test, servers with defects, and what their logs say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fakes.endpoints import Server
from fakes.store.audit import verify
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT, EVENT
from tests.fakes.conftest import PEERS, settings_in
from tests.fakes.inprocess import Local, locals_of

_E = EVENT.c
_EVENTS = Statement(
    select(_E.kind, _E.subject, _E.municipality, _E.request_id, _E.owner, _E.digest, _E.body).order_by(_E.seq)
)
_AUDITS = Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq))
_REQUEST_ID = 10


def both(given: str) -> pytest.MarkDecorator:
    """Run a test with a defect off and on; it gets `defects`, which is empty when it is off."""
    return pytest.mark.parametrize("defects", [(), (given,)], ids=["off", "on"])


@dataclass(frozen=True)
class Happened:
    """An event of a server's log."""

    kind: str
    subject: str
    municipality: str
    request_id: str
    owner: str
    digest: bytes
    body: dict[str, Any]


def log_of(local: Local, *kinds: str) -> list[Happened]:
    """Return the events of some kinds, in order."""
    rows = local.view().all(_EVENTS)
    return [
        Happened(kind, subject, town, request, owner, digest, json.loads(body))
        for kind, subject, town, request, owner, digest, body in rows
        if kind in kinds
    ]


def audited(local: Local) -> list[str]:
    """Return the ids of requests that have an audit record; the chain is whole."""
    view = local.view()
    assert verify(view).whole
    return [json.loads(record)[_REQUEST_ID] for (record,) in view.all(_AUDITS)]


@contextmanager
def server(folder: Path, kind: Server, defects: tuple[str, ...], **others: object) -> Iterator[Local]:
    """A server in this process whose clock stands still until it is moved."""
    settings = settings_in(folder, kind, **{"peers": PEERS, "speed": 0.0, "defects": defects, **others})
    with locals_of(settings) as [one]:
        yield one
