"""The page of a server, filled in: one self-contained document without scripts, in one language."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from fakes.clock import moment_of
from fakes.defects import label_of
from fakes.towns import TOWNS
from texts import LANGS, Lang, say

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER: Final = files("fakes.pages") / "templates"
_OTHER: Final[dict[Lang, str]] = {"ja": "日本語", "en": "English"}


class ShownFault(Struct, frozen=True):
    """A fault that is active now: its id, what it does, where, and how often it has struck in this process."""

    id: str
    what: str
    where: str
    strikes: int


class ShownEvent(Struct, frozen=True):
    """Something that happened."""

    seq: int
    at: int
    kind: str
    subject: str
    municipality: str
    actor: str
    attempt: int
    fault_id: str


class Status(Struct, frozen=True, kw_only=True):
    """What the page shows.

    Attributes
    ----------
    server, name
        Which server this is, and which instance of it.
    at, speed
        Moment of the scenario, microseconds since 1970, and how fast it passes.
    leads
        Whether this one of two instances leads; None where there is only one.
    calls
        Calls that wait for the writer of this process.
    queues
        By name: what waits, by town.
    events, audited
        How many stand in the log and in the audit chain.
    last
        The last events, newest first.
    faults, defects
        What is active now.
    """

    server: str
    name: str
    at: int
    speed: float
    leads: bool | None
    calls: int
    queues: list[tuple[str, dict[str, int]]]
    events: int
    audited: int
    last: list[ShownEvent]
    faults: list[ShownFault]
    defects: tuple[str, ...]


def render(status: Status, lang: Lang) -> bytes:
    """Return the page."""
    text = _template().render(
        status=status,
        lang=lang,
        others=[(other, _OTHER[other]) for other in LANGS if other != lang],
        css=style(),
        town=lambda code: f"{code} {TOWNS[code].name}" if code in TOWNS else code,
        moment=_moment,
        number=lambda value: f"{value:,}",
        t=lambda key, **values: say(key, lang, **values),
        defect=lambda given: label_of(given, lang),
    )
    return text.encode()


@cache
def policy() -> str:
    """Return the policy that goes with the page: nothing from anywhere, and no style but its own."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def style() -> str:
    """Return the style sheet."""
    return (_FOLDER / "page.css").read_text(encoding="utf-8").strip()


def _moment(micros: int) -> str:
    return f"{moment_of(micros):%Y-%m-%d %H:%M:%S}"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  whoever asks for no page does without it

    environment: Any = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    made: Template = environment.from_string((_FOLDER / "page.html.j2").read_text(encoding="utf-8"))
    return made
