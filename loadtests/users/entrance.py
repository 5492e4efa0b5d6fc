"""A caller that needs a token: it logs in when it has none, or when the one that it has has ended."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final, Self

from msgspec.structs import replace

from fakes.endpoints import jlis as j
from fakes.endpoints import ward as w
from fakes.messages.jlis import StaffLogin
from fakes.messages.ward import Login
from fakes.refusals import Code
from loadtests.generator.asking import Caller, Letter, Noted, Told
from loadtests.generator.forms import urlencoded
from loadtests.users.honest import HonestUser

_ENDED: Final = frozenset({Code.NOT_AUTHENTICATED.value})


class Entrance:
    """A caller and its login.

    Parameters
    ----------
    login
        What is asked to get in.
    token_of
        The token in the answer to it.
    """

    def __init__(
        self, user: HonestUser, caller: Caller, login: Letter | None, token_of: Callable[[Any], str] = str
    ) -> None:
        self._user = user
        self._caller = caller
        self._login = login
        self._token_of = token_of

    @classmethod
    def open(cls, user: HonestUser, caller: Caller) -> Self:
        """Return the entrance of a system that needs no token, because its certificate is enough."""
        return cls(user, caller, None)

    def ask(
        self, letter: Letter, due: int | None = None, noted: Noted | None = None, before: Told | None = None
    ) -> Told:
        """Ask until there is an answer, with a token that counts; `before` is an earlier try of the same.

        What comes back has no request id when nobody was let in, so that it was not asked.
        """
        user = self._user
        due = user.worker.now() if due is None else due
        if self._login is None:
            return user.insist(self._caller, letter, due, noted, before=before)
        if "Authorization" not in self._caller.headers and not (entered := self._log_in(self._login, due)).done:
            return replace(entered, request="", code="")  # it was not even asked
        letter = replace(letter, allowed=letter.allowed | _ENDED)
        told = user.insist(self._caller, letter, due, noted, before=before)
        if told.code in _ENDED and self._log_in(self._login, user.worker.now()).done:
            return user.insist(self._caller, letter, user.worker.now(), noted, before=told)
        return told

    def _log_in(self, login: Letter, due: int) -> Told:
        self._caller.headers.pop("Authorization", None)
        told = self._user.insist(self._caller, login, due)
        if told.done:
            self._caller.headers["Authorization"] = f"Bearer {self._token_of(told.result)}"
        return told


def jlis_terminal(user: HonestUser, municipality: str, name: str) -> Entrance:
    """Return the entrance of a town's account to the receipt API."""
    way = user.worker.way
    letter = Letter(endpoint=j.LOGIN, message=StaffLogin(municipality, name, way.known.password(municipality, name)))
    return Entrance(user, way.jlis(municipality), letter, lambda result: result.token)


def ward_staff(user: HonestUser, municipality: str, name: str) -> Entrance:
    """Return the entrance of a member of a town's staff to the ward's systems."""
    way = user.worker.way
    letter = Letter(endpoint=w.LOGIN, message=Login(name, way.known.password(municipality, name)))
    return Entrance(user, way.ward(municipality), letter, lambda result: result.token)


def ward_system(user: HonestUser, municipality: str, name: str) -> Entrance:
    """Return the entrance of a town's system to the ward's systems (OAuth 2.0, client credentials)."""
    way = user.worker.way
    system = way.known.system(municipality, name)
    basic = base64.b64encode(f"{system.id}:{system.secret}".encode()).decode()
    letter = Letter(
        endpoint=w.TOKEN,
        form=urlencoded({"grant_type": "client_credentials"}),
        headers={"Authorization": f"Basic {basic}"},
    )
    return Entrance(user, way.ward(municipality), letter, lambda result: result.access_token)
