"""What a load test is to play: scenario, window, arrivals and faults, from the options and their defaults."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from cli.arms import load_ward
from cli.errors import PassedOnError
from cli.exits import Exit
from cli.load.options import LoadOptions, Sizes
from fakes.defects import DefectError, Defects
from fakes.faults.fault import Fault, FaultError
from fakes.faults.incidents import faults_of
from loadtests.busiest import usual_window
from loadtests.errors import LoadError
from loadtests.history import FaultSpan
from loadtests.required import Required, required_of
from loadtests.schedule import Schedule, of_scenario
from loadtests.window import Window
from scenarios.loading import Loaded
from scenarios.schema import Scenario

ARRIVALS_A_SECOND = 4.0
"""Filings a real second that a run without a scale has: hundreds a minute, which a small machine carries."""


@dataclass(frozen=True)
class Asked:
    """What is to be played.

    Attributes
    ----------
    scale
        Times the scenario's filings.
    counting
        Counts what is required; it does so while systems start.
    """

    loaded: Loaded[Scenario]
    window: Window
    scale: float
    seed: int
    schedule: Schedule
    counting: Future[Required]
    faults: tuple[Fault, ...]
    defects: tuple[str, ...]

    @property
    def required(self) -> Required:
        """What the scenario's own people hand in, over the window."""
        return self.counting.result()

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.loaded.scenario

    def spans(self, zero_us: int) -> tuple[FaultSpan, ...]:
        """Return when each fault is at work; several of one incident have its id."""
        spans = []
        for fault in self.faults:
            start, end = fault.window.micros
            server = fault.where.server.value if fault.where.server is not None else ""
            spans.append(FaultSpan(fault.incident or fault.id, server, start - zero_us, end - zero_us))
        return tuple(spans)


def asked_of(word: str, options: LoadOptions, sizes: Sizes) -> Asked:
    """Read the scenario and draw what arrives.

    Raises
    ------
    ScenarioError
        With all problems of the scenario.
    CommandError
        For a window, scale or speed that cannot be; E-fault-… with exit code 3 for an incident that cannot be played.
    """
    loaded = load_ward(word)
    scenario = loaded.scenario
    try:
        defects = Defects.parse(options.defects).given
        window = usual_window(scenario, options.seed) if options.window is None else Window.parse(options.window)
        speed = round(window.micros / 1e6 / sizes.duration_s, 6) if sizes.speed is None else sizes.speed
        faults = faults_of(scenario, speed)
        scale, schedule = _drawn(scenario, window, sizes.scale, speed, options.seed)
    except FaultError as error:
        raise PassedOnError(error, Exit.SCENARIO) from error
    except (DefectError, LoadError) as error:
        raise PassedOnError(error) from error
    inside = tuple(fault for fault in faults if _touches(fault, window))
    counting = _counting(scenario, window, options.seed)
    return Asked(loaded, window, scale, options.seed, schedule, counting, inside, defects)


def _counting(scenario: Scenario, window: Window, seed: int) -> Future[Required]:
    """Begin to count what is required, in a thread that ends by itself."""
    counter = ThreadPoolExecutor(1, thread_name_prefix="required")
    try:
        return counter.submit(required_of, scenario, window, seed)
    finally:
        counter.shutdown(wait=False)


def _drawn(scenario: Scenario, window: Window, scale: float | None, speed: float, seed: int) -> tuple[float, Schedule]:
    """Draw the arrivals; without a scale, so many times the scenario's that a run says something."""
    if scale is not None:
        return scale, of_scenario(scenario, window, scale=scale, speed=speed, seed=seed)
    once = of_scenario(scenario, window, scale=1.0, speed=speed, seed=seed)
    wanted = ARRIVALS_A_SECOND * once.length_us / 1e6
    scale = float(max(1, round(wanted / len(once))))
    return scale, once if scale == 1.0 else of_scenario(scenario, window, scale=scale, speed=speed, seed=seed)


def _touches(fault: Fault, window: Window) -> bool:
    """Whether a fault is at work in a window, or in the time after it in which places are drained."""
    start, _ = fault.window.start, fault.window.end
    return start is None or start.replace(tzinfo=None) < window.end
