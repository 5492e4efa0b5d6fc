"""A made-up run for tests of the page: the shape and size of a real one, figures of the right order, no simulation."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from results.manifest import Failed, Label, Period
from results.plan import Arm, Plan
from results.store import RunFolder
from scenarios.packaged import scenario
from sim.journeys import flow_steps
from sim.summary import compare, summarise

FIRST, LAST = dt.date(2023, 2, 6), dt.date(2023, 4, 30)
START = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=9)))
SITES = {
    "main": Label(ja="本庁", en="Main office"),
    "okubo": Label(ja="大久保特別出張所", en="Okubo branch office"),
}
TITLES = {
    "before": Label(ja="導入前（オンラインなし）", en="Before: no online filing"),
    "after": Label(ja="導入後（2023年2月6日開始）", en="After: launch on 2023-02-06"),
}
HOURS = {8: 0.5, 9: 0.8, 10: 1.2, 11: 1.45, 12: 1.4, 13: 1.3, 14: 1.15, 15: 0.95, 16: 0.7, 17: 0.5, 18: 0.35}
HOURLY = {
    "citizen_hours_waiting": (21400, -0.11),
    "citizen_hours_service": (9800, -0.05),
    "citizen_hours_travel": (26100, -0.09),
    "citizen_hours_form": (6900, -0.03),
    "staff_hours_counter": (11900, -0.075),
    "staff_hours_card": (3100, 0.001),
    "staff_hours_post": (940, -0.16),
    "staff_hours_other": (5200, 0.0),
}
ADDED = {"staff_hours_checking": 410, "staff_hours_preparing": 365, "staff_hours_rework": 96}
GROUPS = {  # mean wait before, change after, visits, people still inside
    ("move_in", "adopters"): (52.0, -0.22, 2900, 2.1),
    ("move_in", "others"): (53.0, -0.13, 15200, 6.0),
    ("move_out", "adopters"): (38.0, None, 2100, 0.8),
    ("move_out", "others"): (39.0, -0.12, 7800, 2.9),
    ("move_within", "adopters"): (44.0, -0.2, 700, 0.3),
    ("move_within", "others"): (45.0, -0.12, 4600, 1.3),
    ("from_abroad", "others"): (58.0, 0.004, 3300, 2.0),
    ("certificate", "others"): (17.0, -0.1, 61000, 4.4),
}


ALL = dict.fromkeys(("kind", "users", "site", "weekday", "hour"), "all")


class Rows:
    """Collects rows of the measures table for one arm and replication."""

    def __init__(self, arm: str, replication: int) -> None:
        self.start = {"arm": arm, "replication": replication}
        self.rows: list[dict[str, object]] = []

    def add(self, measure: str, unit: str, value: float, groups: Mapping[str, str] = ALL, observed: int = 1) -> None:
        about = {**self.start, "measure": measure, "unit": unit, "value": value, "count": observed}
        self.rows.append({**about, **ALL, **groups})


def put_crowds(rows: Rows, hour: int, minutes: float) -> None:
    for weekday, crowd in {"mon": 1.6, "wed": 0.9, "fri": 0.7}.items():
        rows.add("wait_mean", "min", minutes * crowd, {"site": "main", "weekday": weekday, "hour": f"{hour:02d}"}, 400)


def one_replication(arm: str, replication: int, seed: int, effect: float) -> list[dict[str, object]]:
    """The measures of one replication; arms share its luck, as common random numbers make them."""
    shared = np.random.default_rng([seed, replication])
    own = np.random.default_rng([seed, replication, len(arm)])
    luck, after, rows = shared.normal(1.0, 0.06), arm == "after", Rows(arm, replication)

    def value(base: float, change: float) -> float:
        return float(base * luck * (1 + (change * effect if after else 0)) * own.normal(1.0, 0.008))

    wait = value(41.6, -0.13)
    for measure, ratio in {
        "wait_mean": 1,
        "wait_median": 0.71,
        "wait_p90": 2.2,
        "wait_p95": 2.9,
        "wait_max": 5.4,
    }.items():
        rows.add(measure, "min", wait * ratio, observed=98000)
    rows.add("wait_over_30_share", "share", wait / 105, observed=98000)
    rows.add("still_inside", "count", float(shared.poisson(20) - (2 if after else 0)))
    rows.add("still_inside", "count", float(shared.poisson(9)), {"site": "main"})
    for hour, shape in HOURS.items():
        rows.add("wait_mean", "min", value(43 * shape, -0.13), {"site": "main", "hour": f"{hour:02d}"}, 4000)
        put_crowds(rows, hour, value(43 * shape, -0.13))
    if after:
        rows.add("early_visit_share", "share", value(0.056, 0.0), observed=2400)
        rows.add("unprepared_share", "share", value(0.101, 0.0), observed=3100)
    rows.add("visits", "count", value(36000, -0.03), observed=36000)
    for (kind, users), (base, change, visits, inside) in GROUPS.items():
        group = {"kind": kind, "users": users}
        served = visits if change is not None or not after else 0
        if served:
            rows.add("wait_mean", "min", value(base, change or 0.0), group, served)
        rows.add("visits", "count", float(served), group, served)
        rows.add("still_inside", "count", float(shared.poisson(inside)), group)
        if kind.startswith(("move", "from")):
            per_move = -0.45 if users == "adopters" and kind == "move_out" else (change or 0.0) * 0.6
            rows.add("citizen_hours_per_move", "h", value(base / 19, per_move), group, visits)
    rows.add("citizen_hours_per_move", "h", value(2.31, -0.08), observed=36000)
    rows.add("citizen_hours_per_move", "h", value(2.45, -0.31), {"users": "adopters"}, 5600)
    rows.add("citizen_hours_per_move", "h", value(2.28, -0.05), {"users": "others"}, 30400)
    total = {"citizen": 0.0, "staff": 0.0}
    for measure, (base, change) in HOURLY.items():
        hours = value(base, change)
        total[measure.partition("_")[0]] += hours
        rows.add(measure, "h", hours)
    for measure, base in ADDED.items():
        hours = value(base, 0.0) if after else 0.0
        total["staff"] += hours
        rows.add(measure, "h", hours)
    rows.add("citizen_hours", "h", total["citizen"])
    rows.add("staff_hours_total", "h", total["staff"])
    rows.add("overtime_hours", "h", value(610, 0.003))
    return rows.rows


def measures_table(arms: list[str], replications: int = 10, seed: int = 1, effect: float = 1.0) -> pd.DataFrame:
    rows = [row for arm in arms for number in range(replications) for row in one_replication(arm, number, seed, effect)]
    return pd.DataFrame(rows)


def open_days() -> list[dt.date]:
    days = [FIRST + dt.timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
    closed = {dt.date(2023, 2, 23), dt.date(2023, 3, 21)}
    return [day for day in days if (day.weekday() < 5 and day not in closed) or day == dt.date(2023, 3, 26)]


def daily_table(arms: list[str], replications: int = 10, seed: int = 1) -> pd.DataFrame:
    rows = []
    for number in range(replications):
        luck = np.random.default_rng([seed, number]).lognormal(0.0, 0.18, size=len(open_days()))
        for arm in arms:
            for day, factor in zip(open_days(), luck, strict=True):
                rush = np.exp(-(((day - dt.date(2023, 3, 31)).days / 8.0) ** 2))
                monday = 1.3 if day.weekday() == 0 else 1.0
                peak = (34 + 150 * rush) * monday * factor * (0.82 if arm == "after" else 1.0)
                rows.append((arm, number, day.isoformat(), "wait_max", "min", "main", float(peak)))
    return pd.DataFrame(rows, columns=["arm", "replication", "date", "measure", "unit", "site", "value"])


def quantiles_table(arms: list[str], effect: float = 1.0) -> pd.DataFrame:
    points = (np.arange(50) + 0.5) / 50
    waits = -38.0 * np.log1p(-points)
    parts = [
        pd.DataFrame({"arm": arm, "kind": "all", "users": "all", "q": range(1, 51)}).assign(
            minutes=waits * (1 - 0.13 * effect * (arm == "after"))
        )
        for arm in arms
    ]
    return pd.concat(parts, ignore_index=True)


@cache
def steps_of(scenario_name: str) -> pd.DataFrame:
    return flow_steps({"arm": scenario(scenario_name)}, 1)


def flow_table(arms: list[str]) -> pd.DataFrame:
    of_arm = {"before": "before", "after": "launch"}
    return pd.concat([steps_of(of_arm[arm]).assign(arm=arm) for arm in arms], ignore_index=True)


def what_if_table(faster: float = 1.0) -> pd.DataFrame:
    rows = [
        (uptake, more, 9 + more, 13 + more, "wait_mean", "min", wait, wait - 2.0, wait + 2.0, 5)
        for uptake in (0.0, 0.16, 0.4)
        for more in (-1, 0, 1, 2)
        for wait in [48.0 * (1 - uptake / 2) * 0.65**more * faster]
    ]
    return pd.DataFrame(rows, columns=TABLE_OF_GRID)


TABLE_OF_GRID = ["uptake", "desks", "windows", "clerks", "measure", "unit", "estimate", "lo95", "hi95", "n"]


def assumptions_table(arms: list[str]) -> pd.DataFrame:
    url = "https://hikkoshizamurai.jp/report/report-20230516/ (survey, n = 4,340)"
    known = [
        (
            "work.move_in_paper",
            "転入（転出証明書持参）",
            "Moving in, paper certificate",
            20,
            12,
            35,
            "min",
            "assumption",
        ),
        (
            "work.move_in_prepared",
            "転入（準備済み）",
            "Moving in, prepared",
            13,
            8,
            25,
            "min",
            "assumption: a third less",
        ),
        ("work.prepare_visit", "来庁の準備", "Preparing a visit", 5, 2, 10, "min", "assumption"),
        ("travel.round_trip", "往復の時間", "Round trip", 40, 20, 60, "min", "assumption"),
        (
            "jlis.connections",
            "接続の上限",
            "Connections at once",
            30,
            30,
            42,
            "connections",
            "http://itpro.nikkeibp.co.jp/x",
        ),
        ("staff.main.windows", "本庁の窓口", "Windows, main office", 6, np.nan, np.nan, "windows", ""),
    ]
    rows = []
    for arm in arms:
        uptake = (
            "one_stop.uptake",
            "オンライン利用率",
            "Uptake",
            0.16 if arm == "after" else 0.0,
            0.08,
            0.25,
            "share",
            url,
        )
        rows += [(arm, *row, row[-1].startswith("assumption")) for row in [*known, uptake]]
    names = ["arm", "key", "label_ja", "label_en", "value", "low", "high", "unit", "source", "assumed"]
    return pd.DataFrame(rows, columns=names)


def laws_table(arms: list[str], replications: int = 10, broken: int = 0) -> pd.DataFrame:
    rows = [
        (arm, number, law, place, 1.0, 1.0, 0.0, True)
        for arm in arms
        for number in range(replications)
        for law in ("little-waiting", "little-service", "flow-balance", "utilisation-law", "utilisation", "capacity")
        for place in ("main.windows", "main.card_desks", "okubo.windows")
    ]
    names = ["arm", "replication", "law", "place", "left", "right", "gap", "holds"]
    frame = pd.DataFrame(rows, columns=names)
    frame.loc[: broken - 1, "holds"] = False
    return frame


def write_sample(
    out: Path,
    *,
    arms: tuple[str, ...] = ("before", "after"),
    replications: int = 10,
    effect: float = 1.0,
    only: set[str] | None = None,
    failed: list[Failed] | None = None,
) -> Path:
    """Write a finished run folder without a report; `only` names the tables beside measures and summary to write."""
    names = list(arms)
    measures = measures_table(names, replications, effect=effect)
    tables = {
        "measures": measures,
        "summary": summarise(measures),
        "daily": daily_table(names, replications),
        "wait_quantiles": quantiles_table(names, effect),
        "assumptions": assumptions_table(names),
        "laws": laws_table(names, replications),
        "flow_steps": flow_table(names),
        "what_if": what_if_table(),
    }
    if len(names) > 1:
        tables["comparison"] = compare(measures, names[0], names[1])
    plan = Plan(
        slug="launch",
        arms=[Arm(name, TITLES[name], {"name": name, "uptake": 0.16 * (name == "after")}) for name in names],
        seed=20230206,
        spawning="SeedSequence(seed, spawn_key=(replication, attribute)), Philox",
        asked=replications,
        command=["hikkoshi", "compare", "scenarios/before.toml", "scenarios/launch.toml", "--replications", "10"],
        period=Period(first=FIRST, last=LAST, warm_up_days=14),
        labels=SITES,
    )
    with RunFolder(out, plan, START) as run:
        for name, table in tables.items():
            if only is None or name in only | {"measures", "summary"}:
                run.write_table(name, table)
        run.describe(done=replications, failed=failed or [])
        return run.finish()
