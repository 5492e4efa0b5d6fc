"""Where a run came from: what is needed to do it again, and what of it failed."""

from __future__ import annotations

import shlex

from report.load_run import LoadRun
from report.words import Both, both
from results.manifest import Manifest


def reproduce(manifest: Manifest, *, replicated: bool = True) -> list[tuple[Both, str]]:
    """Return what is needed to get the same again, as names and values.

    Parameters
    ----------
    replicated
        Whether there were replications, as a load test has none.
    """
    machine = manifest.machine
    version = machine.version + (f" ({machine.commit}{'+' if machine.dirty else ''})" if machine.commit else "")
    return [
        (both("report.again.command"), shlex.join(manifest.command)),
        *((both("report.again.scenario", arm=Both(a.title.ja, a.title.en)), a.sha256) for a in manifest.arms),
        (both("report.again.seed"), str(manifest.randomness.seed)),
        (both("report.again.spawning"), manifest.randomness.spawning),
        *([(both("report.again.replications"), _replications(manifest))] if replicated else []),
        (both("report.again.version"), version),
        (both("report.again.versions"), ", ".join(f"{name} {v}" for name, v in machine.versions.items())),
        (both("report.again.lock"), machine.lock_sha256 or "—"),
        (both("report.again.machine"), _machine(manifest)),
        (both("report.again.run"), manifest.run_id),
    ]


def of_load(load: LoadRun | None, manifest: Manifest) -> list[tuple[Both, str]]:
    """Return the same of a load test; it measures a machine, so what it finds is alike and never the same.

    Parameters
    ----------
    manifest
        Of the simulation: a machine that did both is named once.
    """
    if load is None:
        return []
    rows = [(both("report.again.load"), f"{shlex.join(load.manifest.command)} ({load.manifest.run_id})")]
    if (machine := _machine(load.manifest)) != _machine(manifest):
        rows.append((both("report.again.load_machine"), machine))
    return rows


def _machine(manifest: Manifest) -> str:
    machine = manifest.machine
    return f"{machine.system}, {machine.processor} × {machine.cores}"


def _replications(manifest: Manifest) -> str:
    done = manifest.replications.done
    return f"{done}" if manifest.replications.asked is None else f"{done} / {manifest.replications.asked}"


def failures(manifest: Manifest) -> Both | None:
    """Say how many replications failed, and why the first did; None where all were done."""
    failed = manifest.replications.failed
    if not failed:
        return None
    return both("report.failed", count=len(failed), replication=failed[0].replication, reason=failed[0].reason)
