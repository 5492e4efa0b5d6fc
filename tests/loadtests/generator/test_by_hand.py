"""Locust as somebody starts it by hand: its web page has our options, a run leaves a folder, mistakes are said."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from loadtests.plan import Plan, WorkerReport
from tests.fakes.clients import Client
from tests.loadtests.generator.playing import PATIENCE_S, Distributed, locust, systems

pytestmark = pytest.mark.slow
SPEED = 120.0
WORDS = {"scenario": "launch", "scale": "20", "speed": "120", "window": "2023-03-27 08:30/08:50", "seed": "3"}


def until(client: Client, path: str, good: Any, what: str) -> Any:
    """Ask until the answer is good."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = client.get(path)
            if good(answer):
                return answer
        except OSError:
            client.close()
        assert time.monotonic() < end, what


def test_the_web_page_has_the_options_and_a_run_from_it_leaves_its_files(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with systems(tmp_path / "serve", SPEED):
        process = locust(tmp_path, "--web-host", "127.0.0.1", "--web-port", str(port))
        try:
            page = Client(f"http://127.0.0.1:{port}")
            said = until(page, "/", lambda answer: answer.status == 200, "there is no page").body.decode()
            offered = json.loads(said.split("window.templateArgs = ")[1].split("\n")[0].rstrip(";"))["extra_options"]
            assert set(offered) == {"scenario", "scale", "speed", "window", "target", "seed"}
            assert all(" / " in str(option["help_text"]) for option in offered.values())
            form = "&".join(f"{name}={value}" for name, value in {**WORDS, "target": tmp_path / "serve"}.items())
            started = page.send("POST", "/swarm", form.encode(), Content_Type="application/x-www-form-urlencoded")
            assert started.json["success"], started.body
            stats = until(
                page, "/stats/requests", lambda answer: answer.json["state"] == "stopped", "it never ended"
            ).json
            page.close()
        finally:
            process.terminate()
            talk, _ = process.communicate(timeout=PATIENCE_S)
    [folder] = (tmp_path / "results/runs/locust").iterdir()
    plan = Plan.read(folder / "plan.json")
    report = WorkerReport.read(folder / "generator" / "generator-0.json")
    assert report.offered == len(plan.arrivals()) > 0, talk
    assert (report.broken_off, report.failed) == (False, {}), talk
    named = {row["name"]: row for row in stats["stats"]}
    assert named["submit"]["num_requests"] >= report.offered
    assert named["submit (service)"]["num_requests"] == named["submit"]["num_requests"]
    assert named["Aggregated"]["num_requests"] == report.requests


def test_master_and_workers_by_hand_share_the_plan_that_the_master_makes(tmp_path: Path) -> None:
    words = [word for name, value in WORDS.items() for word in (f"--{name}", value)]
    with (
        systems(tmp_path / "serve", SPEED),
        Distributed(tmp_path, 2, "--target", str(tmp_path / "serve"), *words) as all_,
    ):
        said = all_.end()
    [folder] = (tmp_path / "results/runs/locust").iterdir()
    plan = Plan.read(folder / "plan.json")
    reports = [WorkerReport.read(folder / "generator" / f"generator-{worker}.json") for worker in range(2)]
    assert plan.workers == 2
    assert sum(report.offered for report in reports) == len(plan.arrivals()), said
    assert [report.failed for report in reports] == [{}, {}]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--target", "nowhere"), 2, "the systems nowhere cannot be used"),
        (("--target", "nowhere", "--window", "yesterday"), 2, "yesterday"),
        (("--plan", "nowhere/plan.json"), 2, "the plan nowhere/plan.json cannot be used"),
    ],
)
def test_what_cannot_be_played_is_said_in_both_languages_and_ends(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    process = locust(tmp_path, "--headless", *words)
    said, _ = process.communicate(timeout=PATIENCE_S)
    errors = [line for line in said.splitlines() if "ERROR/hikkoshi" in line]
    assert len(errors) == 2, said
    assert says in errors[1]
    assert "Traceback" not in said
    assert process.returncode == code
