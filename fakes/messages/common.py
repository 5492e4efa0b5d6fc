"""Messages that every server has."""

from __future__ import annotations

from fakes.messages.envelope import Outcome
from fakes.messages.fields import Moment


class Health(Outcome):
    """That a server serves, and what time it is there."""

    server: str
    now: Moment
    waiting: int
    """Calls that wait for the writer."""
