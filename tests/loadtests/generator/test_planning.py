"""A plan made by hand asks the systems what time it is, and whether their clock runs as fast as was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from fakes.clock import moment_of
from fakes.endpoints import Server
from fakes.serving.starting import Running, start
from loadtests.errors import LoadError
from loadtests.generator.planning import clock_of
from loadtests.plan import Servers, now_us
from tests.fakes.conftest import START, settings_in

SPEED = 60.0


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start(settings_in(tmp_path_factory.mktemp("clock"), Server.PORTAL, speed=SPEED)) as running:
        yield running


def servers(url: str) -> Servers:
    return Servers(url, (url,), url, "", "")


def test_a_run_begins_at_what_the_clock_of_the_systems_reads_then(portal: Running) -> None:
    at, begin_us = clock_of(servers(portal.url), SPEED, 3.0)
    assert begin_us > now_us() + 2_000_000
    truth = moment_of(portal.settings.clock().true_micros()) + timedelta(microseconds=(begin_us - now_us()) * SPEED)
    assert abs(at - truth) < timedelta(seconds=SPEED)  # a real second, on a busy machine
    assert at > START


@pytest.mark.parametrize("asked", [1.0, 30.0, 100.0])
def test_another_speed_than_the_clock_has_is_refused(portal: Running, asked: float) -> None:
    with pytest.raises(LoadError) as refused:
        clock_of(servers(portal.url), asked)
    assert refused.value.code == "E-load-target-speed"


def test_systems_that_are_not_there_are_named() -> None:
    with pytest.raises(LoadError, match=r"127\.0\.0\.1:1 cannot be used"):
        clock_of(servers("http://127.0.0.1:1"), SPEED)
