"""Rules of the scenario against what was measured: one judgement each. A metric without samples is not kept.

The grammar is `scenarios.thresholds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct, field

from loadtests.histogram import Histogram
from loadtests.phases import Spans, hours_of
from loadtests.schedule import Schedule
from loadtests.series import RESPONSE, Second, Series
from scenarios.thresholds import DATA, Measure, Rule
from texts import Lang, say


class Measurements(Struct, frozen=True):
    """What a run measured, as far as rules ask for it.

    Attributes
    ----------
    series
        Of all workers.
    phases
        Seconds of each phase by name, as `loadtests.phases.phases_of`.
    schedule
        For hours of the scenario.
    counts
        Cases and checked ones of each finding that was looked for.
    delivered, telegram
        From the acknowledgement to the arrival, microseconds of the scenario.
    headroom
        Rate that was carried, over the required one; None when no rate is required or none was carried.
    """

    series: Series
    phases: Mapping[str, Spans]
    schedule: Schedule
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    delivered: Histogram = field(default_factory=Histogram)
    telegram: Histogram = field(default_factory=Histogram)
    headroom: Fraction | None = None


class Judged(Struct, frozen=True):
    """A rule, and what it was held against.

    Attributes
    ----------
    name, rule
        As in the scenario, and as it was understood.
    kept
        Whether it holds; without samples it does not.
    measured
        In the unit of the rule's limit; None without samples.
    low, high
        What a percentile of endless such traffic lies between, with 95 %.
    samples
        How many values the number is made of.
    """

    name: str
    rule: Rule
    kept: bool
    measured: Fraction | None
    samples: int
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def data(self) -> bool:
        """Whether the rule is about faulty data: not keeping it is worse than being slow."""
        return self.rule.metric in DATA

    @property
    def found(self) -> str:
        """What was measured, in the unit of the rule; empty without samples."""
        return "" if self.measured is None else self.rule.said(self.measured)

    def says(self, lang: Lang) -> str:
        """Say whether the rule is kept, and what was measured."""
        rule = str(self.rule)
        if self.measured is None:
            return say("load.rule.no_samples", lang, rule=rule)
        key = "load.rule.kept" if self.kept else "load.rule.missed"
        return say(key, lang, rule=rule, found=self.found, samples=f"{self.samples:,}")


def judge(rules: Mapping[str, Rule], measured: Measurements) -> tuple[Judged, ...]:
    """Hold every rule against what was measured, in their order."""
    return tuple(_judged(name, rule, measured) for name, rule in rules.items())


def _judged(name: str, rule: Rule, measured: Measurements) -> Judged:
    if rule.measure is Measure.COUNT:
        cases, checked = measured.counts.get(rule.metric, (0, 0))
        return _number(name, rule, Fraction(cases) if checked else None, checked)
    if rule.measure is Measure.RATIO:
        return _number(name, rule, measured.headroom, int(measured.headroom is not None))
    if rule.measure is Measure.SHARE:
        second = _second(rule, measured)
        number = second.seen.number
        return _number(name, rule, Fraction(second.failed, number) if number else None, number)
    histogram = {"delivered": measured.delivered, "telegram": measured.telegram}.get(rule.metric)
    return _duration(name, rule, _second(rule, measured).seen if histogram is None else histogram)


def _number(name: str, rule: Rule, found: Fraction | None, samples: int) -> Judged:
    return Judged(name, rule, found is not None and rule.met_by(found), found, samples)


def _duration(name: str, rule: Rule, histogram: Histogram) -> Judged:
    if not histogram.number:
        return Judged(name, rule, kept=False, measured=None, samples=0)
    if rule.percent is None:
        exact = {
            "max": Fraction(histogram.most),
            "min": Fraction(histogram.least),
            "mean": Fraction(histogram.total, histogram.number),
        }
        return _number(name, rule, exact[rule.statistic], histogram.number)
    found = histogram.percentile(rule.percent)
    value, low, high = (Fraction(bound) for bound in found)
    return Judged(name, rule, rule.met_by(value), value, histogram.number, low, high)


def _second(rule: Rule, measured: Measurements) -> Second:
    """Return what was measured of a kind of call in a phase; an incident that was not played has nothing."""
    clock = rule.metric if rule.measure is Measure.DURATION else RESPONSE
    spans = hours_of(rule.phase, measured.schedule) if ":" in rule.phase else measured.phases.get(rule.phase, ())
    return measured.series.over(clock, rule.call or None, spans)
