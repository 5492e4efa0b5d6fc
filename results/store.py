"""Run folders: written under a temporary name and renamed at the end, so that a folder is whole or not there.

`<out>/<scenario-slug>/<utc-time>_<hash8>/` holds manifest.json, the scenarios as resolved, tidy Parquet tables,
summary.csv or other tables for a spreadsheet, datapackage.json, and what `report` adds.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow.parquet as pq
import tomlkit

from results import machine
from results.datapackage import write_datapackage, write_spreadsheets, write_summary_csv
from results.errors import ResultsError
from results.fingerprint import file_hash, fingerprint
from results.manifest import (
    ArmEntry,
    Failed,
    Machine,
    Manifest,
    Randomness,
    Replications,
    list_outputs,
    read_manifest,
    write_manifest,
)
from results.plan import Plan, slugify
from results.tables import TABLES, arrange, to_arrow, write_parquet
from results.writable import as_unwritable, made

PARTIAL = ".partial"


class RunFolder:
    """A run folder while it is written; a context manager that leaves the whole folder or nothing.

    Use it as ``with RunFolder(out, plan) as run: run.write_table(…); run.describe(…); path = run.finish()``. Whatever
    ends the block before `finish` (an error, Ctrl-C, a forgotten call) takes the folder away.
    """

    def __init__(self, out: Path, plan: Plan, start: dt.datetime | None = None) -> None:
        self.plan = plan
        self.start = start or dt.datetime.now().astimezone()
        hashes = {arm.name: fingerprint(arm.scenario) for arm in plan.arms}
        run_hash = fingerprint({"arms": hashes, "seed": plan.seed, "asked": plan.asked})
        self._hashes = hashes
        self._home = out / slugify(plan.slug)
        self._name = f"{self.start.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}_{run_hash[:8]}"
        self._made = made(self._home)
        self.path = self._home / (self._name + PARTIAL)
        """Where the files are now: the temporary name until `finish`."""

    def __enter__(self) -> Self:
        self._made.__enter__()
        try:
            with as_unwritable(self._home):
                self._claim()
                for arm in self.plan.arms:
                    text = tomlkit.dumps(_for_toml(arm.scenario))
                    self.write_text(_scenario_file(arm.name), text)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _claim(self) -> None:
        """Take the first free name; two runs can start within one second.

        The temporary folder comes first: while it stands nobody else gets the name, and a run that finished just
        before has its final folder by then.
        """
        base = self._name
        for turn in itertools.count(2):
            self.path = self._home / (self._name + PARTIAL)
            try:
                self.path.mkdir()
            except FileExistsError:
                pass
            else:
                if not (self._home / self._name).exists():
                    return
                self.path.rmdir()
            self._name = f"{base}-{turn}"

    def _remove(self) -> None:
        if self.path.name.endswith(PARTIAL):
            shutil.rmtree(self.path, ignore_errors=True)
        self._made.__exit__(None, None, None)

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        """Write one table as Parquet, in its one order; equal tables give equal bytes.

        Raises
        ------
        ResultsError
            `E-table-unknown`, `E-table-columns`, `E-table-type`, `E-table-duplicate`, `E-out-unwritable`.
        """
        arrow = to_arrow(name, arrange(name, frame))
        with as_unwritable(self.path):
            write_parquet(arrow, str(self.path / f"{name}.parquet"))

    def write_text(self, relative: str, text: str) -> None:
        """Write one text file in UTF-8, in a folder of the run if the name says so."""
        with as_unwritable(self.path):
            file = self.path / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")

    def describe(self, done: int, failed: Sequence[Failed] = ()) -> None:
        """Write the CSV tables, datapackage.json and the manifest, after the last table and before any report.

        Raises
        ------
        ResultsError
            `E-table-missing` where the table that the plan needs (most often the measures) has not been written.
        """
        if not (self.path / f"{self.plan.needs}.parquet").is_file():
            raise ResultsError("E-table-missing", table=self.plan.needs, path=self.path, known="")
        with as_unwritable(self.path):
            write_summary_csv(self.path)
            write_spreadsheets(self.path)
            write_datapackage(self.path, self._name)
            write_manifest(self.path, self._manifest(done, failed))

    def _manifest(self, done: int, failed: Sequence[Failed]) -> Manifest:
        plan = self.plan
        commit, dirty = machine.commit()
        return Manifest(
            run_id=self._name,
            start=self.start,
            command=machine.tidy_command(plan.command),
            arms=[
                ArmEntry(arm=a.name, title=a.title, file=_scenario_file(a.name), sha256=self._hashes[a.name])
                for a in plan.arms
            ],
            period=plan.period,
            randomness=Randomness(seed=plan.seed, spawning=plan.spawning),
            replications=Replications(asked=plan.asked, done=done, failed=list(failed)),
            labels=dict(plan.labels),
            machine=Machine(
                version=machine.package_version(),
                commit=commit,
                dirty=dirty,
                lock_sha256=machine.lock_hash(),
                versions=machine.versions(),
                system=machine.system(),
                processor=machine.processor(),
                cores=machine.cores(),
            ),
            outputs=list_outputs(self.path),
        )

    def finish(self) -> Path:
        """Complete the manifest and give the folder its final name.

        Returns
        -------
        Path
            The finished run folder.
        """
        end = dt.datetime.now().astimezone(self.start.tzinfo)
        wall = round((end - self.start).total_seconds(), 3)
        done = {"end": end, "wall_seconds": wall, "outputs": list_outputs(self.path)}
        with as_unwritable(self.path):
            write_manifest(self.path, read_manifest(self.path).model_copy(update=done))
            self.path = self.path.rename(self._home / self._name)
        return self.path


def _scenario_file(arm: str) -> str:
    return f"scenario.{slugify(arm)}.resolved.toml"


def _for_toml(data: Mapping[str, object]) -> dict[str, object]:
    """Plain data as TOML can say it: no None, lists for tuples."""
    return {str(key): _toml_value(value) for key, value in data.items() if value is not None}


def _toml_value(value: object) -> object:
    if isinstance(value, Mapping):
        return _for_toml(value)
    return [_toml_value(item) for item in value] if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder that can be read: its place and its manifest. Tables are read when they are asked for."""

    path: Path
    manifest: Manifest

    @property
    def tables(self) -> list[str]:
        """The names of the tables that this run has."""
        return [name for name in TABLES if (self.path / f"{name}.parquet").is_file()]

    def table(self, name: str) -> pd.DataFrame:
        """Read one table as it was written.

        Raises
        ------
        ResultsError
            `E-table-missing`, or `E-table-changed` where the bytes are not those that the manifest records.
        """
        file = self.path / f"{name}.parquet"
        if not file.is_file():
            raise ResultsError("E-table-missing", table=name, path=self.path, known=", ".join(self.tables))
        recorded = self.manifest.output(file.name)
        if recorded is not None and recorded.sha256 != file_hash(file):
            raise ResultsError("E-table-changed", table=name, path=self.path)
        frame: pd.DataFrame = pq.read_table(file).to_pandas()
        return frame


def open_run(path: Path, *, unfinished: bool = False) -> Run:
    """Open a run folder for reading.

    Parameters
    ----------
    path
        The folder.
    unfinished
        Also open a folder that still has its temporary name, as the report does before the renaming.

    Raises
    ------
    ResultsError
        `E-run-missing`, `E-run-partial` (half-written), `E-run-no-manifest`, `E-run-version`, `E-run-manifest`.
    """
    if not path.is_dir():
        raise ResultsError("E-run-missing", path=path)
    if path.name.endswith(PARTIAL) and not unfinished:
        raise ResultsError("E-run-partial", path=path)
    return Run(path, read_manifest(path))
