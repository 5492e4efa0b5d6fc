"""Lengths of time and numbers of `hikkoshi load`, as people write them."""

from __future__ import annotations

import pytest

from cli.errors import CommandError
from cli.load.options import LoadOptions, seconds_of, sizes_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("60s", 60), ("60", 60), ("1.5min", 90), ("2m", 120), ("1h", 3600)),
        *((" 10 min ", 600), ("６０s", 60), ("24h", 86_400), ("5s", 5)),
    ],
)
def test_a_length_of_time_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text, "--duration") == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "4.9s", "25h", "1d", "1:30", "60 seconds", "nan", "1e3"])
def test_what_is_no_length_of_time_is_refused_with_what_was_found(text: str) -> None:
    with pytest.raises(CommandError) as refused:
        seconds_of(text, "--drain")
    assert refused.value.code == "E-use-load-duration"
    assert "--drain" in refused.value.say("ja")


def test_without_numbers_the_run_takes_a_minute_and_the_rest_is_left_to_the_program() -> None:
    sizes = sizes_of(LoadOptions())
    assert (sizes.scale, sizes.speed, sizes.duration_s, sizes.drain_s) == (None, None, 60, 60)
    given = sizes_of(LoadOptions(scale="2.5", speed="120", drain="2min"))
    assert (given.scale, given.speed, given.drain_s) == (2.5, 120, 120)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (LoadOptions(prove=True, find_limit=True), "E-use-load-either"),
        (LoadOptions(speed="60", duration="60s"), "E-use-load-both"),
        (LoadOptions(scale="0"), "E-use-load-number"),
        (LoadOptions(speed="fast"), "E-use-load-number"),
        (LoadOptions(workers=0), "E-use-load-workers"),
        (LoadOptions(workers=33), "E-use-load-workers"),
        (LoadOptions(clean_runs=20), "E-use-load-clean"),
        (LoadOptions(prove=True, clean_runs=0), "E-use-load-clean-runs"),
        (LoadOptions(prove=True, clean_runs=1001), "E-use-load-clean-runs"),
        (LoadOptions(seed=-1), "E-use-seed"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: LoadOptions, code: str) -> None:
    with pytest.raises(CommandError) as refused:
        sizes_of(options)
    assert refused.value.code == code
