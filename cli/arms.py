"""The arms of a run: loaded scenarios under names of their own, fit to be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from cli.errors import CommandError
from cli.exits import Exit
from scenarios.errors import Problem, ScenarioError
from scenarios.loading import Loaded, load_with_origins
from scenarios.packaged import NATIONAL, WARD, kind_of, path_of, path_of_kind
from scenarios.schema import Scenario
from scenarios.schema.national import NationalScenario

Arms = dict[str, Loaded[Scenario]]
"""Loaded scenarios by arm name, in the order of comparison; the first is the baseline."""


AnyLoaded = Loaded[Scenario] | Loaded[NationalScenario]
L = TypeVar("L")


def load_all(words: Sequence[str]) -> list[AnyLoaded]:
    """Load scenarios of either kind by path or name.

    Raises
    ------
    ScenarioError
        With the problems of all of them together, each once.
    """
    return _each(words, _load_any)


def load_wards(words: Sequence[str]) -> list[Loaded[Scenario]]:
    """Load scenarios of a ward by path or name.

    Raises
    ------
    ScenarioError
        As `load_all`; `E-scenario_national` for one of the whole country.
    """
    return _each(words, load_ward)


def _each(words: Sequence[str], load: Callable[[str], L]) -> list[L]:
    loaded: list[L] = []
    problems: list[Problem] = []
    for word in words:
        try:
            loaded.append(load(word))
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ScenarioError(tuple(problems))
    return loaded


def _load_any(word: str) -> AnyLoaded:
    path = path_of(word)
    if kind_of(path) == NATIONAL:
        return load_with_origins(path, NationalScenario)
    return load_with_origins(path, Scenario)


def load_ward(word: str) -> Loaded[Scenario]:
    """Load a scenario of a ward; errors as `load_wards`."""
    return load_with_origins(path_of_kind(word, WARD), Scenario)


def load_country(word: str) -> Loaded[NationalScenario]:
    """Load a scenario of the whole country by path or name.

    Raises
    ------
    ScenarioError
        With all problems; `E-scenario_ward` for one of a ward.
    """
    return load_with_origins(path_of_kind(word, NATIONAL), NationalScenario)


def load_arms(words: Sequence[str]) -> Arms:
    """Load scenarios as arms; an arm is called as its scenario is, with a number where two are called alike.

    Raises
    ------
    ScenarioError
        With the problems of all files.
    CommandError
        `E-compare-periods`: only equal periods can be compared replication by replication.
    """
    arms: Arms = {}
    for loaded in load_wards(words):
        arms[_free(loaded.scenario.name, arms)] = loaded
    _require_one_period(arms)
    return arms


def _free(name: str, taken: Arms) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _require_one_period(arms: Arms) -> None:
    names = list(arms)
    first = arms[names[0]].scenario.period
    for name in names[1:]:
        other = arms[name].scenario.period
        if other != first:
            raise CommandError(
                "E-compare-periods",
                Exit.SCENARIO,
                first=names[0],
                other=name,
                first_period=f"{first.start} – {first.end} (+{first.warm_up_days})",
                other_period=f"{other.start} – {other.end} (+{other.warm_up_days})",
            )
