"""A run folder with only what is needed of it: `python -m results.excerpt FROM TO NAME …`, names without their ends.

For runs that are kept for good: the whole of a load test has logs and stores a hundred times as large as its tables.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from results.manifest import record_outputs
from results.store import open_run


def excerpt(source: Path, target: Path, stems: Collection[str]) -> None:
    """Copy the manifest, and the files with these names (`timeline` for `timeline.csv` and `timeline.parquet`).

    The manifest of the copy lists what is there, each file with its hash.

    Raises
    ------
    ResultsError
        As `results.store.open_run`.
    """
    manifest = open_run(source).manifest
    target.mkdir(parents=True, exist_ok=True)
    for output in manifest.outputs:
        if "/" not in output.path and output.path.partition(".")[0] in stems:
            shutil.copyfile(source / output.path, target / output.path)
    shutil.copyfile(source / "manifest.json", target / "manifest.json")
    record_outputs(target)


if __name__ == "__main__":
    excerpt(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
