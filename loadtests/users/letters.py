"""What applicants ask of the portal, as letters, and what the ledger should hold of the answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from fakes.endpoints import portal as p
from fakes.messages.portal import (
    Accepted,
    ApplicationStatus,
    CardLogin,
    SubmissionStatus,
    SubmitSignature,
    Submitted,
    Withdraw,
)
from fakes.people import Card
from fakes.pki.cards import CardKey
from fakes.pki.cms import sign
from loadtests.generator.asking import Letter
from loadtests.generator.forms import multipart
from loadtests.generator.wire import Answer
from loadtests.users.papers import Papers
from texts import say


def login(name: str, card: Card, pin: str) -> Letter:
    """Enter a PIN."""
    return Letter(endpoint=p.LOGIN, message=CardLogin(card.serial, pin), application=name)


def submission(name: str, papers: Papers, instead_of: str = "") -> Letter:
    """Hand papers in, in the place of a returned application if one is named."""
    form: dict[str, str | bytes] = {"city_service_code": papers.code, "application_zip": papers.package}
    if instead_of:
        form["resubmission_of"] = instead_of
    return Letter(
        endpoint=p.SUBMIT,
        form=multipart(form),
        application=name,
        owner=papers.owner,
        digest=papers.digest,
        parts="stored:portal",
        members=papers.members,
    )


def of_submission(result: Submitted, _: Answer) -> Mapping[str, Any]:
    """Its temporary number."""
    return {"reference": result.temporary_reference_number}


def inquiry(name: str, papers: Papers, temporary: str) -> Letter:
    """Ask how far a submission is, and what is to be signed."""
    query = {"temporary_reference_number": temporary}
    return Letter(endpoint=p.INQUIRE, query=query, application=name, owner=papers.owner, reference=temporary)


def signature(name: str, papers: Papers, card: Card, key: CardKey, temporary: str, status: SubmissionStatus) -> Letter:
    """Sign what the portal asks to sign; it takes most of a millisecond, so it is done before it is due."""
    signed = sign(base64.b64decode(status.file_for_signature), key.key, key.certificate)
    return Letter(
        endpoint=p.SIGN,
        message=SubmitSignature(temporary, signed, card.signing_password),
        application=name,
        owner=papers.owner,
        digest=papers.digest,
        parts=papers.parts,
        members=papers.members,
    )


def of_signature(result: Accepted, _: Answer) -> Mapping[str, Any]:
    """Its receipt number."""
    return {"reference": result.reference_number}


def status(name: str, papers: Papers, receipt: str) -> Letter:
    """Ask for the state of an application."""
    values = {"reference_number": receipt}
    return Letter(endpoint=p.STATUS, values=values, application=name, owner=papers.owner, reference=receipt)


def of_status(result: ApplicationStatus, _: Answer) -> Mapping[str, Any]:
    """The state as the portal names it."""
    return {"reference": result.reference_number, "state": result.procedures[0].status_code}


def withdrawal(name: str, papers: Papers, receipt: str) -> Letter:
    """Take an application back."""
    return Letter(
        endpoint=p.WITHDRAW,
        values={"reference_number": receipt},
        message=Withdraw(say("load.note.withdrawn", "ja")),
        application=name,
        owner=papers.owner,
        reference=receipt,
    )
