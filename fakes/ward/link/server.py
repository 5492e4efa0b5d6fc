"""The link server of a town (連携サーバ): a task beside the ward's calls, until it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from fakes.endpoints import ward as w
from fakes.links import Link, UnreachableError
from fakes.messages.linking import Opened
from fakes.store.statements import Statement
from fakes.store.transaction import Row, View
from fakes.ward.context import Ward
from fakes.ward.link.jlis import Jlis
from fakes.ward.link.listening import Listener
from fakes.ward.link.speaking import Speaker
from fakes.ward.link.systems import NotTakenError, Systems
from fakes.ward.tables import OUTBOX
from fakes.web.core import Core

_LOOK_S: Final = 1.0
"""Real seconds between looks into the outbox, for what another process of the ward put in."""
_STANDING_S: Final = 1.0
"""Real seconds between polls while the scenario's clock stands still."""
_LONGEST_S: Final = 30.0
"""Real seconds at most before what could not be said is tried again."""
_NEWEST: Final = Statement(
    select(func.max(OUTBOX.c.seq)).where(OUTBOX.c.municipality == bindparam("town"), OUTBOX.c.state == "waiting")
)
_log = logging.getLogger("fakes.ward.link")


class LinkServer:
    """The link server of one town.

    Parameters
    ----------
    core, ward
        Of the ward in whose process it runs.
    urls
        Addresses of jlis, the primary first.
    context
        With the town's client certificate; None without TLS.
    poll_s
        Seconds of the scenario between polls.
    """

    def __init__(
        self,
        core: Core[Any],
        ward: Ward,
        municipality: str,
        urls: Sequence[str],
        context: ssl.SSLContext | None,
        poll_s: float,
    ) -> None:
        self._core = core
        self._ward = ward
        self._municipality = municipality
        self._urls = urls
        self._poll = timedelta(seconds=poll_s)
        self._context = context
        self._waker = ward.wakers.setdefault(municipality, asyncio.Event())

    async def run(self) -> None:
        """Work until cancelled; whoever cannot be reached is tried again later."""
        headers = {"X-Peer": f"town-{self._municipality}"}
        seed = self._ward.seed
        async with Link(self._urls, headers, self._context, seed=seed) as link:
            systems = Systems(self._core, self._ward.clock, seed, self._municipality)
            jlis = Jlis(link, seed, self._municipality)
            opened = await self._opened(systems)
            speaker = Speaker(systems, jlis, self._municipality, opened.start)
            listener = Listener(systems, jlis, opened.statuses, opened.telegrams)
            await asyncio.gather(self._speak(speaker), self._listen(listener))

    async def _opened(self, systems: Systems) -> Opened:
        """Say to the town's systems that it starts, until they have noted it."""
        key = f"start-{secrets.token_hex(16)}"
        while True:
            with contextlib.suppress(NotTakenError):
                answer = await systems.call(w.OPEN_LINK, key=key)
                opened: Opened = answer.result(Opened)
                return opened
            await asyncio.sleep(_LOOK_S)

    async def _speak(self, speaker: Speaker) -> None:
        while True:
            self._waker.clear()
            done = await self._guarded(speaker.say_all())
            if done:
                await self._something_new(speaker.seen)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._waker.wait(), max(_LOOK_S, min(self._poll_s(), _LONGEST_S)))

    async def _something_new(self, seen: int) -> None:
        """Return when there may be something in the outbox that was not looked at yet."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waker.wait(), _LOOK_S)
                return
            row = await self._ward.store.read(self._newest)
            if row is not None and row[0] is not None and row[0] > seen:
                return

    def _newest(self, view: View) -> Row | None:
        return view.one(_NEWEST, town=self._municipality)

    async def _listen(self, listener: Listener) -> None:
        while True:
            await self._guarded(listener.bring_all())
            await asyncio.sleep(self._poll_s())

    async def _guarded(self, work: Any) -> Any:
        """Await some work; what goes wrong is said in the log and tried again, because nothing is kept here."""
        try:
            return await work
        except (UnreachableError, NotTakenError) as problem:
            _log.warning("town %s: nobody answers: %s", self._municipality, problem)
        except Exception:
            _log.exception("town %s", self._municipality)
        return None

    def _poll_s(self) -> float:
        """Real seconds between polls."""
        real = self._ward.clock.real_seconds(self._poll)
        return real if real != float("inf") else _STANDING_S
