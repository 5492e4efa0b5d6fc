"""The journey of applicants as Locust would have it: its own client, no notes, no checks. The measure for ours.

BENCH_PLAN names the plan whose applicants walk; the papers are made before the clock runs, as ours are. Users of a
closed model take one after the other, and what they took is told in a line that begins with MARK.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from pathlib import Path
from typing import Any, Final

import gevent
import msgspec
from locust import FastHttpUser, constant, events, task
from locust.exception import StopUser

from bench.load.timing import MARK
from fakes.endpoints import Endpoint
from fakes.endpoints import portal as p
from fakes.messages.envelope import Reply
from fakes.messages.portal import Accepted, AccessKey, ProcedureSearch, SubmissionStatus, Submitted
from fakes.towns import WARD_CODE, town
from loadtests.casting import Casting
from loadtests.generator.asking import ATTEMPT, KEY, REQUEST_ID, Letter
from loadtests.generator.run import Run
from loadtests.plan import Plan
from loadtests.users import letters
from loadtests.users.applicants import KEYWORD
from loadtests.users.habits import Habits
from loadtests.users.papers import Party, Prepared

_MARKED: Final = {"X-Test-Data": "synthetic"}
_WAITING: list[tuple[int, Party]] = []
_NAMES: Final = itertools.count()
_TOLD: Final[dict[str, float]] = {"calls": 0, "failed": 0, "journeys": 0}
_BEGAN: list[float] = []


class Walker(FastHttpUser):
    """Somebody who goes the way of one applicant after the other."""

    wait_time = constant(0)
    told: Run
    habits: Habits

    @task
    def journey(self) -> None:
        """Go the whole way once."""
        if not _BEGAN:
            _BEGAN.extend([time.monotonic(), time.process_time()])
        if not _WAITING:
            if self.environment.runner.user_count <= 1:
                gevent.spawn(self.environment.runner.quit)  # it ends this user too
            raise StopUser
        number, party = _WAITING.pop()
        headers = dict(_MARKED)
        card, papers, name = party.card, party.papers, f"a{number}"
        key: AccessKey = self.ask(letters.login(name, card, card.pin), headers, AccessKey)
        headers["X-Access-Key"] = key.access_key
        self.ask(self._search(), headers, None)
        submitted: Submitted = self.ask(letters.submission(name, papers), headers, Submitted)
        temporary = submitted.temporary_reference_number
        asked: SubmissionStatus = self.ask(letters.inquiry(name, papers, temporary), headers, SubmissionStatus)
        signed = letters.signature(name, papers, card, party.key, temporary, asked)
        accepted: Accepted = self.ask(signed, headers, Accepted)
        for _ in range(self.habits.looks(self.told.schedule[number])):
            self.ask(letters.status(name, papers, accepted.reference_number), headers, None)
        _TOLD["journeys"] += 1
        _TOLD["seconds"] = time.monotonic() - _BEGAN[0]
        _TOLD["cpu_s"] = time.process_time() - _BEGAN[1]

    def ask(self, letter: Letter, headers: dict[str, str], kind: Any) -> Any:
        """Make a call with Locust's own client; return the result, read as a kind or as any JSON."""
        endpoint: Endpoint = letter.endpoint
        own = {**headers, REQUEST_ID: f"walk-{next(_NAMES):x}", ATTEMPT: "1"}
        if endpoint.changes:
            own[KEY] = own[REQUEST_ID]
        body: Any = None  # bytes are taken too
        if letter.form is not None:
            own["Content-Type"], body = letter.form
        elif letter.message is not None:
            own["Content-Type"], body = "application/json", msgspec.json.encode(letter.message)
        path = endpoint.path.format(**letter.values)
        answer = self.client.request(
            endpoint.method, path, params=dict(letter.query), data=body, headers=own, name=endpoint.name
        )
        _TOLD["calls"] += 1
        _TOLD["failed"] += not answer.ok
        if kind is None:
            return answer.json()
        return msgspec.json.decode(answer.content, type=Reply[kind]).result

    def _search(self) -> Letter:
        known = self.told.way.known
        city = town(WARD_CODE).five
        message = ProcedureSearch(known.provider, known.provider_password, city_code=city, keyword=[KEYWORD])
        return Letter(endpoint=p.SEARCH_PROCEDURES, message=message)


def _begin(environment: Any, **_: Any) -> None:
    """Make everybody's papers, and say what one applicant's took."""
    plan = Plan.read(Path(os.environ["BENCH_PLAN"]))
    run = Walker.told = Run(plan, 0, environment.events.request.fire)
    Walker.habits = Habits(plan.people_seed)
    prepared = Prepared(run, Casting(run.schedule, run.people))
    began = time.process_time()
    _WAITING.extend((number, prepared.take(number)) for number in range(len(run.schedule.due_us)))
    _TOLD["papers_s"] = (time.process_time() - began) / max(1, len(_WAITING))


def _tell(**_: Any) -> None:
    os.write(1, (MARK + json.dumps(_TOLD) + "\n").encode())


_bus: Any = events
_bus.test_start.add_listener(_begin)
_bus.test_stop.add_listener(_tell)
