from __future__ import annotations

import ast
import pickle
import unicodedata
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime, model_validator
from pydantic_core import core_schema

import scenarios
from scenarios.checking import checked
from scenarios.errors import Problem, ScenarioError, at, refusal
from scenarios.parsing import parsed
from scenarios.positions import Mark, Source
from scenarios.quantity import Quantity
from tests.scenarios.small_scenario import changed, problems_of, written
from texts import LANGS, catalogue


def shown(problem: Problem, lang: Literal["ja", "en"] = "ja") -> list[str]:
    return problem.render(lang).splitlines()


def pointed(line: str, word: str, **details: object) -> Problem:
    """Return a problem at a word of a line."""
    start = line.index(word)
    return at(Mark(Source("a.toml", line), start, start + len(word)), "E-missing", **details)


def columns(text: str) -> int:
    """Count the columns of a text in a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# --- the form --------------------------------------------------------------------------------------------------------


def test_all_problems_are_shown_with_place_line_carets_and_count(tmp_path: Path) -> None:
    path = written(tmp_path, changed(("peak = 2", "paek = 2"), ("minutes = 15", "minutes = -15")))
    error = ScenarioError(problems_of(path))
    assert error.render("ja") == (
        f"{path}:19:8: E-missing  sites.yotsuya.desks.peak\n"
        "    19 | [sites.desks]\n"
        "       |        ^^^^^ 必要な項目がありません\n"
        f"{path}:20:1: E-extra_forbidden  sites.yotsuya.desks.paek\n"
        "    20 | paek = 2\n"
        "       | ^^^^ 知らない項目です\n"
        "       = もしかして: peak\n"
        f"{path}:32:11: E-negative_duration  faults[1].minutes\n"
        "    32 | minutes = -15\n"
        "       |           ^^^ 時間の長さを負の数にはできません（今の値：-15）\n"
        "誤り 3件"
    )
    assert error.render("en").splitlines()[-2:] == [
        "       |           ^^^ a duration cannot be negative (found -15)",
        "3 errors",
    ]
    assert str(error) == error.render("en")


def test_one_problem_is_one_error() -> None:
    error = ScenarioError((Problem("E-missing", "E-missing", "a.toml", key="period"),))
    assert error.render("en") == "a.toml: E-missing  period\n       = this key is required and missing\n1 error"


def test_carets_line_up_under_japanese_text() -> None:
    _, line, carets = shown(pointed('name = "新宿区ｶﾅ" # 区の名前', "区の名前"))
    mark = carets.index("^")
    assert columns(carets[:mark]) == columns(line[: line.index("区の名前")])
    assert carets.count("^") == columns("区の名前")


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=90),
    st.text("新a１ｱ", min_size=1, max_size=5),
)
def test_carets_stand_under_what_they_mean_in_any_line(before: str, word: str) -> None:
    text = before.replace("▲", "") + "▲" + word
    problem = at(Mark(Source("a.toml", text), len(text) - len(word), len(text)), "E-missing")
    _, line, carets = shown(problem)
    marker = line.index("▲")
    assert columns(carets[: carets.index("^")]) == columns(line[: marker + 1])
    assert carets.count("^") == columns(word)


def test_a_tab_stays_a_tab_so_that_carets_line_up() -> None:
    _, line, carets = shown(pointed("\tpeak = 2", "2"))
    assert line == "     1 | \tpeak = 2"
    assert carets.startswith("       | \t       ^")


def test_a_long_line_is_cut_around_the_fault() -> None:
    _, line, carets = shown(pointed("a" * 300 + "BAD" + "c" * 300, "BAD"))
    assert "…" in line
    assert columns(line) <= 130
    assert carets.index("^") == line.index("BAD")
    assert carets.count("^") == 3


def test_a_value_over_several_lines_is_marked_on_its_first(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, changed(('name = "small"', "name = [\n  1,\n]"))))
    assert (problem.line, problem.column, problem.length) == (2, 8, 1)
    assert problem.found == "[1]"


def test_control_characters_do_not_reach_the_terminal() -> None:
    rendered = pointed("a = '\x1b[31m\u202e'", "a").render("en")
    assert "\x1b" not in rendered
    assert "\u202e" not in rendered


def test_long_values_are_cut(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, changed(('name = "small"', f"name = [{'1, ' * 500}]"))))
    assert len(problem.found) == 60
    assert problem.found.endswith("…")


def test_braces_in_a_value_are_only_text(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, changed(("0.16,", '"{key} {0} }",'))))
    assert problem.found == '"{key} {0} }"'
    assert '"{key} {0} }"' in problem.sentence("en")


def test_an_error_can_be_sent_to_another_process(tmp_path: Path) -> None:
    error = ScenarioError(problems_of(written(tmp_path, changed(("= 15", "= -15")))))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.problems == error.problems


# --- what validators say ---------------------------------------------------------------------------------------------


class Museum(BaseModel):
    """One field for each way in which a value can be wrong."""

    model_config = ConfigDict(extra="forbid", strict=True)

    above: Annotated[int, Field(gt=3)] = 4
    below: Annotated[int, Field(lt=3)] = 2
    at_most: Annotated[float, Field(le=2.5)] = 1.0
    even: Annotated[int, Field(multiple_of=2)] = 2
    finite: float = Field(1.0, allow_inf_nan=False)
    truth: bool = True
    few: tuple[int, ...] = Field((), max_length=2)
    many: tuple[int, ...] = Field((1,), min_length=1)
    short: str = Field("", max_length=3)
    opening: time = time(9)
    moment: datetime = datetime(2023, 2, 6)
    local: NaiveDatetime = datetime(2023, 2, 6)
    zoned: AwareDatetime | None = None
    day: date = date(2023, 2, 6)
    amount: Quantity = Quantity(value=1)
    loose: int = Field(1, strict=False)
    loose_day: date = Field(date(2023, 2, 6), strict=False)
    named: dict[str, int] = Field(default_factory=dict)
    judged: int = 1
    unheard_of: int = 1

    @model_validator(mode="after")
    def _judge(self) -> Museum:
        if self.judged != 1:
            raise ValueError("not one")
        if self.unheard_of != 1:
            raise refusal("a_rule_without_words", "unheard_of")
        return self


def fault(line: str) -> Problem:
    with pytest.raises(ScenarioError) as error:
        checked(parsed(Source("museum.toml", line)), Museum)
    (problem,) = error.value.problems
    return problem


@pytest.mark.parametrize(
    ("line", "code", "allowed"),
    [
        ("above = 3", "E-greater_than", "> 3"),
        ("below = 3", "E-less_than", "< 3"),
        ("at_most = 2.6", "E-less_than_equal", "<= 2.5"),
        ("even = 3", "E-multiple_of", "n * 2"),
        ("finite = inf", "E-finite_number", "number"),
        ("finite = '1'", "E-float_type", "number"),
        ("truth = 1", "E-bool_type", "true, false"),
        ("few = [1, 2, 3]", "E-too_long", "<= 2"),
        ("many = []", "E-too_short", ">= 1"),
        ("many = 3", "E-list_type", "array"),
        ("short = 'abcd'", "E-string_too_long", "<= 3"),
        ("short = 3", "E-string_type", "string"),
        ("opening = '09:00'", "E-time_type", "hh:mm:ss"),
        ("moment = 2023-02-06", "E-datetime_type", "YYYY-MM-DDThh:mm:ss"),
        ("local = 2023-02-06T09:00:00+09:00", "E-timezone_naive", ""),
        ("day = 2023-02-06T09:00:00", "E-date_type", "YYYY-MM-DD"),
        ("amount = '1'", "E-quantity_type", "number, table"),
        ("loose = 1.5", "E-int_type", "integer"),
        ("loose = 'one'", "E-int_type", "integer"),
        ("loose_day = 'monday'", "E-date_type", "YYYY-MM-DD"),
        ("named = 3", "E-model_type", "table"),
        ("judged = 2", "E-value_error", ""),
        ("strange = 2", "E-extra_forbidden", ", ".join(Museum.model_fields)),
    ],
)
def test_each_kind_of_fault_has_words_in_both_languages(line: str, code: str, allowed: str) -> None:
    problem = fault(line)
    assert (problem.code, problem.text, problem.allowed) == (code, code, allowed)
    assert all(problem.sentence(lang) for lang in LANGS)
    assert problem.sentence("ja") != problem.sentence("en")


def test_a_fault_without_words_of_ours_says_what_the_validator_said() -> None:
    problem = fault("unheard_of = 2")
    assert (problem.code, problem.text, problem.key, problem.found) == (
        "E-a_rule_without_words",
        "E-other",
        "unheard_of",
        "2",
    )
    assert "a rule without words" in problem.sentence("en")
    assert fault("zoned = 2023-02-06T09:00:00").text == "E-other"


class Item(BaseModel):
    start: int
    end: int = 0


class Refusing(BaseModel):
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _refuse(self) -> Refusing:
        raise refusal("unknown_staff", f"items.1.{'end' if self.items[0].start else 'start'}", allowed="a, b")


@pytest.mark.parametrize(("first", "key", "found", "marked"), [(0, "start", "7", "7"), (1, "end", "", "{ start = 7 }")])
def test_a_refusal_points_at_its_key_or_where_the_key_would_stand(
    first: int, key: str, found: str, marked: str
) -> None:
    source = Source("a.toml", f"\nitems = [{{ start = {first} }}, {{ start = 7 }}]")
    with pytest.raises(ScenarioError) as error:
        checked(parsed(source), Refusing)
    (problem,) = error.value.problems
    assert (problem.code, problem.key) == ("E-unknown_staff", f"items[2].{key}")
    assert (problem.found, problem.allowed) == (found, "a, b")
    assert problem.line == 2
    assert problem.excerpt[(problem.column or 0) - 1 :][: problem.length] == marked


class Yearly(BaseModel):
    years: dict[str, int]

    @model_validator(mode="after")
    def _refuse(self) -> Yearly:
        raise refusal("period_reversed", "years.2023")


def test_a_key_of_digits_is_a_key_and_no_item() -> None:
    with pytest.raises(ScenarioError) as error:
        checked(parsed(Source("a.toml", "[years]\n2023 = 5")), Yearly)
    assert [(p.key, p.found, p.line) for p in error.value.problems] == [("years.2023", "5", 2)]


# --- the catalogue of errors -----------------------------------------------------------------------------------------

OF_PYDANTIC: set[str] = set(get_args(core_schema.ErrorType))


def codes_in_the_room() -> set[str]:
    """Every "E-…" in the room's code, and every code that a validator raises, as literals."""
    found: set[str] = set()
    for file in Path(scenarios.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("E-"):
                found.add(node.value)
            if (
                isinstance(node, ast.Call)
                and node.args
                and _name(node.func) in ("refusal", "PydanticCustomError", "_fault")
            ):
                found.update(f"E-{arg.value!s}" for arg in node.args if isinstance(arg, ast.Constant))
    return found


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def own_texts() -> dict[str, dict[str, str]]:
    return {key: text for key, text in catalogue().items() if key.startswith("E-") and "-" not in key[2:]}


def test_every_text_of_a_scenario_error_belongs_to_a_code_that_exists() -> None:
    unknown = {key for key in own_texts() if key[2:] not in OF_PYDANTIC} - codes_in_the_room()
    assert unknown == set()


def test_every_refusal_of_the_schema_has_words() -> None:
    raised: set[str] = set()
    for file in (Path(scenarios.__file__).parent / "schema").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("refusal", "PydanticCustomError"):
                (code, *_) = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
                raised.add(f"E-{code!s}")
    assert raised
    assert raised - catalogue().keys() == set()
