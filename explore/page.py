"""The page: the form with what is wrong beside its fields, and the answer; whole, and without a script too."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from explore.answers import Found
from explore.drawing import season
from explore.knobs import Form, Group, Knob, shown
from explore.reading import Asked
from report.page import MARKS
from report.words import Both, long_date
from texts import LANGS, Lang, say

_OTHER: Final[dict[Lang, str]] = {"ja": "日本語", "en": "English"}


@dataclass(frozen=True, slots=True)
class Said:
    """What became of saving or exporting, to stand above the buttons."""

    text: Both
    good: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page shows.

    Attributes
    ----------
    asked, found
        The form as it was read, and its answer; None where something is wrong with it.
    trouble
        Why there is no answer although nothing is wrong with the form.
    name
        For the file, as it stands in its field; `exists` offers to replace the file of that name.
    """

    lang: Lang
    form: Form
    asked: Asked
    found: Found | None
    replications: int
    folder: str
    name: str
    trouble: Both | None = None
    said: Said | None = None
    exists: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it is shown."""

    knob: Knob
    value: str
    start: str
    wrong: str
    hint: str
    choices: list[tuple[str, str]] = field(default_factory=list)

    @property
    def moved(self) -> bool:
        """Whether it differs from the start."""
        return self.value != self.start


def render(view: View) -> str:
    """Return the page as HTML."""
    lang = view.lang
    period = view.form.start.period
    text: str = _template().render(
        view=view,
        lang=lang,
        t=lambda key, **values: say(key, lang, **_in(lang, values)),
        says=lambda both: both.in_(lang),
        title=Both(view.form.start.title.ja, view.form.start.title.en),
        period=(long_date(period.start), long_date(period.end)),
        groups=[(group, _fields(view, group)) for group in view.form.groups],
        others=[(other, _OTHER[other], query(view.asked, other)) for other in LANGS],
        marks=MARKS,
        drawing=Markup(season(view.found.curve, lang, "season-title")) if view.found else "",  # noqa: S704  our own
    )
    return text


def query(asked: Asked, lang: Lang) -> str:
    """Return the address of a state: only what was moved stands in it."""
    return "?" + urlencode({"lang": lang, **asked.moved})


def _in(lang: Lang, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.in_(lang) if isinstance(value, Both) else value for name, value in values.items()}


def _fields(view: View, group: Group) -> list[Field]:
    begun = view.form.begun
    fields = []
    for knob in group.knobs:
        wrong = view.asked.wrong.get(knob.ident)
        choices = [(word, name.in_(view.lang)) for word, _, name in knob.choices]
        fields.append(
            Field(
                knob,
                view.asked.typed[knob.ident],
                begun[knob.ident],
                wrong.in_(view.lang) if wrong else "",
                _hint(view, knob, begun[knob.ident]),
                choices,
            )
        )
    return fields


def _hint(view: View, knob: Knob, begun: str) -> str:
    """Say what the start has, and the range in which evidence has it."""
    if knob.choices:
        begun = next(name.in_(view.lang) for word, _, name in knob.choices if word == begun)
    known = view.form.evidence[knob.ident]
    if knob.kind not in ("percent", "count") or "low" not in known or "high" not in known:
        return say("explore.hint.start", view.lang, value=begun)
    low, high = (shown(knob, known[end]) for end in ("low", "high"))
    return say("explore.hint.range", view.lang, value=begun, low=low, high=high)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("explore"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
