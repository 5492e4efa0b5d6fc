"""Where Locust calls us: its options, its events, and the shape that says who plays and when it is over."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from locust import LoadTestShape, events
from locust.user import User

from loadtests.generator.options import add_options
from loadtests.generator.session import Session

_AT_ONCE: Final = 100.0
"""Users a second: towns and staff are there from the beginning; arrivals are none of the shape's business."""


class Rehearsal(LoadTestShape):
    """Everybody who works for a town, until the run is over. It sets no pace for arrivals."""

    session: ClassVar[Session | None] = None

    def tick(self) -> tuple[int, float, list[type[User]] | None] | None:
        """Return who is there now; None ends the test."""
        session = Rehearsal.session
        if session is None or not session.ticked():
            return None
        playing = session.users(session.environment.user_classes)
        return sum(one.fixed_count for one in playing), _AT_ONCE, playing


def register() -> None:
    """Make Locust call us."""
    bus: Any = events
    bus.init_command_line_parser.add_listener(add_options)
    bus.init.add_listener(_begin)


def _begin(environment: Any, **_: Any) -> None:
    session = Rehearsal.session = Session(environment)
    environment.events.test_start.add_listener(lambda **_: session.test_started())
    environment.events.test_stopping.add_listener(lambda **_: session.test_stopping())
    environment.events.test_stop.add_listener(lambda **_: session.test_stopped())
    environment.events.quitting.add_listener(lambda **_: session.test_stopped())
