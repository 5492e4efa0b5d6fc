"""Titles and notes of the load test's figure claim what its numbers show, and nothing more."""

import re
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from report.load_figure import duration, figures, load, load_note, load_title, window_words
from report.load_run import Incident, Played, read_load_run
from report.svg import to_svg
from report.words import plain
from tests.report.sample_load import OUTAGE, load_folder
from texts import LANGS

RATES = st.floats(1e-6, 5000) | st.sampled_from([0.0, 1.0, 1.004, 9.994, 9.996, 10.045])
OUTCOMES = st.sampled_from(["enough", "not_enough", "faulty", "cannot_say"])


def played(carried: float = 3.8, required: float = 0.03, calls: int = 10, p95: float = 3.0) -> Played:
    incidents = [Incident(plain("x"), 20.0, 32.0)]
    return Played("2023-03-28 08:30/12:30", 9, 240, 60, 168, carried, required, (13, 28), calls, 1, p95, incidents)


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


@settings(max_examples=500)
@given(OUTCOMES, RATES, RATES)
def test_more_or_less_than_required_is_said_only_where_the_printed_numbers_say_so(
    outcome: str, carried: float, required: float
) -> None:
    title = load_title(outcome, played(carried, required))
    more, less = "倍だった" in title.ja, "届かなかった" in title.ja
    assert (more, less) == ("times the" in title.en, "short of" in title.en)
    if outcome == "cannot_say":
        assert "判定できない" in title.ja
        assert "cannot tell" in title.en
    if outcome == "cannot_say" or required <= 0 or carried <= 0:
        assert not more
        assert not less
        return
    said = carried, required
    if more or less:
        for lang in LANGS:
            found = numbers(title.in_(lang))
            assert found[0] == 15
            assert any(abs(one - carried) <= 0.005 * carried for one in found[1:])
            assert any(abs(one - required) <= 0.005 * required for one in found[1:])
            assert any(abs(one - carried / required) <= 0.006 * carried / required for one in found[1:])
        printed = [float(figures(one).replace(",", "")) for one in said]
        assert (printed[0] > printed[1]) == more
        assert (carried > required) == more
    else:
        assert abs(carried / required - 1) < 0.011


@given(OUTCOMES, st.integers(0, 100_000), st.floats(0.001, 90_000))
def test_the_note_says_how_soon_answers_came_and_when_the_run_cannot_be_believed(
    outcome: str, calls: int, p95: float
) -> None:
    note = load_note(outcome, played(calls=calls, p95=p95))
    assert (f"操作{calls:,}回" in note.ja) == (calls > 0)
    assert ("結論は出せない" in note.ja) == (outcome == "cannot_say") == ("cannot be believed" in note.en)
    assert "20〜32秒" in note.ja
    assert "second 20 to 32" in note.en


@given(st.floats(0.001, 90_000))
def test_a_length_of_time_is_what_it_was_to_three_figures(milliseconds: float) -> None:
    [number] = numbers(duration(milliseconds).en)
    factor = 1 if duration(milliseconds).en.endswith("ms") else 1000
    assert abs(number * factor - milliseconds) <= 0.0051 * milliseconds


def test_a_window_is_written_as_people_write_it() -> None:
    assert window_words("2023-03-28 08:30/12:30").ja == "2023年3月28日08:30〜12:30"
    assert window_words("2023-03-28 08:30/2023-03-29 12:30").en == "28 March 2023, 08:30 to 29 March 2023, 12:30"


def test_the_chart_has_one_axis_of_time_and_shows_incidents_in_every_panel(tmp_path: Path) -> None:
    for faults in ((), OUTAGE):
        figure = load(read_load_run(load_folder(tmp_path / str(len(faults)), faults=faults)))
        assert figure is not None
        panels = figure.drawing.spec["vconcat"]
        assert len(panels) == (3 if faults else 2)
        domains = [
            layer["encoding"]["x"]["scale"]["domain"]
            for panel in panels
            for layer in panel["layer"]
            if "scale" in layer["encoding"].get("x", {})
        ]
        assert domains == [[0, 60.0]] * len(domains)
        tinted = [any(layer["mark"].get("opacity") == 0.14 for layer in panel["layer"]) for panel in panels]
        assert tinted == [bool(faults)] * len(panels)
        assert figure.data["accepted"].sum() == 60
        assert to_svg(figure.drawing, "load", "t") == to_svg(figure.drawing, "load", "t")


def test_the_rows_of_the_table_are_those_of_the_data(tmp_path: Path) -> None:
    figure = load(read_load_run(load_folder(tmp_path)))
    assert figure is not None
    data: pd.DataFrame = figure.data
    assert [row[0] for row in figure.rows] == [f"{row.second} – {row.until}" for row in data.itertuples()]
    for row, own in zip(figure.rows, data["p95_us"], strict=True):
        assert numbers(str(row[3]))[0] == float(figures(own / 1000))
