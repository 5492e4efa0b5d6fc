"""Results of reading a server's own logs, which is the operator's: what a load test compares with its ledgers."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import Cursor

PerLogPage = Annotated[int, Meta(ge=1, le=1000, title="一頁の件数")]


class LogWanted(Message):
    """A page of a log: what has a number above `after`. Go on with `cursor` of the answer before."""

    after: Cursor = 0
    per_page: PerLogPage = 1000


class LoggedEvent(Outcome):
    """One event, as it stands in the log; `at` is microseconds since 1970 (scenario time), `digest` hexadecimal."""

    seq: int
    at: int
    kind: str
    subject: str
    municipality: str
    actor: str
    request_id: str
    attempt: int
    owner: str
    digest: str
    fault_id: str
    body: msgspec.Raw
    """What events of its kind say; the tables are made from it."""


class LoggedEvents(Outcome):
    """A page; `more` whether there were further ones after `cursor` when it was read."""

    events: list[LoggedEvent]
    cursor: Cursor
    more: bool


class LoggedCall(Outcome):
    """One audit record; `at` is microseconds since 1970 (scenario time)."""

    seq: int
    at: int
    actor: str
    municipality: str
    source: str
    method: str
    endpoint: str
    subject: str
    status: int
    code: str
    request_id: str
    attempt: int
    fault_id: str


class LoggedCalls(Outcome):
    """A page; `more` whether there were further ones after `cursor` when it was read."""

    calls: list[LoggedCall]
    cursor: Cursor
    more: bool
