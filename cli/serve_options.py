"""Options of `hikkoshi serve`, as typed, and what they come to; what does not fit is refused with one sentence."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone

from cli.errors import CommandError

_JAPAN = timezone(timedelta(hours=9))
_LARGEST_PORT = 65_535
_SERVERS = 4
_MOST_WORKERS = 64
_FASTEST = 100_000
_MOST_HOUSEHOLDS = 1_000_000


def ports_of(text: str) -> tuple[int, int, int, int]:
    """Read ports: one from which they count up, or one for each server; 0 for free ones.

    Raises
    ------
    CommandError
        `E-use-ports`.
    """
    parts = [part.strip() for part in _plain(text).split(",")]
    if not all(re.fullmatch(r"\d{1,5}", part) for part in parts) or len(parts) not in {1, _SERVERS - 1, _SERVERS}:
        raise CommandError("E-use-ports", found=text)
    given = [int(part) for part in parts]
    if len(given) == 1:
        given = [0] * _SERVERS if given[0] == 0 else [given[0] + place for place in range(_SERVERS)]
    portal, jlis, ward, standby = (*given, 0)[:_SERVERS]
    named = [port for port in given if port]
    if max(given) > _LARGEST_PORT or len(set(named)) < len(named):
        raise CommandError("E-use-ports", found=text)
    return portal, jlis, ward, standby


def workers_of(found: int) -> int:
    """Return the number of processes of a server.

    Raises
    ------
    CommandError
        `E-use-workers`.
    """
    if not 1 <= found <= _MOST_WORKERS:
        raise CommandError("E-use-workers", found=found, most=_MOST_WORKERS)
    return found


def households_of(found: int) -> int:
    """Return the number of households of each town.

    Raises
    ------
    CommandError
        `E-use-households`.
    """
    if not 1 <= found <= _MOST_HOUSEHOLDS:
        raise CommandError("E-use-households", found=found, most=f"{_MOST_HOUSEHOLDS:,}")
    return found


def speed_of(text: str) -> float:
    """Read how many times as fast as real time the clock runs; 0 stands still.

    Raises
    ------
    CommandError
        `E-use-speed`.
    """
    speed = _number(text)
    if speed is None or speed > _FASTEST:
        raise CommandError("E-use-speed", found=text, most=_FASTEST)
    return speed


def takeover_of(text: str) -> float:
    """Read within how many seconds a standby takes over.

    Raises
    ------
    CommandError
        `E-use-takeover`.
    """
    seconds = _number(text)
    if seconds is None or not 0.5 <= seconds <= 300:
        raise CommandError("E-use-takeover", found=text)
    return seconds


def poll_of(text: str) -> float:
    """Read how many seconds of the scenario pass between looks of a town at J-LIS.

    Raises
    ------
    CommandError
        `E-use-poll`.
    """
    seconds = _number(text)
    if seconds is None or not 1 <= seconds <= 86_400:
        raise CommandError("E-use-poll", found=text)
    return seconds


def clock_of(text: str | None) -> datetime | None:
    """Read a moment in Japan: `2023-03-27 08:30`, or a day, which begins at half past eight.

    Raises
    ------
    CommandError
        `E-use-clock`.
    """
    if text is None:
        return None
    plain = _plain(text).replace("/", "-")
    found = re.fullmatch(r"(\d{4}-\d{1,2}-\d{1,2})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?", plain)
    if found is None:
        raise CommandError("E-use-clock", found=text)
    day, time = found[1], found[2] or "08:30"
    try:
        moment = datetime.strptime(f"{day} {time if time.count(':') > 1 else f'{time}:00'}", "%Y-%m-%d %H:%M:%S")
    except ValueError as problem:
        raise CommandError("E-use-clock", found=text) from problem
    return moment.replace(tzinfo=_JAPAN)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(text: str) -> float | None:
    """Read a number that is not negative, with at most six places; None for anything else."""
    plain = _plain(text)
    return float(plain) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", plain) else None
