"""The security measures that the ward has committed to, each with the check that shows it, and what a load run says.

A run says of a measure only what it looked at; of all others the check alone speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

from report.load_run import LoadRun
from report.words import Both, both

COMMITMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "peers": (("tests/fakes/pki/test_peers.py",), ()),
    "encryption": (("tests/fakes/test_whole_path.py",), ()),
    "separation": (("tests/fakes/serving/test_servers.py",), ("finding.crosstalk",)),
    "standby": (("tests/fakes/serving/test_takeover.py",), ("finding.lost", "finding.duplicated")),
    "records": (("tests/fakes/store/test_audit.py",), ("finding.unaudited", "gate.evidence")),
    "access": (("tests/fakes/ward/test_staff.py", "tests/fakes/jlis/test_logins.py"), ()),
    "signature": (("tests/fakes/portal/test_signature.py",), ()),
}
"""By name: the tests that check it on the fake systems, and the lines of a load test's verdict that look at it."""

UNSEEN = "unseen"
"""The run did not look at it."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """One measure: what was promised, how it is checked and where, and the verdict of this page's load run."""

    promise: Both
    check: Both
    tests: list[str]
    verdict: str
    seen: Both | None = None
    """What the load run saw of it, where that is more than its findings say."""


def commitments(load: LoadRun | None) -> list[Commitment]:
    """Return the measures; without a load run that can be believed nothing can be said of any of them here."""
    return [_commitment(name, load) for name in COMMITMENTS]


def _commitment(name: str, load: LoadRun | None) -> Commitment:
    tests, lines = COMMITMENTS[name]
    promise, check = both(f"report.commitment.{name}"), both(f"report.commitment.{name}.check")
    if load is None or load.outcome == "cannot_say":
        return Commitment(promise, check, list(tests), "cannot_say")
    if (seen := load.security.get(name)) is not None:
        verdict = UNSEEN if seen.badge == "cannot_say" else seen.badge
        return Commitment(promise, check, list(tests), verdict, seen.says)
    played = {"standby": load.failover, "records": load.own_servers}.get(name, True)
    return Commitment(promise, check, list(tests), _said(load, lines) if played else UNSEEN)


def _said(load: LoadRun, lines: tuple[str, ...]) -> str:
    """Return the badge of some lines together: all must have been looked at, unless one is bad already."""
    own = [row for row in load.rows if row.name in lines]
    if any(row.badge == "not_met" for row in own):
        return "not_met"
    held = [row for row in own if row.looked and row.badge == "met"]
    return "met" if lines and len(held) == len(lines) else UNSEEN
