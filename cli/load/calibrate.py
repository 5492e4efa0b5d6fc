"""`hikkoshi calibrate`: a scenario that extends another one, with the times that a load test measured."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from cli.errors import CommandError, PassedOnError
from cli.exits import Exit
from cli.here import Given, Here
from cli.init import identifier

if TYPE_CHECKING:
    from loadtests.calibrating import Measured
    from loadtests.series import Series
    from scenarios.loading import Loaded
    from scenarios.schema import Scenario


def calibrate(
    run: Annotated[Path, Parameter(help="cli.argument.load_run", metavar="RUN")],
    scenario: Annotated[str, Parameter(help="cli.argument.scenario", metavar="SCENARIO")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="cli.option.calibrate_out", metavar="FILE")] = None,
    here: Given,
) -> Exit:
    """Write a scenario with measured times in the place of assumed ones; a file that is there is never overwritten."""
    from cli.arms import load_ward
    from loadtests.calibrating import measured
    from scenarios.packaged import WARD, path_of_kind

    loaded = load_ward(scenario)
    series = _series(run)
    times = measured(series)
    if not times:
        raise CommandError("E-load-calibrate-nothing", path=run)
    file = out or Path(f"{Path(scenario).stem}_measured.toml")
    base = Path(path_of_kind(scenario, WARD))
    _write(file, _text(file, base, run, loaded, times))
    for key, time in times.items():
        here.answer(_line(key, time, here))
    here.answer(here.text("cli.written", path=file))
    here.answer(here.text("cli.next", command=f"hikkoshi check {file}"))
    return Exit.FINE


def _series(run: Path) -> Series:
    """Read what the workers of a run measured, unchanged since.

    Raises
    ------
    ResultsError
        For a folder that is no run.
    CommandError
        E-load-calibrate-run for a run that is no load test; `E-table-changed` like for files that were changed.
    """
    from loadtests.errors import LoadError
    from loadtests.series import Series, together
    from results.fingerprint import file_hash
    from results.store import open_run

    manifest = open_run(run).manifest
    files = [own for own in manifest.outputs if own.path.startswith("generator/series-")]
    if not files:
        raise CommandError("E-load-calibrate-run", path=run)
    for own in files:
        if not (run / own.path).is_file() or file_hash(run / own.path) != own.sha256:
            raise CommandError("E-load-calibrate-changed", Exit.FAULTY, path=run / own.path)
    try:
        return together(Series.read(run / own.path) for own in files)
    except LoadError as error:
        raise PassedOnError(error, Exit.FAULTY) from error


def _text(file: Path, base: Path, run: Path, loaded: Loaded[Scenario], times: dict[str, Measured]) -> str:
    from scenarios.json_schema import FILE
    from scenarios.toml_text import document

    title = loaded.scenario.title
    data: dict[str, Any] = {
        "schema_version": loaded.data["schema_version"],
        "extends": _way(base, file.parent),
        "name": identifier(file.stem),
        "title": {"ja": f"{title.ja}（実測の処理時間）", "en": f"{title.en}, measured times"},
    }
    for key, time in times.items():
        table, _, name = key.partition(".")
        source = f"measured: load test {run.name}, {time.samples} calls (mean, 5 % - 95 %)"
        quantity = {"value": time.value, "low": time.low, "high": time.high, "unit": "min", "source": source}
        data.setdefault(table, {})[name] = quantity
    return f"#:schema ./{FILE.name}\n{document(data)}"


def _way(base: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(base.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return base.resolve().as_posix()


def _write(file: Path, text: str) -> None:
    """Write the file, and check that it is a scenario; what is not is taken away again."""
    from scenarios.json_schema import FILE
    from scenarios.loading import load
    from scenarios.schema import Scenario

    try:
        with file.open("x", encoding="utf-8", newline="\n") as new:
            new.write(text)
        schema = file.with_name(FILE.name)
        if not schema.exists():
            schema.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    except FileExistsError as error:
        raise CommandError("E-use-exists", path=file) from error
    except OSError as error:
        raise CommandError("E-use-unwritable", path=file, reason=error.strerror or error) from error
    try:
        load(str(file), Scenario)
    except BaseException:
        file.unlink()
        raise


def _line(key: str, time: Measured, here: Here) -> str:
    figures = {name: f"{getattr(time, name) * 60_000:.2f}" for name in ("value", "low", "high")}
    return here.text("cli.load.measured", item=key, samples=f"{time.samples:,}", **figures)
