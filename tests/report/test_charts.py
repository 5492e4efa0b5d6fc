import json
import re

import altair as alt
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from report import charts, svg
from report.crowding_figures import heat_steps, step_of
from report.svg import BLUE, GREY, Wording, alone, room_for, to_svg
from report.words import Both, name_of, plain, scale_of, short_date
from results.manifest import Label
from texts import LANGS

BEFORE, AFTER = Both("前", "before"), Both("後", "after")
MINUTES = Both("分", "minutes")
ARMS = charts.Arms([BEFORE, AFTER])


def lines(wording: Wording, arms: charts.Arms = ARMS) -> pd.DataFrame:
    frame = pd.DataFrame({"x": [8, 9, 8, 9], "value": [20.0, 41.0, 18.0, 30.0]})
    names = [wording(arms.names[0])] * 2 + [wording(arms.names[-1])] * 2
    return frame.assign(arm=names, lo=frame["value"] - 2, hi=frame["value"] + 2)


def curve(frame: pd.DataFrame | None = None, arms: charts.Arms = ARMS) -> svg.Drawing:
    wording = Wording()
    drawn = lines(wording, arms) if frame is None else frame
    return charts.curve(drawn, arms, alt.Axis(title=wording(Both("時", "hour"))), MINUTES, wording)


def test_before_and_after_differ_by_colour_and_dash() -> None:
    wording = Wording()
    assert ARMS.colours(wording).to_dict() == {"domain": ["前", "後"], "range": [GREY, BLUE]}
    assert ARMS.dashes(wording).to_dict()["range"] == [[5, 3], [1, 0]]
    assert charts.Arms([plain("試算")]).colours(wording).to_dict()["range"] == [BLUE]


def test_dots_differ_by_shape_and_stand_on_one_axis() -> None:
    parts = [pd.DataFrame({"minutes": [float(m) for m in range(50)]}), pd.DataFrame({"minutes": [1.0] * 50})]
    spec = charts.dots(parts, [[BEFORE, MINUTES], [AFTER, MINUTES]], 30.0, MINUTES, Wording()).spec
    points = [layer for panel in spec["vconcat"] for layer in panel["layer"] if layer["mark"]["type"] == "point"]
    assert [point["mark"]["shape"] for point in points] == ["square", "circle"]
    assert points[0]["encoding"]["x"]["scale"] == points[1]["encoding"]["x"]["scale"]
    assert [len(spec["datasets"][f"dots{number}"]) for number in (0, 1)] == [50, 50]


def test_every_axis_of_a_curve_starts_at_zero_and_names_its_unit() -> None:
    found = [layer["encoding"]["y"] for layer in curve().spec["layer"] if "scale" in layer["encoding"]["y"]]
    assert {y["axis"]["title"] for y in found} == {"分"}
    assert {y["scale"]["domain"][0] for y in found} == {0}


def test_a_curve_names_its_lines_beside_a_piece_of_each() -> None:
    spec = curve().spec
    for number, name in enumerate(("前", "後")):
        marks = [layer["mark"]["type"] for layer in spec["layer"] if layer["data"]["name"] == f"key{number}"]
        assert marks == ["rule", "text", "text"]
        assert spec["datasets"][f"key{number}"] == [{"arm": name}]


def test_savings_always_show_the_zero_line() -> None:
    frame = pd.DataFrame({"value": [900.0], "lo": [800.0], "hi": [1000.0], "text": ["900"]})
    panel = charts.Panel(Both("住民", "people"), Both("時間", "hours"), [Both("待つ", "waiting")], frame)
    low, high = charts.intervals([panel], Wording()).spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 0
    assert high > 1000


def test_a_drawing_holds_its_words_in_both_languages_and_nothing_of_the_library() -> None:
    text = to_svg(curve(), "fig1", "fig1-title")
    assert text.count("<svg ") == 1
    assert 'role="img" aria-labelledby="fig1-title"' in text
    assert not re.search(r"aria-(?!labelledby)|roledescription|titled|linear scale", text)
    assert all(name.startswith("fig1-") for name in re.findall(r'\bid="([^"]*)"', text))
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(re.findall(r'\bid="([^"]*)"', text))
    for ja, en in (("前", "before"), ("後", "after"), ("分", "minutes"), ("時", "hour")):
        pattern = rf'<text class="ja" lang="ja"([^>]*)>{ja}</text><text class="en" lang="en"([^>]*)>{en}</text>'
        found = re.search(pattern, text)
        assert found is not None
        assert found[1] == found[2]


def test_a_file_of_a_drawing_speaks_one_language_and_names_itself() -> None:
    drawn = to_svg(curve(), "fig1", "fig1-title")
    for lang in LANGS:
        text = alone(drawn, lang, "待ち <時間> & 人", "d")
        assert '<title id="title">待ち &lt;時間&gt; &amp; 人</title>' in text
        assert (">before<" in text, ">前<" in text) == (lang == "en", lang == "ja")
        assert "class=" not in text


def test_words_that_are_alike_in_one_language_are_told_apart() -> None:
    wording = Wording()
    texts = [Both("時間", "hours"), Both("時間", "time"), Both("時間", "hours"), Both("<2>", "<2>")]
    assert len({wording(text) for text in texts[:2]}) == 2
    assert wording(texts[2]) == wording(texts[0])
    frame = pd.DataFrame(
        {"value": [1.0] * 2, "lo": [0.5] * 2, "hi": [2.0] * 2, "text": [wording(t) for t in texts[1::2]]}
    )
    panel = charts.Panel(plain(""), plain("x"), [texts[0], Both("件", "items")], frame)
    drawn = to_svg(charts.intervals([panel], wording), "fig1", "t")
    assert ">hours</text>" in drawn
    assert ">time</text>" in drawn
    assert "\N{ZERO WIDTH SPACE}" not in drawn
    assert ">&lt;2&gt;</text>" in drawn


def test_a_drawing_without_a_band_or_with_one_arm_is_drawn() -> None:
    one = charts.Arms([Both("試算", "estimate")])
    assert "<path" in to_svg(curve(arms=one), "a", "t")
    wording = Wording()
    bare = lines(wording).assign(lo=float("nan"), hi=float("nan"))
    drawn = to_svg(charts.curve(bare, ARMS, alt.Axis(title=None), MINUTES, wording), "a", "t")
    assert {name for name in ("前", "後") if f">{name}</text>" in drawn} == {"前", "後"}


def test_the_same_chart_gives_the_same_svg() -> None:
    assert to_svg(curve(), "a", "t") == to_svg(curve(), "a", "t")


@given(st.floats(0, 600))
def test_a_cell_has_the_step_that_its_printed_number_is_in(value: float) -> None:
    steps = heat_steps(max(value, 1.0))
    assert sorted(set(steps)) == steps
    step = step_of(value, steps)
    assert all((round(value) >= limit) == (step > place) for place, limit in enumerate(steps))


def test_room_for_labels_is_kept_without_a_font() -> None:
    assert room_for(["来庁前の準備"]) == 6 * svg.FONT_SIZE
    assert room_for(["Cards"]) < room_for(["Preparing"]) < room_for(["来庁前の準備"])
    assert room_for([]) == 0


def test_the_font_comes_along_and_paints_japanese() -> None:
    folder = svg.register_japanese_font()
    assert (folder / "NotoSansJP-Regular.otf").is_file()
    drawn = {
        word: svg.to_png(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30" font-family="{svg.FONT}">'
            f'<text x="5" y="20" font-size="13px">{word}</text></svg>'
        )
        for word in ("窓口", "届出")
    }
    assert drawn["窓口"] != drawn["届出"]  # without a font both are the same two boxes


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
