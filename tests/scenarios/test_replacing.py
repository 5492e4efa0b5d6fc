from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.canonical import as_dict
from scenarios.errors import Problem, ScenarioError
from scenarios.keypath import Step, dotted, parse
from scenarios.loading import load
from scenarios.quantity import Quantity
from scenarios.replacing import replace
from tests.scenarios.small_scenario import Small, written


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return load(written(tmp_path), Small)


def refused(small: Small, changes: dict[str, object]) -> list[Problem]:
    with pytest.raises(ScenarioError) as error:
        replace(small, changes)
    return list(error.value.problems)


def test_values_change_by_key_path_and_the_rest_stays(small: Small) -> None:
    changed = replace(small, {"one_stop.uptake": 0.3, "sites.yotsuya.desks.peak": 8, "surges[2].persons": 5})
    assert changed.one_stop.uptake == Quantity(value=0.3)
    assert [int(site.desks.peak) for site in changed.sites] == [9, 8]
    assert [int(surge.persons) for surge in changed.surges] == [100, 5]
    back = {"one_stop.uptake": small.one_stop.uptake, "sites.yotsuya.desks.peak": 2, "surges[2].persons": 200}
    assert replace(changed, back) == small


def test_the_given_scenario_does_not_change(small: Small) -> None:
    before = as_dict(small)
    replace(small, {"one_stop.uptake": 0.3})
    assert as_dict(small) == before


def test_the_number_of_a_quantity_changes_alone_by_its_value(small: Small) -> None:
    changed = replace(small, {"one_stop.uptake.value": 0.2, "sites.yotsuya.weight.value": 0.4})
    assert changed.one_stop.uptake == small.one_stop.uptake.model_copy(update={"value": 0.2})
    assert changed.sites[1].weight == Quantity(value=0.4)


def test_a_quantity_without_evidence_can_be_given_some(small: Small) -> None:
    changed = replace(small, {"sites.yotsuya.weight.source": "assumption"})
    assert changed.sites[1].weight == Quantity(value=0.1, source="assumption")


def test_numbers_of_numpy_are_numbers(small: Small) -> None:
    changed = replace(small, {"one_stop.uptake": np.float64(0.5), "days": np.int64(3), "patience": np.float32(2)})
    assert (float(changed.one_stop.uptake), changed.days, float(changed.patience)) == (0.5, 3, 2.0)


def test_tables_lists_and_models_replace_as_a_whole(small: Small) -> None:
    site = {"id": "main", "desks": {"peak": 1}}
    changed = replace(small, {"sites": [site], "faults": small.faults[:0], "period": small.period})
    assert [site.id for site in changed.sites] == ["main"]
    assert changed.faults == ()


def test_none_takes_a_key_or_an_item_away(small: Small) -> None:
    with_days = replace(small, {"days": 3, "note": "x"})
    assert replace(with_days, {"days": None, "note": None}) == small
    assert [site.id for site in replace(small, {"sites.yotsuya": None}).sites] == ["main"]
    assert [p.code for p in refused(small, {"period.end": None})] == ["E-missing"]


def test_a_table_that_is_not_there_yet_is_made(small: Small) -> None:
    assert float(replace(small, {'months."2023-03"': 2}).months["2023-03"]) == 2.0
    assert [p.key for p in refused(small, {"perriod.end": 1})] == ["perriod"]


def test_faults_read_as_those_of_a_file(small: Small) -> None:
    with pytest.raises(ScenarioError) as error:
        replace(small, {"days": 3, "one_stop.uptake": 1.3})
    assert error.value.render("ja") == (
        "<replace>:2:19: E-out_of_range  one_stop.uptake\n"
        "     2 | one_stop.uptake = 1.3\n"
        "       |                   ^^^ 0以上1以下にしてください（今の値：1.3）\n"
        "誤り 1件"
    )


def test_every_fault_comes_in_one_pass(small: Small) -> None:
    changes: dict[str, object] = {
        "one_stop.uptak": 0.3,
        "sites.yotsuyo.weight": 0.1,
        "sites[3].weight": 0.1,
        "surges.first": 3,
        "days..x": 3,
        "days": -3,
    }
    problems = refused(small, changes)
    assert [(p.line, p.code, p.suggestion) for p in problems] == [
        (1, "E-extra_forbidden", "uptake"),
        (2, "E-unknown_item", "yotsuya"),
        (3, "E-unknown_item", None),
        (4, "E-unknown_item", None),
        (5, "E-key_path", None),
        (6, "E-greater_than_equal", None),
    ]
    assert [p.allowed for p in problems[1:4]] == ["main, yotsuya", "main, yotsuya", "[1], [2]"]


def test_a_rule_that_a_change_breaks_elsewhere_has_no_line(small: Small) -> None:
    (problem,) = refused(small, {"period.start": small.period.end.replace(year=2024)})
    assert (problem.file, problem.code, problem.key, problem.line) == (
        "<replace>",
        "E-period_reversed",
        "period.end",
        None,
    )


def test_what_is_no_data_is_refused_by_the_model(small: Small) -> None:
    assert [p.code for p in refused(small, {"one_stop.uptake": object(), "name": "a\nb", "days": [{}]})] == [
        "E-quantity_type",
        "E-int_type",
    ]


NAMES = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), max_size=6)


@given(NAMES, st.lists(st.one_of(NAMES, st.integers(0, 10**6)), max_size=5))
def test_a_path_reads_back_as_it_was_written(first: str, rest: list[Step]) -> None:
    steps: tuple[Step, ...] = (first, *rest)
    assert parse(dotted(steps)) == steps


@given(st.text(max_size=12))
def test_a_text_is_a_path_or_refused(text: str) -> None:
    try:
        steps = parse(text)
    except ValueError:
        return
    assert parse(dotted(steps)) == steps


@pytest.mark.parametrize(
    "text", ["", " ", ".", "a.", ".a", "a..b", 'a."b', "a[0]", "a[-1]", "a[x]", "a b", "a = b", "[1]"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a key path"):
        parse(text)


PATHS = st.text('abdesuptik_on.[]1"', max_size=12) | st.sampled_from(
    ["sites.main", "one_stop", "name", "faults[1].kind"]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(PATHS, VALUES, max_size=4))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_gives_a_scenario_or_problems(small: Small, changes: dict[str, object]) -> None:
    try:
        assert isinstance(replace(small, changes), Small)
    except ScenarioError as error:
        rendered = error.render("ja")
        assert rendered.endswith(f"{len(error.problems)}件")  # noqa: PT017
