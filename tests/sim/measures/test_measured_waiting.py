"""Waiting in the tables is the waiting of the visits, by every group, without the warm-up."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.sim.measures.plain import Visit, average, counted_visits, crowded, crowded_tables, percentile, row_of, value

GROUPS: list[dict[str, Callable[[Visit], str]]] = [
    {},
    {"users": lambda visit: visit.users},
    {"site": lambda visit: visit.site},
    {"weekday": lambda visit: visit.weekday},
    {"hour": lambda visit: visit.hour},
    {"kind": lambda visit: visit.kind},
    {"kind": lambda visit: visit.kind, "users": lambda visit: visit.users},
    {"site": lambda visit: visit.site, "hour": lambda visit: visit.hour},
    {"site": lambda visit: visit.site, "weekday": lambda visit: visit.weekday, "hour": lambda visit: visit.hour},
]


def grouped(names: dict[str, Callable[[Visit], str]]) -> dict[tuple[tuple[str, str], ...], list[Visit]]:
    """Visits of the period by group; other customers only where kinds are told apart."""
    found: dict[tuple[tuple[str, str], ...], list[Visit]] = {}
    for visit in counted_visits(crowded()):
        key = tuple((name, label(visit)) for name, label in names.items())
        if not visit.is_move and set(names) != {"kind"}:
            continue
        if "site" in names and len(names) > 1 and visit.site != "main":
            continue
        found.setdefault(key, []).append(visit)
    return found


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: " and ".join(names) or "all")
def test_every_group_is_measured_from_its_own_visits(names: dict[str, Callable[[Visit], str]]) -> None:
    tables = crowded_tables()
    for key, members in grouped(names).items():
        group = dict(key)
        waits = [visit.waiting for visit in members if visit.ticket]
        assert value(tables, "visits", **group) == len(members)
        assert value(tables, "left_share", **group) == pytest.approx(average(not visit.served for visit in members))
        assert row_of(tables, "wait_mean", **group)["count"] == len(waits)
        if not waits:
            assert pd.isna(value(tables, "wait_mean", **group))
            continue
        assert value(tables, "wait_mean", **group) == pytest.approx(average(waits))
        assert value(tables, "wait_max", **group) == max(waits)
        for name, share in (("wait_median", 0.5), ("wait_p90", 0.9), ("wait_p95", 0.95)):
            assert value(tables, name, **group) == pytest.approx(percentile(waits, share))
        assert value(tables, "wait_over_30_share", **group) == pytest.approx(average(wait > 30 for wait in waits))
        stay = average(visit.waiting + visit.service for visit in members if visit.ticket)
        assert value(tables, "office_time_mean", **group) == pytest.approx(stay)


def test_no_group_is_measured_that_nobody_belongs_to_or_twice() -> None:
    table = crowded_tables().measures
    waits = table[table["measure"] == "wait_mean"]
    assert len(waits) == sum(len(grouped(names)) for names in GROUPS)
    assert not table.duplicated(["measure", "kind", "users", "site", "weekday", "hour"]).any()


def test_days_are_measured_by_arrival_and_site() -> None:
    daily = crowded_tables().daily
    visits = [visit for visit in counted_visits(crowded()) if visit.is_move]
    for when in sorted({visit.when for visit in visits}):
        for site in ("main", "branch", "all"):
            there = [visit for visit in visits if visit.when == when and site in (visit.site, "all")]
            rows = daily[(daily["date"] == when.isoformat()) & (daily["site"] == site)].set_index("measure")["value"]
            if not there:
                assert "arrivals" not in rows
                continue
            waits = [visit.waiting for visit in there if visit.ticket]
            assert rows["arrivals"] == len(there)
            assert rows["wait_mean"] == pytest.approx(average(waits))
            assert rows["wait_p90"] == pytest.approx(percentile(waits, 0.9))
            assert rows["wait_max"] == max(waits)


def test_the_dots_are_equally_likely_waits() -> None:
    dots = crowded_tables().quantiles
    for users in ("all", "adopters", "others"):
        waits = [
            visit.waiting
            for visit in counted_visits(crowded())
            if visit.is_move and visit.ticket and users in (visit.users, "all")
        ]
        own = dots[dots["users"] == users].sort_values("q")["minutes"].tolist()
        assert own == pytest.approx([percentile(waits, (dot + 0.5) / 50) for dot in range(50)])
