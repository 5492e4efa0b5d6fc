"""From a chart's specification to an SVG that can stand inside the page: one drawing, its words in both languages.

A chart is drawn once, with Japanese words; every word is then put in twice, and the page shows one of the two. The
figure's caption names the drawing for screen readers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from report.words import Both
from texts import LANGS, Lang

INK, SOFT, GREY, BLUE, RED, ORANGE = "#1A1A1A", "#4D4D4D", "#767676", "#0017C1", "#CE0000", "#AC3E00"
"""Digital Agency design tokens (https://design.digital.go.jp/): text, before, after, limit, fault; 4.5:1 on white."""
LINES = "#E6E6E6"
FONT = "Noto Sans JP, Noto Sans CJK JP, BIZ UDPGothic, Meiryo, Yu Gothic, sans-serif"
FONT_SIZE = 13
WIDTH = 540
"""Of the plotting area and the labels to its left together, in pixels."""

Spec = dict[str, Any]

CONFIG: Spec = {
    "background": "#FFFFFF",
    "font": FONT,
    "padding": {"left": 4, "right": 12, "top": 8, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": FONT_SIZE,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": LINES,
        "domainColor": GREY,
        "tickColor": GREY,
        "labelLimit": 0,
    },
    "text": {"fontSize": FONT_SIZE},
    "title": {"anchor": "start", "fontSize": 14, "color": INK, "offset": 10},
}
"""The look of the page."""

_ALIKE = "\N{ZERO WIDTH SPACE}"
"""Behind a Japanese word that two English ones share, so that each finds its own."""


@cache
def register_japanese_font() -> Path:
    """Tell the converter where Noto Sans JP is; it comes along as a package, so charts are alike on every machine.

    Returns
    -------
    Path
        The folder of the font.
    """
    folder = Path(str(files("pylopdf_fonts_cjk")))
    vl_convert.register_font_directory(str(folder))
    return folder


def wake() -> None:
    """Start the converter, which takes longer than a chart."""
    register_japanese_font()
    to_svg(Drawing({"mark": "point", "data": {"values": []}}, Wording()), "none", "none")


def room_for(texts: list[str]) -> float:
    """Estimate the width of the widest text in pixels without a font: full-width characters count one em."""

    def width(text: str) -> float:
        return sum(1.0 if unicodedata.east_asian_width(c) in "FWA" else 0.56 for c in text) * FONT_SIZE

    return max((width(text) for text in texts), default=0.0)


@dataclass(slots=True)
class Wording:
    """The words of one chart: `wording(text)` is what the chart is drawn with, in place of the text."""

    english: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: Both) -> str:
        """Return the word to draw; the same for the same text."""
        word = text.ja
        while self.english.setdefault(word, text.en) != text.en:
            word += _ALIKE
        return word

    def room(self, texts: list[Both]) -> float:
        """Estimate the pixels that the widest of some texts takes in either language."""
        return room_for([text.in_(lang) for text in texts for lang in LANGS])


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart's specification (Vega-Lite) and its words."""

    spec: Spec
    wording: Wording


def to_svg(drawing: Drawing, ident: str, named_by: str) -> str:
    """Draw a chart.

    Parameters
    ----------
    ident
        Unique in the page; goes into every id of the SVG.
    named_by
        The id of the element of the page that names the drawing.

    Returns
    -------
    str
        The SVG; words that differ stand there twice, marked by the classes "ja" and "en".
    """
    register_japanese_font()
    spec = {**drawing.spec, "$schema": alt.SCHEMA_URL, "config": CONFIG}
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0])
    svg = _lean(svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{ident}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{ident}-\1)", svg)
    svg = re.sub(r"<text([^>]*)>([^<]*)</text>", lambda found: _twice(found[1], found[2], drawing.wording), svg)
    head = f'<svg role="img" aria-labelledby="{named_by}" overflow="visible" font-family="{FONT}" '
    return svg.replace("<svg ", head, 1)


def _lean(svg: str) -> str:
    """Leave out what draws nothing, says nothing, or is finer than a tenth of a pixel."""
    svg = re.sub(
        r'<path class="(?:background|foreground)"[^>]*?(?:display="none"|d="M0[^"]*"(?: pointer-events="none")?)/>',
        "",
        svg,
    )
    svg = re.sub(r' (?:aria-[a-z]+|role|class|font-family|pointer-events)="[^"]*"', "", svg)
    svg = re.sub(r' (?:stroke-miterlimit="10"|opacity="1"|transform="translate\(0,0\)")', "", svg)
    return re.sub(r'(?<=[ "(,A-Za-z-])(\d+\.\d)\d+(?=[^<>]*>)', r"\1", svg)


def _twice(attributes: str, word: str, wording: Wording) -> str:
    """Write one word of a chart in both languages, or once where they agree."""
    japanese = next((own for own in wording.english if escape(own, quote=False) == word), None)
    if japanese is None or japanese.rstrip(_ALIKE) == wording.english[japanese]:
        return f"<text{attributes}>{word}</text>"
    texts = Both(japanese.rstrip(_ALIKE), wording.english[japanese])
    return "".join(
        f'<text class="{lang}" lang="{lang}"{attributes}>{escape(texts.in_(lang), quote=False)}</text>'
        for lang in LANGS
    )


def alone(svg: str, lang: Lang, title: str, description: str) -> str:
    """Return a drawing of the page as a file of its own, in one language and with a title of its own."""
    other = {"ja": "en", "en": "ja"}[lang]
    svg = re.sub(rf'<text class="{other}"[^>]*>[^<]*</text>', "", svg)
    svg = re.sub(r'<text class="[a-z]+" lang="[a-z]+"', "<text", svg)
    svg = re.sub(r'aria-labelledby="[^"]*"', 'aria-labelledby="title desc"', svg, count=1)
    head = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(description)}</desc>'
    return svg.replace(">", f">{head}", 1)


def to_png(svg: str) -> bytes:
    """Paint a drawing in one language, twice as large as it stands in the page."""
    register_japanese_font()
    png: bytes = vl_convert.svg_to_png(svg, scale=2)
    return png
