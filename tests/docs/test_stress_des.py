"""The reporting checklist answers every item of STRESS-DES 1.0 (https://doi.org/10.1080/17477778.2018.1442155)."""

import re
from pathlib import Path

from results.store import open_run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "stress_des.md").read_text(encoding="utf-8")
ITEMS = {
    **{"1.1": "Purpose of the model", "1.2": "Model outputs", "1.3": "Experimentation aims"},
    **{"2.1": "Base model overview diagram", "2.2": "Base model logic", "2.3": "Scenario logic", "2.4": "Algorithms"},
    **{"2.5.1": "Components: entities", "2.5.2": "Components: activities", "2.5.3": "Components: resources"},
    **{"2.5.4": "Components: queues", "2.5.5": "Components: entry and exit points"},
    **{"3.1": "Data sources", "3.2": "Pre-processing", "3.3": "Input parameters", "3.4": "Assumptions"},
    **{"4.1": "Initialisation", "4.2": "Run length", "4.3": "Estimation approach"},
    **{"5.1": "Software or programming language", "5.2": "Random sampling", "5.3": "Model execution"},
    **{"5.4": "System specification", "6.1": "Computer model sharing statement"},
}


def test_every_item_is_answered_in_order() -> None:
    rows = re.findall(r"^\| \*\*([\d.]+) ([^*]+)\*\* \| (.+) \|$", PAGE, re.MULTILINE)
    assert [(number, name) for number, name, _ in rows] == list(ITEMS.items())
    assert all(len(answer) > 60 for _, _, answer in rows)


def test_the_figures_of_the_checklist_are_those_of_the_reference_run() -> None:
    run = open_run(Path(__file__).resolve().parents[2] / "results" / "launch-2023-02")
    rows = run.table("assumptions")
    launch = rows[rows["arm"] == "launch"]
    assert f"Of {len(launch)} numbers of `launch`, {int(launch['assumed'].sum())} have no published figure" in PAGE
    assert f"{run.manifest.replications.done} in the reference run" in PAGE
    assert f"seed {run.manifest.randomness.seed}" in PAGE
