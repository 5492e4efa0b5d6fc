from __future__ import annotations

from pathlib import Path

import pytest

import sim.kept
from sim.kept import SOURCES, digest

ROOM = Path(sim.kept.__file__).parent


def test_every_file_with_compiled_functions_is_watched() -> None:
    with_functions = {
        str(path.relative_to(ROOM)) for path in ROOM.rglob("*.py") if "\n@kernel\n" in path.read_text(encoding="utf-8")
    }
    assert with_functions <= set(SOURCES)


def test_a_change_in_any_of_them_asks_for_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOM / name).read_bytes())
    monkeypatch.setattr(sim.kept, "_ROOM", tmp_path)
    names = [digest()]
    for name in SOURCES:
        with (tmp_path / name).open("a") as file:
            file.write("# changed\n")
        names.append(digest())
    assert len(set(names)) == len(SOURCES) + 1
