"""The security measures that the ward has committed to, each with the check that shows it, and what a load run says."""

from __future__ import annotations

from dataclasses import dataclass

from report.load_run import LoadRun
from report.words import Both, both

COMMITMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "peers": (("tests/fakes/pki/test_peers.py",), ("finding.misrouted",)),
    "encryption": (("tests/fakes/test_whole_path.py",), ()),
    "separation": (("tests/fakes/serving/test_servers.py",), ("finding.crosstalk",)),
    "standby": (("tests/fakes/serving/test_takeover.py",), ("finding.lost", "finding.duplicated")),
    "records": (("tests/fakes/store/test_audit.py",), ("finding.unaudited",)),
    "access": (("tests/fakes/ward/test_staff.py", "tests/fakes/jlis/test_logins.py"), ("finding.unexpected",)),
    "signature": (("tests/fakes/portal/test_signature.py",), ()),
}
"""By name: the tests that check it on the fake systems, and the lines of a load test's verdict that speak of it."""


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
    """Return the measures; without a load run nothing can be said of any of them here."""
    return [_commitment(name, load) for name in COMMITMENTS]


def _commitment(name: str, load: LoadRun | None) -> Commitment:
    tests, lines = COMMITMENTS[name]
    seen = load.security.get(name) if load is not None else None
    said = seen.badge if seen is not None else load.worst_of(lines) if load is not None else None
    return Commitment(
        both(f"report.commitment.{name}"),
        both(f"report.commitment.{name}.check"),
        list(tests),
        said or "cannot_say",
        seen.says if seen is not None else None,
    )
