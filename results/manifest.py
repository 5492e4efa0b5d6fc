"""manifest.json: what ran, with what, on what, and what came out. Pydantic models, so reading checks it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from results.errors import ResultsError
from results.fingerprint import file_hash

MANIFEST_VERSION = 1
MANIFEST = "manifest.json"


class Part(BaseModel):
    """A part of the manifest. Keys that a later version may add are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Label(Part):
    """A name that people read, in both languages."""

    ja: str
    en: str


class ArmEntry(Part):
    """One arm of the run: a scenario, as it was resolved."""

    arm: str
    title: Label
    file: str = Field(description="the resolved scenario inside the run folder")
    sha256: str = Field(description="of the resolved scenario as canonical JSON (RFC 8785)")


class Period(Part):
    """The days that count, first and last, and the days of warm-up before them."""

    first: dt.date
    last: dt.date
    warm_up_days: int = 0


class Failed(Part):
    """A replication that could not be finished, and why."""

    arm: str
    replication: int
    reason: str


class Replications(Part):
    """How many replications were asked for (None: as many as the precision needs), and how many were done."""

    asked: int | None
    done: int
    failed: list[Failed] = []


class Randomness(Part):
    """Where the random numbers came from."""

    seed: int
    spawning: str = Field(description="how streams are derived from the seed")


class Machine(Part):
    """The program and the computer."""

    version: str
    commit: str | None
    dirty: bool | None
    lock_sha256: str | None
    versions: dict[str, str]
    system: str
    processor: str
    cores: int


class Output(Part):
    """One file of the run folder; rows and columns where it is a table."""

    path: str
    sha256: str
    bytes: int
    rows: int | None = None
    columns: int | None = None


class Manifest(Part):
    """The whole manifest. `end` and `wall_seconds` are None while the folder is being written."""

    manifest_version: int = MANIFEST_VERSION
    run_id: str
    start: dt.datetime
    end: dt.datetime | None = None
    wall_seconds: float | None = None
    command: list[str]
    arms: list[ArmEntry] = Field(min_length=1)
    period: Period | None = None
    randomness: Randomness
    replications: Replications
    labels: dict[str, Label] = {}
    machine: Machine
    outputs: list[Output] = []

    def output(self, path: str) -> Output | None:
        """Return the entry of one file, or None."""
        return next((output for output in self.outputs if output.path == path), None)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run folder.

    Raises
    ------
    ResultsError
        `E-run-no-manifest`, `E-run-version` (written by another version of the format), `E-run-manifest`.
    """
    file = folder / MANIFEST
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ResultsError("E-run-no-manifest", path=folder) from error
    except (OSError, ValueError) as error:
        raise ResultsError("E-run-manifest", path=folder, reason=str(error)) from error
    found = data.get("manifest_version") if isinstance(data, dict) else None
    if found != MANIFEST_VERSION:
        raise ResultsError("E-run-version", path=folder, found=found, known=MANIFEST_VERSION)
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ResultsError("E-run-manifest", path=folder, reason=f"{where}: {first['msg']}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest in one step: a reader meets the old one or the new one, never half of it."""
    temporary = folder / (MANIFEST + ".new")
    temporary.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
    os.replace(temporary, folder / MANIFEST)  # noqa: PTH105


def list_outputs(folder: Path) -> list[Output]:
    """Describe every file of a run folder but the manifest itself, in the order of their paths."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return [_describe(folder, file) for file in files if file.name != MANIFEST]


def record_outputs(folder: Path) -> None:
    """Bring the list of outputs in the manifest up to date, after a report was written into the folder."""
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.model_copy(update={"outputs": list_outputs(folder)}))


def _describe(folder: Path, file: Path) -> Output:
    rows: int | None = None
    columns: int | None = None
    if file.suffix == ".parquet":
        meta = pq.read_metadata(file)
        rows, columns = meta.num_rows, meta.num_columns
    elif file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = list(csv.reader(text))
        rows, columns = max(len(lines) - 1, 0), len(lines[0]) if lines else 0
    return Output(
        path=file.relative_to(folder).as_posix(),
        sha256=file_hash(file),
        bytes=file.stat().st_size,
        rows=rows,
        columns=columns,
    )
