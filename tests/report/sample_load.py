"""A made-up load test and detection matrix for tests of the page, written as the load test itself writes them."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from loadtests.gates import Gate, Passed
from loadtests.history import FaultSpan
from loadtests.matrix import CLEAN, Made, Proof, as_data, recipes, together
from loadtests.reconcile.findings import Finding, Line, Witness
from loadtests.security import Signatures, of_encryption, of_signatures
from loadtests.security import as_data as measures
from loadtests.series import RESPONSE, Series
from loadtests.timeline import applicants_of, incidents_of, timeline_of
from loadtests.transport import PLAIN, Door
from loadtests.verdict import verdict_of, write_json
from results.manifest import Label, Period
from results.plan import Arm, Plan
from results.store import RunFolder
from tests.report.sample_run import FIRST, START, TITLES

LENGTH_S = 60
OUTAGE = (FaultSpan("outage", "jlis", 20 * 240_000_000, 32 * 240_000_000),)
MADE = Made("0.1.0", "0123456789", False, "2023-03-28T09:00:00+09:00", "a machine", 1)
TAKEOVER = (
    FaultSpan("takeover", "jlis", 20 * 240_000_000, 26 * 240_000_000),
    FaultSpan("takeover", "jlis", 26 * 240_000_000, 50 * 240_000_000),
)
INCIDENTS = [{"id": "outage", "kind": "outage"}, {"id": "takeover", "kind": "failover"}]
LOST = Witness(Finding.LOST, 5, reference="131041230328000017", expected="town-131130")


def series() -> Series:
    """Five calls of an applicant each second, slower from the 20th to the 32nd."""
    whole = Series()
    for second in range(LENGTH_S):
        for number, call in enumerate(("enquire", "enquire", "submit", "sign", "status")):
            slow = 90 if 20 <= second < 32 else 1
            whole.record(RESPONSE, call, second * 1_000_000, slow * (1500 + 900 * number + 40 * second), failed=False)
    return whole


def described(
    faults: Sequence[FaultSpan] = (), carried: float = 3.8, required: float = 1 / 30, *, own_servers: bool = True
) -> dict[str, Any]:
    measured = {"cpu_percent_mean": 4.3, "cpu_percent_max": 9.0, "memory_mib": 114.8}
    return {
        "scenario": "launch",
        "window": "2023-03-28 08:30/12:30",
        "scale": 9.0,
        "speed": 240.0,
        "length_s": float(LENGTH_S),
        "arrivals": 168,
        "carried_per_second": carried,
        "required_per_second": required,
        "phases": {"peak": [[13, 28]]},
        "incidents": incidents_of(faults, 240.0, LENGTH_S),
        "applicants": applicants_of(series(), LENGTH_S),
        "servers": dict.fromkeys(("portal", "jlis", "ward"), measured) if own_servers else {},
    }


def security(*, tls: bool) -> list[dict[str, object]]:
    """What a run shows in which everything was signed."""
    scheme = "https" if tls else "http"
    doors = [Door(f"{scheme}://{name}", "TLSv1.3" if tls else "", "", plain=not tls) for name in ("portal", "jlis")]
    signatures = Signatures()
    signatures.accepted = signatures.signed = 168
    signatures.tried = 20
    opened = {"TLSv1.3 TLS_AES_256_GCM_SHA384": 41} if tls else {PLAIN: 41}
    return measures([of_encryption(doors, opened), of_signatures(signatures)])


def load_folder(
    out: Path,
    *,
    lost: int = 0,
    gates: bool = True,
    faults: Sequence[FaultSpan] = (),
    tls: bool = True,
    unchecked: Collection[Finding] = (),
    **more: Any,
) -> Path:
    """The folder of a load test."""
    findings = [Line(finding, 0, 50_000 * (finding not in unchecked)) for finding in Finding if finding != Finding.LOST]
    findings.append(Line(Finding.LOST, lost, 50_000, (LOST,) * min(lost, 3)))
    held = [Passed(gate, holds=True) for gate in Gate] if gates else []
    plan = Plan(
        slug="launch_load",
        arms=[Arm("launch", TITLES["after"], {"name": "launch", "incidents": INCIDENTS})],
        seed=1,
        spawning="Philox",
        asked=1,
        command=["hikkoshi", "load", "scenarios/launch.toml", "--duration", "60s"],
        period=Period(first=FIRST, last=FIRST),
        labels={"outage": Label(ja="中継サーバーの停止", en="outage of the relay")},
        needs="timeline",
    )
    with RunFolder(out, plan, START) as run:
        run.write_table("timeline", timeline_of(series(), LENGTH_S))
        verdict = verdict_of([], findings, held)
        write_json(verdict, described(faults, **more), run.path / "verdict.json", security(tls=tls))
        run.describe(1)
        return run.finish()


def matrix_file(out: Path, wrong: Sequence[str] = (), unbelieved: Sequence[str] = (), *, clean_runs: int = 1) -> Path:
    """A detection matrix in which some defects were missed, or their runs cannot be believed."""
    proofs = []
    for recipe in recipes():
        expected = recipe.expected
        found = {} if expected is None or recipe.name in wrong else {expected: 12}
        faulty = "faulty" if expected not in {None, Finding.SLOW, Finding.GROWTH, Finding.LATE} else "not_enough"
        outcome = "enough" if recipe.name == CLEAN or recipe.name in wrong else faulty
        broken = ("lag",) if recipe.name in unbelieved else ()
        runs = clean_runs if recipe.name == CLEAN else 1
        proofs.append(together([Proof(recipe.name, recipe.defects, outcome, found, broken, (), 30.0)] * runs))
    out.mkdir(parents=True, exist_ok=True)
    file = out / "matrix.json"
    file.write_bytes(msgspec.json.encode(as_data(proofs, MADE)))
    return file
