"""What is known before a run starts: its arms, its seed, its names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from results.manifest import Label, Period


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a run: its name ("before", "after"), its title, and its scenario as resolved, in plain data."""

    name: str
    title: Label
    scenario: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before a run starts.

    Attributes
    ----------
    slug
        Names the folder of all runs of this question; made safe for file names by `slugify`.
    arms
        In the order in which they are compared: what it was, then what it becomes. One arm for a plain simulation.
    seed, spawning
        The root seed, and in words how every stream is derived from it.
    asked
        Replications asked for; None where a precision was asked for instead.
    command
        The command line as typed; folders of this machine are left out of the manifest.
    labels
        Names of sites and other ids, in both languages.
    needs
        The table without which a folder of this question says nothing.
    """

    slug: str
    arms: Sequence[Arm]
    seed: int
    spawning: str
    asked: int | None
    command: Sequence[str]
    period: Period | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)
    needs: str = "measures"


def slugify(name: str) -> str:
    """Keep ASCII letters, digits, hyphen and underscore of a name; "run" where nothing is left."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_") or "run"
