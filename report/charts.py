"""The charts as Altair specifications; each takes tidy frames and its words (`Wording`), and gives a drawing.

Every comparison is before (grey, dashed, squares) and after (blue, solid, circles), so it survives black and white.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

from report.svg import BLUE, GREY, INK, RED, WIDTH, Drawing, Spec, Wording, room_for
from report.words import Both

HALO: dict[str, Any] = {"color": "#FFFFFF", "stroke": "#FFFFFF", "strokeWidth": 5, "fontWeight": "bold"}
"""Drawn first and in white, so that a line behind a text does not strike it through."""

Frames = Mapping[str, pd.DataFrame]
Kind = Literal["area", "bar", "line", "point", "rect", "rule", "text"]


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms in order, by the names that the reader sees; one name where there is nothing to compare."""

    names: list[Both]

    def words(self, wording: Wording) -> list[str]:
        """Return the names as the chart is drawn with."""
        return [wording(name) for name in self.names]

    def _scale(self, wording: Wording, both: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=self.words(wording), range=list(both)[-len(self.names) :])

    def colours(self, wording: Wording) -> alt.Scale:
        """Grey before, blue after; blue alone."""
        return self._scale(wording, (GREY, BLUE))

    def dashes(self, wording: Wording) -> alt.Scale:
        """Dashed before, solid after."""
        return self._scale(wording, ([5, 3], [1, 0]))


def mark(data: str, kind: Kind, encoding: dict[str, Any], **look: Any) -> alt.Chart:
    """Return one layer over a named data set."""
    return alt.Chart(alt.NamedData(data), mark=alt.MarkDef(kind, **look)).encode(**encoding)


def layered(layers: list[alt.Chart], width: float, height: float | dict[str, float], title: str = "") -> alt.LayerChart:
    """Put layers over each other in one panel."""
    size: dict[str, Any] = {"width": width, "height": height}
    panel = alt.LayerChart(layer=layers, **size)
    if title:
        panel.title = title
    return panel


def drawing(panels: list[alt.LayerChart], frames: Frames, wording: Wording, spacing: float = 12) -> Drawing:
    """Return panels, one below the other, with their data."""
    chart = panels[0] if len(panels) == 1 else alt.VConcatChart(vconcat=panels, spacing=spacing)
    spec: Spec = chart.to_dict(validate=False)
    spec["datasets"] = {name: _records(frame) for name, frame in frames.items()}
    return Drawing(spec, wording)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]


def curve(frame: pd.DataFrame, arms: Arms, x_axis: alt.Axis, y_title: Both, wording: Wording) -> Drawing:
    """Draw lines with bands, one an arm.

    Parameters
    ----------
    frame
        Columns x (a number), arm (as `Arms.words` has it), value, lo, hi; sorted by arm and x.
    """
    x = alt.X(
        "x:Q", axis=x_axis, scale=alt.Scale(domain=[float(frame["x"].min()), float(frame["x"].max())], nice=False)
    )
    top = float(frame[["value", "hi"]].max().max()) * 1.1 or 1.0
    y_scale = alt.Scale(domain=[0, top], nice=False)
    y_axis = alt.Axis(title=wording(y_title), tickCount=6)
    colour = alt.Color("arm:N", scale=arms.colours(wording), legend=None)
    y = alt.Y("value:Q", axis=y_axis, scale=y_scale)
    dash = alt.StrokeDash("arm:N", scale=arms.dashes(wording), legend=None)
    band = {"x": x, "y": alt.Y("lo:Q", axis=y_axis, scale=y_scale), "y2": "hi:Q", "color": colour}
    layers = [
        mark("lines", "area", band, opacity=0.18),
        mark("lines", "line", {"x": x, "y": y, "color": colour, "strokeDash": dash}, strokeWidth=2),
    ]
    frames = {"lines": frame}
    if len(arms.names) > 1:
        for row, name in enumerate(arms.words(wording)):
            frames[f"key{row}"] = pd.DataFrame({"arm": [name]})
            layers += _key(f"key{row}", 8 + 18 * row, colour, dash)
    return drawing([layered(layers, WIDTH - 40, 180)], frames, wording)


def _key(data: str, height: float, colour: alt.Color, dash: alt.StrokeDash) -> list[alt.Chart]:
    """Name a line in the upper left corner, beside a piece of it."""
    y = alt.value(height)
    line = {"x": alt.value(8), "x2": alt.value(36), "y": y, "color": colour, "strokeDash": dash}
    name = {"x": alt.value(42), "y": y, "text": "arm:N"}
    return [
        mark(data, "rule", line, strokeWidth=2),
        mark(data, "text", name, align="left", **HALO),
        mark(data, "text", {**name, "color": colour}, align="left", fontWeight="bold"),
    ]


def _labels(items: list[Both], wording: Wording, room: float | None = None) -> alt.Axis:
    extent = (wording.room(items) if room is None else room) + 10
    return alt.Axis(title=None, ticks=False, domain=False, labelPadding=8, minExtent=extent, maxExtent=extent)


def bars(frame: pd.DataFrame, items: list[Both], arms: Arms, x_title: Both, wording: Wording) -> Drawing:
    """Draw a pair of bars per item, each with its arm and its figure at the end.

    Parameters
    ----------
    frame
        Columns item (as the wording has it, in order), arm, value, text.
    """
    furthest = float(frame["value"].max()) or 1.0
    room = wording.room(items)
    names, words = [wording(item) for item in items], arms.words(wording)
    x_axis = alt.Axis(title=wording(x_title), tickCount=5)
    x_scale = alt.Scale(domain=[0, furthest * 1.25], nice=False)
    where = {
        "x": alt.X("value:Q", axis=x_axis, scale=x_scale),
        "y": alt.Y("item:N", sort=names, axis=_labels(items, wording), scale=alt.Scale(padding=0.12)),
        "yOffset": alt.YOffset("arm:N", sort=words),
    }
    colour = alt.Color("arm:N", scale=arms.colours(wording), legend=None)
    layers = [
        mark("bars", "bar", {**where, "color": colour}, height={"band": 0.92}),
        mark("bars", "text", {**where, "text": "text:N"}, align="left", dx=5, color=INK),
    ]
    height = {"step": 16.5 if len(arms.names) > 1 else 28.0}
    return drawing([layered(layers, WIDTH - room - 10, height)], {"bars": frame}, wording)


@dataclass(frozen=True, slots=True)
class Panel:
    """A group of items with intervals: title, unit of its axis, and a frame with value, lo, hi, text per item."""

    title: Both
    x_title: Both
    items: list[Both]
    frame: pd.DataFrame


def intervals(panels: list[Panel], wording: Wording, *, zero: bool = True) -> Drawing:
    """Draw dots with their 95 % intervals, around a zero line; a panel for each group, with its own axis.

    Parameters
    ----------
    zero
        Whether zero divides two directions; else the axis begins there.
    """
    room = max((wording.room(panel.items) for panel in panels), default=0.0)
    frames = {f"panel{number}": _named(panel, wording) for number, panel in enumerate(panels)}
    frames["zero"] = pd.DataFrame({"zero": [0.0]})
    drawn = [_panel(panel, f"panel{number}", room, wording, zero=zero) for number, panel in enumerate(panels)]
    return drawing(drawn, frames, wording, spacing=22)


def _named(panel: Panel, wording: Wording) -> pd.DataFrame:
    return panel.frame.assign(item=[wording(item) for item in panel.items])


def _panel(panel: Panel, data: str, room: float, wording: Wording, *, zero: bool) -> alt.LayerChart:
    ends = [float(v) for v in pd.concat([panel.frame[name] for name in ("lo", "hi", "value")]).dropna()]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    span_of_all = high - low or 1.0
    left = 0.06 * span_of_all if zero else 0.0
    width = WIDTH - room - 10
    texts = room_for([str(text) for text in panel.frame["text"]]) + 14  # they stand to the right of the intervals
    x_scale = alt.Scale(domain=[low - left, high + (span_of_all + left) * texts / (width - texts)], nice=False)
    x_axis = alt.Axis(title=wording(panel.x_title), tickCount=6, titlePadding=6)
    axis = _labels(panel.items, wording, room)
    y = alt.Y("item:N", sort=[wording(item) for item in panel.items], axis=axis)
    x = alt.X("value:Q", axis=x_axis, scale=x_scale)
    span = {"y": y, "x": alt.X("lo:Q", axis=x_axis, scale=x_scale), "x2": "hi:Q"}
    line = {"x": alt.X("zero:Q", scale=x_scale)}
    beside = {"x": alt.X("hi:Q", scale=x_scale, axis=x_axis), "y": y, "text": "text:N"}
    layers = [
        mark("zero", "rule", line, color=INK, strokeWidth=1.5),
        mark(data, "text", beside, align="left", dx=10, **HALO),
        mark(data, "rule", span, strokeWidth=3, color=BLUE),
        mark(data, "point", {"x": x, "y": y}, filled=True, size=70, opacity=1, color=BLUE),
        mark(data, "text", beside, align="left", dx=10, color=INK),
    ]
    title = wording(panel.title) if panel.title.ja else ""
    return layered(layers, width, {"step": 24.0}, title)


def dots(parts: list[pd.DataFrame], notes: list[list[Both]], limit: float, axis: Both, wording: Wording) -> Drawing:
    """Draw 50 equally likely waits as 50 dots, a panel an arm, one above the other on one axis.

    Parameters
    ----------
    parts
        For each arm a frame with the column minutes.
    notes
        For each arm what is written beside its dots: a heading and, in the colour of the limit, who is beyond it.
    limit
        Where the dashed line stands.
    """
    furthest = max(limit * 1.2, *(float(part["minutes"].max()) for part in parts))
    width = _bin_width(furthest)
    top = math.ceil(furthest / width) * width
    stacks = [_stacked(part["minutes"], width) for part in parts]
    highest = max(int(stack["height"].max()) for stack in stacks)
    x_scale = alt.Scale(domain=[0, top], nice=False)
    y_scale = alt.Scale(domain=[0.4, highest + 0.6], nice=False)
    frames = {"limit": pd.DataFrame({"at": [limit]})}
    panels = []
    looks = ((GREY, "square"), (BLUE, "circle"))[-len(parts) :]
    for number, (stack, texts, (colour, shape)) in enumerate(zip(stacks, notes, looks, strict=True)):
        frames[f"dots{number}"] = stack
        title = wording(axis) if number == len(parts) - 1 else None
        x = alt.X("x:Q", scale=x_scale, axis=alt.Axis(title=title, grid=False, tickCount=10))
        y = alt.Y("height:Q", scale=y_scale, axis=None)
        rule = {"x": alt.X("at:Q", scale=x_scale)}
        layers = [
            mark("limit", "rule", rule, color=RED, strokeDash=[3, 2]),
            mark(
                f"dots{number}", "point", {"x": x, "y": y}, filled=True, opacity=1, size=28, color=colour, shape=shape
            ),
        ]
        at, align = _room_beside(stacks, limit, highest, limit / top * WIDTH + 14)
        for line, (text, ink) in enumerate(zip(texts, (INK if colour == GREY else BLUE, RED), strict=True)):
            frames[f"note{number}{line}"] = pd.DataFrame({"text": [wording(text)]})
            spot = {"x": alt.value(at), "y": alt.value(6 + 19 * line), "text": "text:N"}
            look: dict[str, Any] = {"align": align, "baseline": "top", "color": ink}
            layers.append(mark(f"note{number}{line}", "text", spot, **look, fontWeight="normal" if line else "bold"))
        panels.append(layered(layers, WIDTH, max(6 * highest + 6, 60)))
    return drawing(panels, frames, wording, spacing=8)


def _room_beside(stacks: list[pd.DataFrame], limit: float, highest: int, beside: float) -> tuple[float, str]:
    """Return where notes stand: beside the limit, where a narrow screen shows them, unless dots are in the way."""
    heights = pd.concat([stack.loc[stack["x"] > limit, "height"] for stack in stacks])
    beyond = 0 if heights.empty else int(heights.max())
    return (beside, "left") if highest - beyond >= 6 and beside < WIDTH / 2 else (WIDTH - 6.0, "right")


def _bin_width(furthest: float) -> float:
    """Minutes that one stack of dots stands for: few enough to see, wide enough that dots do not touch."""
    return next((width for width in (1, 2, 3, 4, 5, 10, 20, 30) if furthest / width <= 60), 60)


def _stacked(minutes: pd.Series, width: float) -> pd.DataFrame:
    stack = (minutes // width).astype(int)
    return pd.DataFrame({"x": stack * width + width / 2, "height": stack.groupby(stack).cumcount() + 1})


STEPS = ("#F0F9FF", "#C0E4FF", "#97D3FF", "#57B8FF", "#0055AD")
"""Light-blue tokens; dark text is readable on the first four, white text on the last."""


def heat(parts: list[pd.DataFrame], arms: Arms, rows: list[Both], keys: list[Both], wording: Wording) -> Drawing:
    """Draw a map of weekday by hour for each arm with the number in each cell, on the same five steps of colour.

    Parameters
    ----------
    parts
        For each arm a frame with the columns hour, day (as the wording has it), value, text, step (0 to 4).
    rows
        Weekdays from top to bottom.
    keys
        What the five steps stand for.
    """
    step = alt.Color("step:O", scale=alt.Scale(domain=list(range(5)), range=list(STEPS)), legend=None)
    ink = alt.Color("step:O", scale=alt.Scale(domain=list(range(5)), range=[INK] * 4 + ["#FFFFFF"]), legend=None)
    frames = {f"cells{number}": part for number, part in enumerate(parts)}
    frames["key"] = pd.DataFrame({"step": range(5), "text": [wording(key) for key in keys]})
    names = [wording(row) for row in rows]
    hours = sorted({int(hour) for part in parts for hour in part["hour"]})
    width = WIDTH - wording.room(rows) - 10
    panels = []
    for number, name in enumerate(arms.names):
        y = alt.Y("day:N", sort=names, axis=_labels(rows, wording))
        x = alt.X("hour:O", sort=hours, axis=alt.Axis(title=None, labelAngle=0, ticks=False, domain=False))
        cells = mark(f"cells{number}", "rect", {"x": x, "y": y, "color": step}, stroke="#FFFFFF", strokeWidth=1)
        text = mark(f"cells{number}", "text", {"x": x, "y": y, "text": "text:N", "color": ink}, fontSize=13)
        panels.append(_two_colours([cells, text], width, {"step": 21.0}, wording(name) if len(arms.names) > 1 else ""))
    x = alt.X("step:O", axis=None)
    step_cell = mark("key", "rect", {"x": x, "color": step}, stroke=GREY, strokeWidth=0.5)
    step_text = mark("key", "text", {"x": x, "text": "text:N", "color": ink}, fontSize=13)
    panels.append(_two_colours([step_cell, step_text], width, 22.0))
    return drawing(panels, frames, wording, spacing=10)


def _two_colours(
    layers: list[alt.Chart], width: float, height: float | dict[str, float], title: str = ""
) -> alt.LayerChart:
    """Put text over cells, each with a colour scale of its own."""
    panel = layered(layers, width, height, title)
    panel.resolve = alt.Resolve(scale=alt.ScaleResolveMap(color="independent"))
    return panel
