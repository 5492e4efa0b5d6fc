"""One set of test authorities for all tests of certificates, and a stranger's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

import pytest

from fakes.clock import JST
from fakes.people import Person
from fakes.pki.authority import Authority
from fakes.pki.cards import CardIssuer, CardKey
from fakes.pki.keys import KeyPool
from fakes.pki.oids import Purpose
from fakes.refusals import Code, RefusedError
from tests.fakes.households import TODAY, household_of

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 10, 0, tzinfo=JST)


@cache
def issuer() -> CardIssuer:
    """Return the authorities that everybody trusts."""
    return CardIssuer.create(NOW, pool=KeyPool.create(2))


@cache
def stranger() -> CardIssuer:
    """Return authorities of the same names that nobody trusts."""
    return CardIssuer.create(NOW, pool=issuer().pool)


def authority(purpose: Purpose = Purpose.SIGNING) -> Authority:
    """Return one of the authorities that everybody trusts."""
    return issuer().authorities[purpose]


def head() -> Person:
    """Return somebody who can sign."""
    return household_of(3).head


@cache
def signing_key() -> CardKey:
    """Return what is needed to sign as that person."""
    return issuer().signing(head(), household_of(3).address)


def refusal(call: Callable[[], object]) -> Code:
    """Return the code that a call is refused with; its sentence is there in both languages."""
    with pytest.raises(RefusedError) as caught:
        call()
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code
