"""From an Altair chart to an SVG that can stand inside the page: our own title, no English ARIA of Vega, unique ids."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import escape
from pathlib import Path

import altair as alt
import vl_convert

INK, GREY, BLUE, RED = "#1A1A1A", "#767676", "#0017C1", "#CE0000"
"""Digital Agency design tokens (https://design.digital.go.jp/): text, before, after, limit; 4.5:1 or more on white."""
LINES = "#E6E6E6"
FONT = "Noto Sans JP, Noto Sans CJK JP, BIZ UDPGothic, Meiryo, Yu Gothic, sans-serif"
FONT_SIZE = 13
WIDTH = 520

_FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_JAPANESE = re.compile(
    r"(noto.?sans.?(cjk|jp)|ipa(ex|m)?g|ipagp|biz.?ud|meiryo|yugoth|msgothic|takao|vl-gothic|hiragino)", re.IGNORECASE
)


@cache
def register_japanese_font() -> Path | None:
    """Tell the converter where a Japanese font is, if the system has one; text widths are then measured, not guessed.

    Returns
    -------
    Path | None
        The folder. Without one the SVG is still right in a browser, because `room_for` keeps the places of labels.
    """
    for folder in (Path(name).expanduser() for name in _FONT_FOLDERS):
        if folder.is_dir():
            for file in sorted(folder.rglob("*.[ot]t[cf]")):
                if _JAPANESE.search(file.name):
                    vl_convert.register_font_directory(str(file.parent))
                    return file.parent
    return None


def room_for(texts: list[str]) -> float:
    """Estimate the width of the widest text in pixels without a font: full-width characters count one em."""

    def width(text: str) -> float:
        return sum(1.0 if unicodedata.east_asian_width(c) in "FWA" else 0.56 for c in text) * FONT_SIZE

    return max((width(text) for text in texts), default=0.0)


def themed(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """Give a chart the look of the page."""
    look: alt.TopLevelMixin = (
        chart.configure(background="#FFFFFF", font=FONT, padding={"left": 4, "right": 12, "top": 8, "bottom": 4})
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=FONT_SIZE,
            titleFontSize=FONT_SIZE,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=LINES,
            domainColor=GREY,
            tickColor=GREY,
            labelLimit=0,
        )
        .configure_text(fontSize=FONT_SIZE)
    )
    return look


def to_svg(chart: alt.TopLevelMixin, ident: str, title: str, description: str) -> str:
    """Draw a chart.

    Parameters
    ----------
    chart
        Any Altair chart, not yet themed.
    ident
        Unique in the page; goes into every id of the SVG.
    title, description
        What a screen reader says, in the chart's language.
    """
    register_japanese_font()
    spec = themed(chart).to_dict(validate=False)
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0])
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{ident}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{ident}-\1)", svg)
    names = f"{ident}-title {ident}-desc"
    head = f'<title id="{ident}-title">{escape(title)}</title><desc id="{ident}-desc">{escape(description)}</desc>'
    svg = svg.replace("<svg ", f'<svg role="img" aria-labelledby="{names}" overflow="visible" ', 1)
    return svg.replace(">", f">{head}", 1)
