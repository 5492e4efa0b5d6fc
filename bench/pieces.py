"""`python -m bench.pieces`: what the pieces of a call to the fake systems cost, in microseconds of processor time.

The package and the signature are a family of three who move; every piece is repeated, the median of the rounds counts.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable
from datetime import date, datetime
from statistics import median
from typing import Final
from zipfile import ZipFile

from bench import machine
from fakes.clock import JST
from fakes.filing import application_of
from fakes.package.archive import entries, inflate
from fakes.package.building import build_package
from fakes.package.forms import FORMS
from fakes.package.reading import read_package
from fakes.package.xmlform import read_form
from fakes.people import Household, People
from fakes.pki import cms, ocsp
from fakes.pki.cards import CardIssuer
from fakes.pki.oids import Purpose
from fakes.pki.register import MemoryRegister
from fakes.pki.trust import TrustStore
from fakes.towns import WARD_CODE

ROUNDS: Final = 21
SECONDS: Final = 0.05
"""Of a round."""
TODAY: Final = date(2026, 3, 2)
NOW: Final = datetime(2026, 3, 2, 10, tzinfo=JST)


def main() -> None:
    """Measure and print."""
    people = People(7, TODAY)
    families = (people.household(index, WARD_CODE) for index in range(1000))
    family = next(family for family in families if len(family.members) == 3)
    pieces = {**of_packages(people, family), **of_signatures(family)}
    print(f"{machine.machine()}; load {machine.load():.1f}")
    for name, call in pieces.items():
        print(f"{microseconds(call):10.1f} µs  {name}")


def of_packages(people: People, family: Household) -> dict[str, Callable[[], object]]:
    """Return what happens to a package."""
    address = people.address(family.index, "990019", 1)
    application = application_of(family, address, TODAY, date(2026, 3, 20), date(2026, 3, 23))
    package = build_package(application)
    files = entries(package)
    forms = [(inflate(package, files[form.file]), form) for form in FORMS]
    spaced = [(document.replace(b"><", b"> <"), form) for document, form in forms]
    size = sum(len(document) for document, _ in forms)
    counter = iter(range(10**9))
    return {
        "a household": lambda: people.household(next(counter), WARD_CODE),
        f"build a package ({len(package)} bytes, forms {size})": lambda: build_package(application),
        "read a package": lambda: read_package(package),
        "  of it: directory": lambda: entries(package),
        "  of it: inflate": lambda: [inflate(package, entry) for entry in files.values()],
        "  of it: forms": lambda: [read_form(document, form) for document, form in forms],
        "  of it: forms, if spelled less usually": lambda: [read_form(document, form) for document, form in spaced],
        "for comparison: the library's zipfile reads the files": lambda: _by_zipfile(package),
    }


def _by_zipfile(package: bytes) -> list[bytes]:
    with ZipFile(io.BytesIO(package)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def of_signatures(family: Household) -> dict[str, Callable[[], object]]:
    """Return what happens to signatures and certificates."""
    issuer = CardIssuer.create(NOW)
    signer = issuer.signing(family.head, family.address)
    anchors = {purpose: authority.certificate for purpose, authority in issuer.authorities.items()}
    content = b"x" * 2500
    signature = cms.sign(content, signer.key, signer.certificate)
    authority = issuer.authorities[Purpose.SIGNING]
    responder, register = ocsp.Responder(authority), MemoryRegister()
    register.issue(Purpose.SIGNING, signer.certificate.serial_number)
    request = ocsp.request_for(signer.certificate, authority.certificate)
    answer = responder.answer(request, register, NOW)
    return {
        "issue a signing certificate": lambda: issuer.signing(family.head, family.address),
        "sign (client)": lambda: cms.sign(content, signer.key, signer.certificate),
        "verify, certificate seen before": lambda: cms.verify(content, signature, issuer.trust, NOW),
        "verify, certificate not seen before": lambda: cms.verify(content, signature, TrustStore(anchors), NOW),
        "OCSP: ask": lambda: ocsp.request_for(signer.certificate, authority.certificate),
        "OCSP: answer": lambda: responder.answer(request, register, NOW),
        "OCSP: check": lambda: ocsp.check_status(answer, request, authority.certificate, NOW),
    }


def microseconds(call: Callable[[], object]) -> float:
    """Return the median of the rounds."""
    call()
    count, took = 1, 0.0
    while took < SECONDS / 5:
        count *= 2
        took = _took(call, count)
    repeats = max(1, int(count * SECONDS / took))
    gc.collect()
    return median(_took(call, repeats) / repeats for _ in range(ROUNDS)) * 1e6


def _took(call: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - start


if __name__ == "__main__":
    main()
