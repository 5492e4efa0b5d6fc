"""The chart of a load test: what was accepted, how long applicants waited, and incidents, on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from report.charts import HALO, STEPS, Frames, drawing, layered, mark
from report.svg import BLUE, GREY, INK, ORANGE, RED, WIDTH, Drawing, Wording
from report.words import Both, both

_ROOM: Final = 62
"""Pixels left of every panel, so that a second stands at one place in all of them."""
_KEY: Final = 20
"""Pixels along the top of a panel in which its lines are named."""
_TICKS: Final = {
    0.01: "10us",
    0.1: "100us",
    1.0: "1ms",
    10.0: "10ms",
    100.0: "100ms",
    1e3: "1s",
    1e4: "10s",
    1e5: "100s",
}
"""Milliseconds at which the axis of times has a line, and the name of each."""
LINES: Final = ("p50", "p95", "p99")
_LOOKS: Final = ((BLUE, [1, 0]), (BLUE, [6, 3]), (GREY, [2, 2]))

Key = tuple[Both, str, list[int], float]
"""What a piece of a line means, its colour, dashes, and where it stands, pixels from the left."""


def course(
    steps: pd.DataFrame, level: tuple[float, float, float], required: float, incidents: pd.DataFrame, wording: Wording
) -> Drawing:
    """Draw the panels of a load test, one below the other.

    Parameters
    ----------
    steps
        Columns second, until (real seconds), rate (accepted a second), calls, p50, p95, p99 (milliseconds).
    level
        What the busiest quarter carried: from when, until when, how many a second.
    required
        Applications a second.
    incidents
        Columns name (as the wording has it), start, end (real seconds); may be empty.
    """
    length = float(steps["until"].max())
    frames = {
        "steps": steps,
        "times": steps[steps["calls"] > 0].assign(middle=(steps["second"] + steps["until"]) / 2),
        "level": pd.DataFrame([level], columns=["start", "end", "rate"]),
        "required": pd.DataFrame({"rate": [required]}),
        "incidents": incidents.assign(row=range(len(incidents))),
    }
    last = bool(len(incidents))
    panels = [_rates(frames, length, wording), _times(frames, length, wording, last=not last)]
    if last:
        panels.append(_lanes(frames, length, wording))
    return drawing(panels, frames, wording, spacing=14)


def _seconds(length: float, wording: Wording, field: str, *, shown: bool) -> alt.X:
    axis = alt.Axis(title=wording(both("report.load.axis")) if shown else None, grid=False, labels=shown, tickCount=8)
    return alt.X(f"{field}:Q", axis=axis, scale=alt.Scale(domain=[0, length], nice=False))


def _left(**more: Any) -> alt.Axis:
    return alt.Axis(title=None, minExtent=_ROOM, maxExtent=_ROOM, **more)


def _panel(layers: list[alt.Chart], height: float, title: Both, wording: Wording) -> alt.LayerChart:
    """Put a panel together, its title above its own left edge whatever stands left of it."""
    panel = layered(layers, WIDTH - _ROOM, height)
    panel.title = alt.TitleParams(wording(title), frame="group")
    return panel


def _tint(frames: Frames, x: alt.X) -> list[alt.Chart]:
    """Mark in a panel when incidents were at work."""
    if not len(frames["incidents"]):
        return []
    where = {"x": x, "x2": "end:Q", "y": alt.value(_KEY), "y2": alt.value("height")}
    return [mark("incidents", "rect", where, color=ORANGE, opacity=0.14)]


def _rates(frames: dict[str, pd.DataFrame], length: float, wording: Wording) -> alt.LayerChart:
    highest = max(float(frames[name]["rate"].max()) for name in ("steps", "level", "required")) or 1.0
    scale = alt.Scale(domain=[0, highest * 1.4], nice=False)
    axis = _left(tickCount=5)
    x, y = _seconds(length, wording, "second", shown=False), alt.Y("rate:Q", axis=axis, scale=scale)
    quarter = {"x": _seconds(length, wording, "start", shown=False), "x2": "end:Q", "y": y}
    layers = [
        *_tint(frames, _seconds(length, wording, "start", shown=False)),
        mark("steps", "rect", {"x": x, "x2": "until:Q", "y": y, "y2": alt.datum(0)}, color=STEPS[2], stroke="#FFFFFF"),
        mark("level", "rule", quarter, color=BLUE, strokeWidth=3),
        mark("required", "rule", {"y": y}, color=RED, strokeDash=[4, 3], strokeWidth=2),
    ]
    keys: list[Key] = [
        (both("report.load.key.carried"), BLUE, [1, 0], 0.0),
        (both("report.load.key.required"), RED, [4, 3], 0.5),
    ]
    return _panel([*layers, *_keys("rate", keys, frames, wording)], 120, both("report.load.rates"), wording)


def _times(frames: dict[str, pd.DataFrame], length: float, wording: Wording, *, last: bool) -> alt.LayerChart:
    times = frames["times"]
    values = [float(value) for name in LINES for value in times[name] if value > 0] or [1.0]
    low, high = 10 ** math.floor(math.log10(min(values))), max(values)
    frames["times"] = times.assign(**{name: times[name].clip(lower=low) for name in LINES})  # no logarithm of nothing
    top = max(high, low * 10) * (high / low) ** 0.35
    ticks = [tick for tick in _TICKS if low <= tick <= top]
    names = ", ".join(f"'{wording(both(f'report.load.tick.{_TICKS[tick]}'))}'" for tick in ticks)
    axis = _left(values=ticks, labelExpr=f"[{names}][indexof({ticks}, datum.value)]")
    scale = alt.Scale(domain=[low, top], type="log", nice=False)
    x = _seconds(length, wording, "middle", shown=last)
    layers = _tint(frames, _seconds(length, wording, "start", shown=last))
    for name, (colour, dash) in zip(LINES, _LOOKS, strict=True):
        where = {"x": x, "y": alt.Y(f"{name}:Q", axis=axis, scale=scale)}
        look: dict[str, Any] = {"color": colour, "strokeDash": dash, "strokeWidth": 2}
        layers.append(mark("times", "line", where, **look, point=alt.OverlayMarkDef(color=colour, size=14)))
    keys: list[Key] = [
        (both(f"report.load.key.{name}"), colour, dash, place / 3)
        for place, (name, (colour, dash)) in enumerate(zip(LINES, _LOOKS, strict=True))
    ]
    return _panel([*layers, *_keys("time", keys, frames, wording)], 120, both("report.load.times"), wording)


def _lanes(frames: dict[str, pd.DataFrame], length: float, wording: Wording) -> alt.LayerChart:
    """Draw a bar for each incident, its name above it, on the side where there is room."""
    rows = len(frames["incidents"])
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[rows - 0.4, -0.6], nice=False))
    x = _seconds(length, wording, "start", shown=True)
    layers = [
        *_tint(frames, x),
        mark("incidents", "rule", {"x": x, "x2": "end:Q", "y": y}, color=ORANGE, strokeWidth=8),
    ]
    for data, field, align in (("early", "start", "left"), ("late", "end", "right")):
        of_data = frames["incidents"]["start"] < length / 2
        frames[data] = frames["incidents"][of_data if data == "early" else ~of_data]
        where = {"x": _seconds(length, wording, field, shown=True), "y": y, "text": "name:N"}
        layers += [
            mark(data, "text", where, align=align, dy=-14, **HALO),
            mark(data, "text", where, align=align, dy=-14, color=INK),
        ]
    return _panel(layers, 42.0 * rows, both("report.load.lanes"), wording)


def _keys(data: str, keys: Sequence[Key], frames: dict[str, pd.DataFrame], wording: Wording) -> list[alt.Chart]:
    """Name lines along the top of a panel, each beside a piece of it."""
    layers = []
    for number, (text, colour, dash, part) in enumerate(keys):
        name, left = f"{data}-key{number}", 6 + part * (WIDTH - _ROOM)
        frames[name] = pd.DataFrame({"text": [wording(text)]})
        line = {"x": alt.value(left), "x2": alt.value(left + 24), "y": alt.value(8)}
        word = {"x": alt.value(left + 30), "y": alt.value(8), "text": "text:N"}
        layers += [
            mark(name, "rule", line, color=colour, strokeDash=dash, strokeWidth=2),
            mark(name, "text", word, align="left", baseline="middle", color=INK),
        ]
    return layers
