"""The tables that come with the project, their readers, and what a planner is told about a table that does not fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from scenarios.csvtable import DataTableError, read_table
from scenarios.datatables import (
    FLOWS,
    Flow,
    annual_inter_municipal_movers,
    area_weights,
    hourly_profile,
    month_shares,
    monthly_inter_municipal_movers,
    packaged,
    season_multipliers,
    weekday_multipliers,
)
from scenarios.opening import OpeningCalendar, day_of
from texts import catalogue

DATA = packaged("")
TABLES = sorted(DATA.glob("*.csv"))
EVIDENCE = {"stated", "second-hand", "derived", "assumption", "not-found"}

Reader = Callable[[Path], object]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(reader: Reader, path: Path) -> DataTableError:
    with pytest.raises(DataTableError) as error:
        reader(path)
    assert error.value.path == path
    assert str(path) in error.value.say("ja")
    assert error.value.code in str(error.value)
    return error.value


# the packaged tables


def test_there_are_tables() -> None:
    assert len(TABLES) >= 19


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_packaged_table_is_strict_and_every_row_names_its_evidence(path: Path) -> None:
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    table = read_table(path, ("evidence", "source", "note"))
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in header)
    for row in table.rows:
        evidence = row.one_of("evidence", EVIDENCE)
        if evidence == "assumption":
            assert row.text("source") == "assumption"
        elif evidence == "not-found":
            assert row.blank("source")
        else:
            assert re.fullmatch(r"https?://\S+", row.text("source"))
        for column in ("low", "base", "value", "high", "multiplier", "share_pct", "persons"):
            if row.cells.get(column) and row.cells.get("unit") not in {"date", "time"}:
                row.number(column, -1e9)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_low_base_and_high_stand_in_order(path: Path) -> None:
    for row in read_table(path, ()).rows:
        if row.cells.get("unit") not in {"date", "time"}:
            columns = [
                column for column in ("low", "base", "value", "ordinary", "peak", "high") if row.cells.get(column)
            ]
            numbers = [row.number(column, -1e9) for column in columns]
            assert numbers == sorted(numbers)


def test_the_readme_names_every_table() -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(\w+\.csv)`", text)) == {path.name for path in TABLES}


# readers


@pytest.mark.parametrize(
    ("flow", "march", "april"),
    [
        ("move_in", 5950 / 35000, 4130 / 35000),
        ("move_out", 6900 / 37300, 3170 / 37300),
        ("from_abroad", 855 / 9500, 1520 / 9500),
        ("move_within", 1785 / 10500, 1239 / 10500),
    ],
)
def test_month_shares_are_month_over_year(flow: Flow, march: float, april: float) -> None:
    shares = month_shares(flow, 2023)
    assert list(shares) == list(range(1, 13))
    assert (shares[3], shares[4]) == pytest.approx((march, april), rel=1e-12)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-4)


def test_a_table_may_name_flows_in_japanese(tmp_path: Path) -> None:
    months = "".join(f"2023/{month},国内転入,100\n" for month in range(1, 13))
    path = written(tmp_path, f"period,flow,base\n2023,国内転入,1200\n{months}", "cp932")
    assert month_shares("move_in", 2023, path) == pytest.approx(dict.fromkeys(range(1, 13), 1 / 12))


def test_weekday_multipliers_average_1() -> None:
    multipliers = weekday_multipliers()
    assert list(multipliers) == ["mon", "tue", "wed", "thu", "fri", "after_holiday"]
    assert sum(list(multipliers.values())[:5]) / 5 == pytest.approx(1.0)
    assert (multipliers["mon"], multipliers["after_holiday"]) == (1.22, 1.5)


def test_season_multipliers_say_how_crowded_a_day_is() -> None:
    season = season_multipliers(2023)
    assert len(season.spans) == 6
    assert season.otherwise == 0.86
    found = [
        season.on(date(2023, *day)) for day in ((2, 6), (3, 1), (3, 14), (3, 27), (4, 3), (4, 10), (4, 28), (5, 1))
    ]
    assert found == [0.86, 1.3, 1.3, 2.95, 3.0, 2.0, 1.0, 0.86]


def test_season_multipliers_fit_the_months_they_were_fitted_to() -> None:
    calendar = OpeningCalendar(2023, 2023)
    season = season_multipliers(2023)
    start = calendar.first.toordinal() - day_of(0).toordinal()
    opening = [day_of(start + n) for n in range(365) if calendar.is_open_day(day_of(start + n))]
    total = sum(season.on(day) for day in opening)
    month = {number: sum(season.on(day) for day in opening if day.month == number) / total for number in (3, 4)}
    assert total / len(opening) == pytest.approx(1.0, abs=0.005)
    assert month[3] == pytest.approx(0.170, abs=0.005)
    assert month[4] == pytest.approx(0.118, abs=0.005)


@pytest.mark.parametrize(
    ("name", "first", "last", "busiest"),
    [("A", 8, 16, 10), ("B", 8, 16, 11), ("C", 8, 18, 11), ("D", 9, 16, 10), ("ofunato", 8, 18, 10)],
)
def test_an_hourly_profile_holds_24_shares_inside_opening_hours(name: str, first: int, last: int, busiest: int) -> None:
    shares = hourly_profile(name)
    assert len(shares) == 24
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    assert [hour for hour, share in enumerate(shares) if share > 0] == list(range(first, last + 1))
    assert shares.index(max(shares)) == busiest


def test_a_tenth_of_tuesday_comes_in_the_evening() -> None:
    assert sum(hourly_profile("C")[17:]) == pytest.approx(0.10)


def test_ten_areas_share_the_ward() -> None:
    areas = area_weights()
    ids = "yotsuya tansu enoki wakamatsu okubo totsuka ochiai1 ochiai2 kashiwagi tsunohazu"
    assert " ".join(area.id for area in areas) == ids
    assert sum(area.population_weight for area in areas) == pytest.approx(1.0)
    assert sum(area.foreign_weight for area in areas) == pytest.approx(1.0)
    okubo = areas[4]
    assert (okubo.label_ja, okubo.label_en) == ("大久保", "Okubo")
    assert okubo.foreign_weight > 2 * okubo.population_weight


def test_national_moves_are_there_by_month_and_year() -> None:
    months, years = monthly_inter_municipal_movers(), annual_inter_municipal_movers()
    assert (months[2020, 3], months[2025, 4], years[2023]) == (965_051, 683_859, 5_263_249)
    assert sum(months[2023, month] for month in range(1, 13)) == pytest.approx(years[2023], rel=0.002)


# what a planner is told


def test_a_missing_month_is_named() -> None:
    with pytest.raises(DataTableError, match="2024-01") as error:
        month_shares("move_in", 2024)
    assert "2023-12" in error.value.found


@pytest.mark.parametrize(
    ("rows", "code", "line", "column"),
    [
        ("2023,2023-03-10,2023-03-01,2\n", "E-table-value", 3, "to_date"),
        ("2023,2023-03-01,,2\n", "E-table-value", 3, "to_date"),
        ("2023,2024-03-01,2024-03-02,2\n", "E-table-value", 3, "from_date"),
        ("2023,2023-12-30,2024-01-02,2\n", "E-table-value", 3, "to_date"),
        ("2023,2023-02-29,2023-03-02,2\n", "E-table-value", 3, "from_date"),
        ("2023,,,1\n", "E-table-repeat", 3, "from_date"),
        ("2023,2023-03-01,2023-03-10,2\n2023,2023-03-10,2023-03-12,2\n", "E-table-repeat", 4, "from_date"),
    ],
)
def test_a_season_that_does_not_fit_is_refused(tmp_path: Path, rows: str, code: str, line: int, column: str) -> None:
    path = written(tmp_path, f"year,from_date,to_date,multiplier\n2023,,,0.9\n{rows}")
    error = refused(lambda path: season_multipliers(2023, path), path)
    assert (error.code, error.line, error.column) == (code, line, column)


def test_a_year_without_seasons_is_refused_with_the_years_there_are() -> None:
    error = refused(lambda path: season_multipliers(2024, path), packaged("season_multipliers.csv"))
    assert (error.code, error.found) == ("E-table-rows", "2023")


@pytest.mark.parametrize(
    ("reader", "text", "code", "column"),
    [
        (weekday_multipliers, "day,multiplier\nmon,1\n", "E-table-rows", "day"),
        (weekday_multipliers, "day,multiplier\nmon,1\nmon,1\n", "E-table-repeat", "day"),
        (weekday_multipliers, "day,multiplier\nsat,1\n", "E-table-value", "day"),
        (lambda path: hourly_profile("E", path), "profile,hour,share_pct\nA,9,100\n", "E-table-rows", "profile"),
        (lambda path: hourly_profile("A", path), "profile,hour,share_pct\nA,9,17.8\n", "E-table-sum", "share_pct"),
        (lambda path: hourly_profile("A", path), "profile,hour,share_pct\nA,24,100\n", "E-table-value", "hour"),
        (lambda path: hourly_profile("A", path), "profile,hour,share_pct\nA,9,50\nA,9,50\n", "E-table-repeat", "hour"),
        (area_weights, "area,label_ja,label_en,population_weight,foreign_weight\na,あ,A,0,1\n", "E-table-sum", None),
        (
            area_weights,
            "area,label_ja,label_en,population_weight,foreign_weight\n四谷,あ,A,1,1\n",
            "E-table-value",
            "area",
        ),
        (area_weights, "area,label_ja,label_en,population_weight,foreign_weight\na,,A,1,1\n", "E-table-value", None),
        (monthly_inter_municipal_movers, "period,inter_municipal_movers\n2023-01,1.5\n", "E-table-value", None),
        (monthly_inter_municipal_movers, "period,inter_municipal_movers\n2023,1\n2023,1\n", "E-table-repeat", "period"),
    ],
)
def test_every_reader_refuses_what_it_cannot_use(
    tmp_path: Path, reader: Reader, text: str, code: str, column: str | None
) -> None:
    error = refused(reader, written(tmp_path, text))
    assert error.code == code
    assert column in {None, error.column}


def test_every_flow_has_a_japanese_name() -> None:
    assert len(FLOWS) == 2 * len(set(FLOWS.values()))


def test_every_sentence_about_tables_fills_the_same_blanks_in_both_languages() -> None:
    for key, sentence in catalogue().items():
        if key.startswith(("data_table_", "E-table-", "E-calendar-")):
            blanks = [sorted(re.findall(r"{(\w+)}", sentence[lang])) for lang in ("ja", "en")]
            assert blanks[0] == blanks[1], key
