"""The pages of states and of faults say what the data say, leave nothing out, and their examples work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from fakes.documents import DOCS, FILLERS, MACHINES, drawing
from fakes.faults.effects import Hang, Phase, Reset
from fakes.faults.fault import Fault, checked
from fakes.faults.incidents import faults_of
from fakes.states.moving import MOVE_KINDS
from scenarios.replacing import replace
from tests.sim.small import file
from texts import pages

PAGES = sorted(DOCS.glob("*.md"))
STATES = (DOCS / "fakes_states.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_computed_parts_are_fresh(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert pages.filled(text, FILLERS) == text, "run make docs"


def test_every_machine_that_has_more_than_one_step_is_drawn_and_every_kind_of_move_listed() -> None:
    drawn = [name for kind, name in pages.parts_of(STATES, FILLERS) if kind == "drawing"]
    assert sorted(drawn) == sorted(name for name, machine in MACHINES.items() if len(list(machine.transitions())) > 1)
    for filler in ("milestones", "needs"):
        listed = [name for kind, name in pages.parts_of(STATES, FILLERS) if kind == filler]
        assert listed == [kind.name for kind in MOVE_KINDS]


@pytest.mark.parametrize("name", MACHINES)
def test_a_drawing_has_every_state_once_and_every_pair_of_states_with_an_event_between(name: str) -> None:
    machine = MACHINES[name]
    drawn = drawing(name)
    named = re.findall(r'^    state ".+" as s_(\w+)$', drawn, re.MULTILINE)
    assert named == list(machine.states)
    arrows = re.findall(r"^    s_(\w+) --> s_(\w+): .+$", drawn, re.MULTILINE)
    assert sorted(arrows) == sorted({(source, target) for source, _, _, target in machine.transitions()})


def test_a_stale_part_is_noticed_and_mended() -> None:
    stale = STATES.replace("s_draft --> s_sent", "s_draft --> s_completed", 1)
    assert stale != STATES
    assert pages.filled(stale, FILLERS) == STATES
    with pytest.raises(KeyError):
        pages.filled("<!-- drawing no_such_machine -->\n<!-- end -->", FILLERS)


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_example_of_a_fault_on_the_timeline_is_one() -> None:
    (example,) = blocks("fakes_faults.md", "toml")
    scenario = replace(file("launch"), tomllib.loads(example))
    (fault,) = faults_of(scenario)
    assert (fault.effect, fault.phase, fault.where.share) == (Reset(), Phase.COMMITTED, 0.1)


def test_the_example_of_a_live_fault_is_one() -> None:
    (example,) = blocks("fakes_faults.md", "json")
    fault = checked(msgspec.json.decode(example, type=Fault))
    assert (fault.effect, fault.where.nth) == (Hang(), 3)
