"""The life of one application: the portal, the relay, and the staff of the town that decides on it.

The two enumerations of codes are apart because both have a 003: in the inquiry after a submission it is "waiting for
the signature", in the status of an application it is "ended" (both seen in public client and mock programs; no
official list was found). 完了 is confirmed (https://www.city.kawachinagano.lg.jp/soshiki/6/85001.html), so are
cancellation (https://www.city.karatsu.lg.jp/page/3998.html) and 受付エラー, 要訂正 and 閲覧期間外
(https://www-pref-aichi-jp.cache.yimg.jp/site/passport/shinseijyokyo.html); the transitions are assumptions.

Choices where nothing is published: the state NOTICE_ACCEPTED (受理), still shown as 処理中, closes the withdrawal
before the register is touched, so that no notice is withdrawn and carried out both. A returned application ends; what
is filed again is a new application with a receipt number and a signature of its own, linked to the old one
(`application_transitions.csv`: "a new application by the same person").
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine, Refusal, Refused

_NAME: Final = "application"


class ApplicationState(StrEnum):
    """States of an application, from a draft to the end of the time in which it can be viewed."""

    DRAFT = "draft"
    SENT = "sent"
    CHECKING = "checking"
    CHECK_ERROR = "check_error"
    SIGN_WAIT = "sign_wait"
    ACCEPTED = "accepted"
    """The receipt number is issued."""
    RECEPTION_ERROR = "reception_error"
    ARRIVED = "arrived"
    DOWNLOADED = "downloaded"
    """The town has it and has acknowledged it."""
    IN_REVIEW = "in_review"
    NOTICE_ACCEPTED = "notice_accepted"
    COMPLETED = "completed"
    NEEDS_RESUBMIT = "needs_resubmit"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ApplicationEvent(StrEnum):
    """What can happen to an application."""

    SUBMIT = "submit"
    BEGIN_CHECK = "begin_check"
    FAIL_CHECK = "fail_check"
    ASK_SIGNATURE = "ask_signature"
    ACCEPT_UNSIGNED = "accept_unsigned"
    SIGN = "sign"
    FAIL_RELAY = "fail_relay"
    ARRIVE = "arrive"
    DOWNLOAD = "download"
    BEGIN_REVIEW = "begin_review"
    ACCEPT_NOTICE = "accept_notice"
    REOPEN = "reopen"
    COMPLETE = "complete"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class SubmissionCode(StrEnum):
    """`status_code` of the inquiry after a submission."""

    SENT = "001"
    CHECKING = "002"
    WAITING_FOR_SIGNATURE = "003"
    CHECK_ERROR = "999"


class StatusCode(StrEnum):
    """`status_code` of an application that has a receipt number."""

    WAITING_TO_BE_SENT = "001"
    IN_PROCESS = "002"
    ENDED = "003"
    RESUBMIT = "008"


_S, _E = ApplicationState, ApplicationEvent

ENDED: Final = (
    *(_S.CHECK_ERROR, _S.RECEPTION_ERROR, _S.COMPLETED, _S.NEEDS_RESUBMIT, _S.REJECTED, _S.WITHDRAWN),
)  # fmt: skip
"""Nothing is decided any more; only the time of viewing can pass."""

WITHDRAWABLE: Final = (_S.ACCEPTED, _S.ARRIVED, _S.DOWNLOADED, _S.IN_REVIEW)
"""From the receipt number on until the town accepts the notice."""

UNDER_WAY: Final = (*WITHDRAWABLE, _S.NOTICE_ACCEPTED)
"""With a receipt number and not ended."""


def application_machine(staff: Actor) -> Machine[ApplicationState, ApplicationEvent]:
    """Return the life of an application that the staff of one town decides on."""
    portal, relay, system = (Actor.PORTAL,), (Actor.RELAY,), (Actor.SYSTEM,)
    applicant = (Actor.APPLICANT,)
    return Machine(
        _NAME,
        _S.DRAFT,
        [
            Arrow((_S.DRAFT,), _E.SUBMIT, applicant, _S.SENT),
            Arrow((_S.SENT,), _E.BEGIN_CHECK, portal, _S.CHECKING),
            Arrow((_S.CHECKING,), _E.FAIL_CHECK, portal, _S.CHECK_ERROR),
            Arrow((_S.CHECKING,), _E.ASK_SIGNATURE, portal, _S.SIGN_WAIT),
            Arrow((_S.CHECKING,), _E.ACCEPT_UNSIGNED, portal, _S.ACCEPTED),
            Arrow((_S.SIGN_WAIT,), _E.SIGN, applicant, _S.ACCEPTED),
            Arrow((_S.ACCEPTED,), _E.FAIL_RELAY, relay, _S.RECEPTION_ERROR),
            Arrow((_S.ACCEPTED,), _E.ARRIVE, relay, _S.ARRIVED),
            Arrow((_S.ARRIVED,), _E.DOWNLOAD, (staff, Actor.SYSTEM), _S.DOWNLOADED),
            Arrow((_S.DOWNLOADED,), _E.BEGIN_REVIEW, (staff,), _S.IN_REVIEW),
            Arrow((_S.IN_REVIEW,), _E.ACCEPT_NOTICE, (staff,), _S.NOTICE_ACCEPTED),
            Arrow((_S.IN_REVIEW,), _E.RETURN, (staff,), _S.NEEDS_RESUBMIT),
            Arrow((_S.IN_REVIEW,), _E.REJECT, (staff,), _S.REJECTED),
            Arrow((_S.NOTICE_ACCEPTED,), _E.REOPEN, (staff,), _S.IN_REVIEW),
            Arrow((_S.NOTICE_ACCEPTED,), _E.COMPLETE, (staff,), _S.COMPLETED),
            Arrow(WITHDRAWABLE, _E.WITHDRAW, applicant, _S.WITHDRAWN),
            Arrow((_S.SIGN_WAIT, *ENDED), _E.EXPIRE, system, _S.EXPIRED),
        ],
        finished=(*ENDED, _S.EXPIRED),
        too_late=[(_S.NOTICE_ACCEPTED, _E.WITHDRAW)],
    )


MOVE_OUT_APPLICATION: Final = application_machine(Actor.ORIGIN_STAFF)
"""A moving-out notice (転出届) with its visit notice: the origin decides."""

VISIT_APPLICATION: Final = application_machine(Actor.DESTINATION_STAFF)
"""A visit notice alone, for a move within the ward (転居): the town of the counter decides."""

_SUBMISSION_CODES: Final = {
    _S.SENT: SubmissionCode.SENT,
    _S.CHECKING: SubmissionCode.CHECKING,
    _S.SIGN_WAIT: SubmissionCode.WAITING_FOR_SIGNATURE,
    _S.CHECK_ERROR: SubmissionCode.CHECK_ERROR,
}

_STATUS_CODES: Final = {
    _S.ACCEPTED: StatusCode.WAITING_TO_BE_SENT,
    _S.RECEPTION_ERROR: StatusCode.ENDED,
    _S.ARRIVED: StatusCode.IN_PROCESS,
    _S.DOWNLOADED: StatusCode.IN_PROCESS,
    _S.IN_REVIEW: StatusCode.IN_PROCESS,
    _S.NOTICE_ACCEPTED: StatusCode.IN_PROCESS,
    _S.COMPLETED: StatusCode.ENDED,
    _S.NEEDS_RESUBMIT: StatusCode.RESUBMIT,
    _S.REJECTED: StatusCode.ENDED,
    _S.WITHDRAWN: StatusCode.ENDED,
    _S.EXPIRED: StatusCode.ENDED,
}


def submission_code(state: ApplicationState) -> SubmissionCode | None:
    """Code of the inquiry after a submission; None once it is finished (receipt number, `finished` true) or a draft."""
    return _SUBMISSION_CODES.get(state)


def status_code(state: ApplicationState) -> StatusCode | None:
    """Code of an application's status; None before it has a receipt number."""
    return _STATUS_CODES.get(state)


def resubmission_refused(returned: ApplicationState, successor: ApplicationState | None = None) -> Refused | None:
    """Return why a new application cannot take the place of a returned one; None when it can.

    Only a returned one (要再申請) is filed again, and by one successor at a time: another may follow when the last one
    failed its check, could not be relayed, was withdrawn, or was never signed.
    """
    if returned is not _S.NEEDS_RESUBMIT:
        return Refused(Refusal.ILLEGAL_TRANSITION, _NAME, returned, _E.SUBMIT)
    if successor in (None, _S.CHECK_ERROR, _S.RECEPTION_ERROR, _S.WITHDRAWN, _S.EXPIRED):
        return None
    return Refused(Refusal.ALREADY_PROCESSED, _NAME, returned, _E.SUBMIT)
