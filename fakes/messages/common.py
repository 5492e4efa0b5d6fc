"""Messages that every server has."""

from __future__ import annotations

from typing import Literal

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import Moment


class Health(Outcome):
    """That a server serves, and what time it is there."""

    server: str
    now: Moment
    waiting: int
    """Calls that wait for the writer."""


class PageWanted(Message):
    """In which language the page for people is wanted; that of the browser if nothing is said."""

    lang: Literal["", "ja", "en"] = ""
