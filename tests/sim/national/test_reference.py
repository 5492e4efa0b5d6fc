"""The committed run of the country is that of the program as it is."""

from __future__ import annotations

import json

import pandas as pd

from results.fingerprint import file_hash
from results.store import open_run
from scenarios.canonical import as_dict, scenario_hash
from sim.national.reference import REFERENCE, SAMPLE, VARIANTS, sample
from sim.national.replication import arms_of
from sim.national.stored import read_national
from sim.national.variants import AS_IT_IS
from tests.sim.national.small_country import whole

AGAIN = "the model or its scenario has changed: run `make national` and commit what it writes"


def test_the_reference_run_is_of_the_scenario_that_comes_along() -> None:
    run = open_run(REFERENCE)
    hashes = {arm.arm: arm.sha256 for arm in run.manifest.arms}
    assert hashes == {arm: scenario_hash(as_dict(own)) for arm, own in arms_of(whole()).items()}, AGAIN
    assert run.manifest.command[:3] == ["hikkoshi", "study", "national"]


def test_a_small_country_still_gives_the_figures_that_lie_beside_the_reference_run() -> None:
    recorded = json.loads((REFERENCE / SAMPLE).read_text(encoding="utf-8"))
    found = json.loads(json.dumps(sample()))
    for name, rows in recorded.items():
        assert found[name] == rows, AGAIN


def test_the_reference_run_is_whole_and_agrees_with_itself() -> None:
    run = open_run(REFERENCE)
    for output in run.manifest.outputs:
        assert file_hash(run.path / output.path) == output.sha256, output.path
    result = read_national(run)
    assert len(result.offices) == 2 * 1741
    assert result.filings.loc[result.filings["arm"] == "without", "filings"].sum() > 1_400_000
    as_it_is = pd.read_csv(REFERENCE / VARIANTS, keep_default_na=False).set_index("variant").loc[AS_IT_IS]
    highest = result.peaks[(result.peaks["system"] == "portal") & (result.peaks["span"] == "hour")]["filings"].max()
    assert as_it_is["portal_hour"] == highest
    assert as_it_is["overflowing"] == result.sizes[result.sizes["arm"] == "without"]["overflowing"].sum()
