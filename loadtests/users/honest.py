"""The base of all user classes: a FastHttpUser whose connections, notes and clock are those of the worker's run."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, ClassVar, Final

from locust.contrib.fasthttp import FastHttpUser
from locust.exception import StopUser
from locust.user import User

from loadtests.generator.asking import Caller, Letter, Noted, Told
from loadtests.generator.run import Run

MICRO: Final = 1_000_000
_FIRST_US: Final = 250_000
_LONGEST_US: Final = 8 * MICRO
PATIENCE_US: Final = 15 * MICRO


class HonestUser(FastHttpUser):
    """Calls go out once (`loadtests.generator.wire`), so no client of Locust's own is made for each user."""

    abstract = True
    host = ""
    run_of_worker: ClassVar[Run | None] = None
    """Set when a test starts, before anybody is spawned."""

    def __init__(self, environment: Any) -> None:
        User.__init__(self, environment)
        run = HonestUser.run_of_worker
        assert run is not None, "users are spawned once the run is there"
        self.worker = run

    def on_stop(self) -> None:
        """Let go of what Locust tied to the user and the user to it, so that nothing waits for a collection."""
        self._taskset_instance = None

    def pause(self, scenario_s: float, floor_s: float = 0.0) -> int:
        """Wait seconds of the scenario, at least so many real ones; return when it should have ended."""
        due = self.worker.now() + round(max(self.worker.plan.real_s(scenario_s), floor_s) * MICRO)
        self.wait_for(due)
        return due

    def wait_for(self, due: int) -> None:
        """Wait for a moment of the run.

        Raises
        ------
        StopUser
            When the run ends before.
        """
        self.worker.until(due)
        if self.worker.ending:
            raise StopUser

    def insist(
        self,
        caller: Caller,
        letter: Letter,
        due: int,
        noted: Noted | None = None,
        patience_us: int = PATIENCE_US,
        before: Told | None = None,
    ) -> Told:
        """Make a call again under its id while nobody answers, with growing waits, until patience or the run ends.

        It stays due when it first was: whoever waits for an answer does not care how often it was asked for.
        """
        run = self.worker
        told = caller.ask(letter, due, noted, before)
        wait = _FIRST_US
        while told.again and run.now() - due + wait < patience_us and run.now() + wait < run.limit_us:
            self.wait_for(run.now() + wait)
            wait = min(2 * wait, _LONGEST_US)
            told = caller.ask(letter, due, noted, told)
        return told

    def broke(self, problem: Exception) -> None:
        """Count what went wrong in the generator itself, and tell Locust."""
        where = traceback.extract_tb(problem.__traceback__)[-1]
        self.worker.record.failed[
            f"{type(problem).__name__}: {problem} ({Path(where.filename).name}:{where.lineno})"
        ] += 1
        self.environment.events.user_error.fire(user_instance=self, exception=problem, tb=problem.__traceback__)
