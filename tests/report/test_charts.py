import json
import re

import altair as alt
import pandas as pd
import pytest

from report import charts, svg
from report.svg import BLUE, GREY, INK, room_for, to_svg
from report.words import Both, name_of, scale_of, short_date
from results.manifest import Label

FRAME = pd.DataFrame({"x": [8, 9, 8, 9], "arm": ["前", "前", "後", "後"], "value": [20.0, 41.0, 18.0, 30.0]}).assign(
    lo=lambda frame: frame["value"] - 2, hi=lambda frame: frame["value"] + 2
)
ARMS = charts.Arms(["前", "後"])


def curve() -> charts.Layered:
    return charts.curve(FRAME, ARMS, alt.X("x:O", axis=alt.Axis(title="時")), "分", points=True)


def test_before_and_after_differ_by_colour_dash_and_shape() -> None:
    assert ARMS.colours.to_dict() == {"domain": ["前", "後"], "range": [GREY, BLUE]}
    assert ARMS.dashes.to_dict()["range"] == [[5, 3], [1, 0]]
    assert ARMS.shapes.to_dict()["range"] == ["square", "circle"]
    assert charts.Arms(["試算"]).colours.to_dict()["range"] == [BLUE]


def test_every_axis_of_a_curve_starts_at_zero_and_names_its_unit() -> None:
    spec = curve().to_dict()
    found = [layer["encoding"]["y"] for layer in spec["layer"] if "scale" in layer["encoding"]["y"]]
    assert {y["axis"]["title"] for y in found} == {"分"}
    assert {y["scale"]["domain"][0] for y in found} == {0}


def test_a_curve_names_its_lines_at_their_peaks() -> None:
    spec = curve().to_dict()
    names = [layer for layer in spec["layer"] if layer["mark"]["type"] == "text" and "color" in layer["encoding"]]
    rows = [spec["datasets"][layer["data"]["name"]][0] for layer in names]
    assert [(row["arm"], row["x"]) for row in rows] == [("前", 9), ("後", 9)]


def test_savings_always_show_the_zero_line() -> None:
    frame = pd.DataFrame({"item": ["待つ"], "value": [900.0], "lo": [800.0], "hi": [1000.0], "text": ["900"]})
    spec = charts.savings([("住民", frame)], "時間").to_dict()
    low, high = spec["vconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 0
    assert high > 1000


@pytest.mark.parametrize("frame", [FRAME, FRAME[FRAME["arm"] == "前"], FRAME.assign(lo=float("nan"), hi=float("nan"))])
def test_an_svg_says_its_title_and_nothing_of_the_library(frame: pd.DataFrame) -> None:
    arms = charts.Arms(list(dict.fromkeys(frame["arm"])))
    chart = charts.curve(frame, arms, alt.X("x:O"), "分", points=True)
    text = to_svg(chart, "fig1-ja", "待ち <時間> & 人", "来た時刻ごと")
    assert text.count("<svg ") == 1
    assert 'role="img" aria-labelledby="fig1-ja-title fig1-ja-desc"' in text
    assert '<title id="fig1-ja-title">待ち &lt;時間&gt; &amp; 人</title>' in text
    assert not re.search(r"aria-(?!labelledby)|roledescription|titled|linear scale", text)
    assert all(name.startswith("fig1-ja-") for name in re.findall(r'\bid="([^"]*)"', text))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(re.findall(r'\bid="([^"]*)"', text))


def test_the_same_chart_gives_the_same_svg() -> None:
    assert to_svg(curve(), "a", "t", "d") == to_svg(curve(), "a", "t", "d")


def test_text_in_charts_is_dark_enough_on_white() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    text = to_svg(curve(), "a", "t", "d")
    fills = {fill.upper() for fill in re.findall(r"<text [^>]*fill=\"(#[0-9a-fA-F]{6})\"", text)}
    assert fills == {INK, GREY, BLUE.upper(), "#FFFFFF"}  # white is the halo
    assert all(1.05 / (luminance(fill) + 0.05) >= 4.5 for fill in fills - {"#FFFFFF"})  # WCAG 2.2, 1.4.3


def test_room_for_labels_is_kept_without_a_font() -> None:
    assert room_for(["来庁前の準備"]) == 6 * svg.FONT_SIZE
    assert room_for(["Cards"]) < room_for(["Preparing"]) < room_for(["来庁前の準備"])
    assert room_for([]) == 0


def test_a_missing_font_folder_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "_FONT_FOLDERS", ("/nowhere",))
    svg.register_japanese_font.cache_clear()
    assert svg.register_japanese_font() is None
    assert "<svg " in to_svg(curve(), "a", "t", "d")
    svg.register_japanese_font.cache_clear()


def test_names_come_from_the_run_then_the_catalogue_then_the_id() -> None:
    labels = {"okubo": Label(ja="大久保", en="Okubo")}
    assert name_of("site", "okubo", labels) == Both("大久保", "Okubo")
    assert name_of("kind", "move_in", labels).en == "Moving in"
    assert name_of("kind", "unheard_of", labels) == Both("unheard_of", "unheard_of")


def test_units_are_the_everyday_ones() -> None:
    shown = {name: scale_of(name, unit) for name, unit in [("visits", "count"), ("early_visit_share", "share")]}
    assert (
        json.dumps([(s.factor, s.unit.ja) for s in shown.values()], ensure_ascii=False) == '[[1.0, "回"], [100.0, "%"]]'
    )


def test_dates_are_written_as_each_language_writes_them() -> None:
    assert short_date(pd.Timestamp("2023-03-27").date()) == Both("3月27日", "27 March")


def test_lines_without_bands_keep_their_names() -> None:
    frame = FRAME.assign(lo=float("nan"), hi=float("nan"))
    text = to_svg(charts.curve(frame, ARMS, alt.X("x:O"), "分", points=True), "a", "t", "d")
    assert {name for name in ("前", "後") if f">{name}</text>" in text} == {"前", "後"}
