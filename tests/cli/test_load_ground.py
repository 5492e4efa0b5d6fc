"""The systems of a load test: started again when they were late, and never a run whose beginning is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.errors import CommandError
from cli.load import ground
from cli.load.ground import OwnWanted, generator_s, own
from loadtests.plan import now_us
from loadtests.rates import constant

START = datetime(2023, 3, 28, 9, 0)


def wanted(folder: Path, workers: int = 1) -> OwnWanted:
    return OwnWanted(folder, constant(1, 5, START, 60.0), 1, 300.0, workers)


def slow_servers(monkeypatch: pytest.MonkeyPatch, late_s: list[float]) -> list[Any]:
    """Let servers be ready so many seconds too late, one after the other; return what was asked for."""
    asked: list[Any] = []

    @contextmanager
    def serving(_folder: object, what: Any) -> Iterator[Any]:
        asked.append(what)
        settings = SimpleNamespace(began=time.time_ns() - round(late_s[len(asked) - 1] * 1e9), **_of(what))
        yield SimpleNamespace(
            servers=[SimpleNamespace(settings=settings, processes=[])],
            credentials=SimpleNamespace(operator_key="k", seed=1, people_day=date(2023, 3, 28)),
            revive=list,
        )

    @contextmanager
    def opened(path: Path) -> Iterator[Any]:
        path.mkdir()
        yield SimpleNamespace(path=path, cards=lambda _at: None)

    monkeypatch.setattr(ground, "serving", serving)
    monkeypatch.setattr(ground, "opened", opened)
    monkeypatch.setattr(ground, "written_in", lambda _file: None)
    monkeypatch.setattr(
        ground, "servers_of", lambda *_: SimpleNamespace(portal="p", jlis=("j",), ward="w", authority="")
    )
    return asked


def _of(what: Any) -> dict[str, Any]:
    return {"start": what.start, "speed": what.speed, "name": "portal"}


def test_servers_in_time_leave_the_generator_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = slow_servers(monkeypatch, [0.0])
    with own(wanted(tmp_path / "servers", workers=2)) as found:
        assert found.begin_at_us - now_us() > generator_s(2) * 1e6
    assert len(asked) == 1
    assert generator_s(2) > generator_s(1)


def test_servers_that_are_late_are_started_again_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = slow_servers(monkeypatch, [30.0, 0.0])
    with own(wanted(tmp_path / "servers")) as found:
        assert found.begin_at_us > now_us()
    assert len(asked) == 2


def test_servers_that_are_late_twice_are_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_servers(monkeypatch, [30.0, 60.0])
    with pytest.raises(CommandError) as refused, own(wanted(tmp_path / "servers")):
        pass
    assert refused.value.code == "E-load-late"
