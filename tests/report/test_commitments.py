"""What a load test says of the measures that the ward committed to: what it looked at, and nothing else."""

import json
from pathlib import Path

import pytest

from loadtests.gates import Gate
from loadtests.reconcile.findings import Finding
from report import build_report
from report.commitments import COMMITMENTS, commitments
from report.load_run import read_load_run
from tests.report.sample_load import OUTAGE, TAKEOVER, load_folder
from tests.report.sample_run import write_sample

ROOT = Path(__file__).resolve().parents[2]


def judged(folder: Path) -> dict[str, str]:
    """The verdict of each measure, by its name."""
    return dict(zip(COMMITMENTS, (own.verdict for own in commitments(read_load_run(folder))), strict=True))


def test_a_sound_run_claims_what_it_looked_at_alone(tmp_path: Path) -> None:
    assert judged(load_folder(tmp_path)) == {
        "peers": "unseen",
        "encryption": "met",
        "separation": "met",
        "standby": "unseen",
        "records": "met",
        "access": "unseen",
        "signature": "met",
    }


def test_without_a_load_test_nothing_is_said_of_any_commitment() -> None:
    assert {own.verdict for own in commitments(None)} == {"cannot_say"}


def test_nothing_is_claimed_of_a_run_that_cannot_be_believed(tmp_path: Path) -> None:
    found = commitments(read_load_run(load_folder(tmp_path, gates=False, lost=2, faults=TAKEOVER)))
    assert {(own.verdict, own.seen) for own in found} == {("cannot_say", None)}


@pytest.mark.parametrize(("lost", "verdict"), [(0, "met"), (2, "not_met")])
def test_the_standby_is_judged_only_where_it_had_to_take_over(tmp_path: Path, lost: int, verdict: str) -> None:
    for number, faults in enumerate([(), OUTAGE]):
        assert judged(load_folder(tmp_path / str(number), lost=lost, faults=faults))["standby"] == "unseen"
    assert judged(load_folder(tmp_path / "takeover", lost=lost, faults=OUTAGE + TAKEOVER))["standby"] == verdict


@pytest.mark.parametrize(
    ("finding", "name"),
    [(Finding.DUPLICATED, "standby"), (Finding.CROSSTALK, "separation"), (Finding.UNAUDITED, "records")],
)
def test_what_was_never_checked_is_not_claimed(tmp_path: Path, finding: Finding, name: str) -> None:
    everything = judged(load_folder(tmp_path / "all", faults=TAKEOVER))
    assert everything[name] == "met"
    assert judged(load_folder(tmp_path / "some", faults=TAKEOVER, unchecked=[finding])) == everything | {name: "unseen"}


def test_records_are_claimed_only_where_the_evidence_is_whole_and_its_chains_were_looked_at(tmp_path: Path) -> None:
    assert judged(load_folder(tmp_path / "elsewhere", own_servers=False))["records"] == "unseen"
    folder = load_folder(tmp_path / "torn")
    data = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    [evidence] = [row for row in data["rows"] if row["name"] == f"gate.{Gate.EVIDENCE}"]
    evidence["outcome"] = "cannot_say"
    (folder / "verdict.json").write_text(json.dumps(data), encoding="utf-8")
    assert judged(folder)["records"] == "unseen"


def test_encryption_and_signature_are_what_the_run_says_it_saw_of_them(tmp_path: Path) -> None:
    for tls in (True, False):
        found = dict(
            zip(COMMITMENTS, commitments(read_load_run(load_folder(tmp_path / str(tls), tls=tls))), strict=True)
        )
        assert found["encryption"].verdict == ("met" if tls else "unseen")
        assert found["signature"].verdict == "met"
        assert all((own.seen is not None) == (name in {"encryption", "signature"}) for name, own in found.items())


def test_the_page_says_what_was_not_in_the_run(tmp_path: Path) -> None:
    run = write_sample(tmp_path, replications=2)
    page = build_report([run, load_folder(tmp_path / "load")], pictures=False).read_text(encoding="utf-8")
    assert page.count("Not in this run; the test named beside it shows it") == 3
    torn = load_folder(tmp_path / "torn", gates=False)
    page = build_report([run, torn], pictures=False).read_text(encoding="utf-8")
    assert "Not in this run" not in page
    assert "The load test on this page cannot be believed" in page


def test_the_checks_of_the_commitments_exist() -> None:
    known = {f"finding.{finding}" for finding in Finding} | {f"gate.{gate}" for gate in Gate}
    for tests, lines in COMMITMENTS.values():
        assert tests
        assert all((ROOT / test).is_file() for test in tests)
        assert set(lines) <= known
