"""The signing certificate (署名用電子証明書) of an applicant, as a change of address ends it.

It lapses with the address (https://www.city.suzuka.lg.jp/kurashi/koseki/1009629/1002004.html); at the counter a new one
is issued. Loss of the card and the like are
matters of the certification authority and no part of a move.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine


class CertificateState(StrEnum):
    """States of a signing certificate."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REISSUED = "reissued"
    """The old one is ended, a new one of another serial number is valid."""


class CertificateEvent(StrEnum):
    """What can happen to it."""

    REVOKE = "revoke"
    EXPIRE = "expire"
    REISSUE = "reissue"


_S, _E = CertificateState, CertificateEvent

SIGNING_CERTIFICATE: Final = Machine(
    "certificate",
    _S.VALID,
    [
        Arrow((_S.VALID, _S.EXPIRED), _E.REVOKE, (Actor.SYSTEM,), _S.REVOKED),
        Arrow((_S.VALID,), _E.EXPIRE, (Actor.SYSTEM,), _S.EXPIRED),
        Arrow((_S.REVOKED, _S.EXPIRED), _E.REISSUE, (Actor.DESTINATION_STAFF,), _S.REISSUED),
    ],
    finished=(_S.REISSUED,),
)
