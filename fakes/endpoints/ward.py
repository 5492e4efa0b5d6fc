"""The rows of the ward (interfaces.md 8.4), and those that its staff and link server need besides."""

from __future__ import annotations

from functools import partial
from typing import Final

from fakes.endpoints.endpoint import MIB, SMALL, BodyKind, Caller, Endpoint
from fakes.endpoints.portal import OF_PACKAGE
from fakes.messages import linking as k
from fakes.messages import oauth as o
from fakes.messages import register as r
from fakes.messages import ward as m
from fakes.procedures import Section
from fakes.refusals import Code
from fakes.servers import Server

CHIEF: Final = "chief"
"""Authority of a supervisor: unlocks accounts, sends telegrams again."""

BUSINESS: Final = "031"
"""業務ID in scopes (after the example of 共通機能標準仕様書; which one 申請管理 has is an assumption)."""


def scope(resource: str, operation: str) -> str:
    """Return a scope: 業務ID, resource with its version, operation."""
    return f"{BUSINESS}:{resource}:{operation}"


IMPORTS: Final = scope("shinsei/v1/imports", "Create")
OUTBOX: Final = scope("link/v1/outbox", "Update")
INBOX: Final = scope("link/v1/inbox", "Create")
SHINSEI_DATA: Final = scope("app_submit/v10/shinseidata", "Create")

_row = partial(Endpoint, Server.WARD)
_staff = partial(_row, caller=Caller.STAFF)
_residents = partial(_staff, authority=Section.RESIDENTS.value)
_link = partial(_row, caller=Caller.SYSTEM)
_oauth = partial(_row, caller=Caller.ANYBODY, body=BodyKind.FORM, bare=True, assumed=False)
_STEP = (Code.RULE_STATE, Code.RULE_AUTHORITY)
_COUNTER = (Code.WRONG_PASSWORD, Code.RULE_LOCKED)
_CLIENT = (Code.NOT_AUTHENTICATED, Code.GRANT, Code.SCOPE)

TOKEN: Final = _oauth(
    "oauth_token", "POST", "/oauth2/token", summary="アクセストークン発行 / Access token",
    message=o.TokenRequest, answers={200: o.TokenAnswer}, refusals=_CLIENT,
)  # fmt: skip
INTROSPECT: Final = _oauth(
    "oauth_introspect", "POST", "/oauth2/introspect", summary="アクセストークンの検証 / Introspection",
    message=o.TokenQuestion, answers={200: o.TokenState}, refusals=_CLIENT,
)  # fmt: skip
REVOKE_TOKEN: Final = _oauth(
    "oauth_revoke", "POST", "/oauth2/revoke", summary="アクセストークンの失効 / Revocation",
    message=o.TokenQuestion, answers={200: None}, media="", refusals=_CLIENT,
)  # fmt: skip

LOGIN: Final = _row(
    "staff_login", "POST", "/staff/v1/login", Caller.PEER, "職員のログイン / Login of staff",
    body=BodyKind.JSON, message=m.Login, answers={200: m.Session},
    refusals=(Code.WRONG_STAFF_PASSWORD, Code.STAFF_LOCKED),
)  # fmt: skip
UNLOCK_ACCOUNT: Final = _staff(
    "staff_unlock", "POST", "/staff/v1/accounts/{id}/unlock", summary="職員IDのロック解除 / Unlock an account",
    answers={200: m.AccountUnlocked}, changes=True, authority=CHIEF,
)  # fmt: skip

IMPORT: Final = _link(
    "shinsei_import", "POST", "/shinsei/v1/imports", summary="申請データの取込み / Import of an application",
    body=BodyKind.MULTIPART, message=m.ImportApplication, answers={202: m.Imported}, authority=IMPORTS,
    changes=True, synthetic=True, limit=50 * MIB + SMALL, refusals=(*OF_PACKAGE, Code.DUPLICATE),
)  # fmt: skip
APPLICATIONS: Final = _staff(
    "shinsei_applications", "GET", "/shinsei/v1/applications", summary="申請の検索 / Applications",
    body=BodyKind.QUERY, message=m.FindApplications, answers={200: m.FoundApplications},
)  # fmt: skip
APPLICATION: Final = _staff(
    "shinsei_application", "GET", "/shinsei/v1/applications/{reference_number}",
    summary="申請の照会（宛名番号変換を含む） / An application, with who is who in the register",
    answers={200: m.ApplicationDetails},
)  # fmt: skip
REVIEW: Final = _staff(
    "shinsei_review", "PATCH", "/shinsei/v1/applications/{reference_number}",
    summary="審査・受理・差戻し・却下・来庁準備 / Review, acceptance, return, rejection, preparation",
    body=BodyKind.JSON, message=m.ReviewStep, answers={200: m.ReviewDone}, changes=True,
    refusals=(*_STEP, Code.MISMATCH, Code.REQUIRED),
)  # fmt: skip

RESIDENTS: Final = _residents(
    "juki_residents", "POST", "/juki/v1/residents/search", summary="住民の検索 / Residents, masked",
    body=BodyKind.JSON, message=r.FindResidents, answers={200: r.FoundResidents}, refusals=(Code.REQUIRED,),
)  # fmt: skip
_transaction = partial(
    _residents, body=BodyKind.JSON, answers={201: r.Transaction}, changes=True, synthetic=True
)  # fmt: skip
OUT: Final = _transaction(
    "juki_out", "POST", "/juki/v1/transactions/out", summary="転出の入力 / Enter a move-out", message=r.EnterOut,
    refusals=(*_STEP, Code.MISMATCH, Code.UNKNOWN_TOWN, Code.IN_HAND),
)  # fmt: skip
IN: Final = _transaction(
    "juki_in", "POST", "/juki/v1/transactions/in", summary="転入の入力 / Enter a move-in", message=r.EnterIn,
    refusals=(*_STEP, *_COUNTER, Code.MISMATCH, Code.UNKNOWN_TOWN, Code.IN_HAND, Code.REENTRY),
)  # fmt: skip
WITHIN: Final = _transaction(
    "juki_within", "POST", "/juki/v1/transactions/within", summary="転居の入力 / Enter a move within the town",
    message=r.EnterWithin, refusals=(*_STEP, *_COUNTER, Code.MISMATCH, Code.UNKNOWN_TOWN, Code.IN_HAND),
)  # fmt: skip
APPROVE: Final = _residents(
    "juki_approve", "POST", "/juki/v1/transactions/{id}/approve", summary="異動の審査・承認 / Review, apply a change",
    body=BodyKind.JSON, message=r.Approval, answers={200: r.Transaction}, changes=True,
    refusals=(*_STEP, Code.MISMATCH, Code.IN_HAND, Code.REENTRY),
)  # fmt: skip
TRANSACTION: Final = _residents(
    "juki_transaction", "GET", "/juki/v1/transactions/{id}", summary="異動の照会 / A change",
    answers={200: r.Transaction},
)  # fmt: skip
PLANNED: Final = _residents(
    "juki_planned", "GET", "/juki/v1/planned", summary="転入予定の一覧 / Planned move-ins",
    body=BodyKind.QUERY, message=r.FindPlanned, answers={200: r.PlannedList},
)  # fmt: skip
SENT: Final = _residents(
    "juki_telegrams", "GET", "/juki/v1/telegrams", summary="送信電文の一覧 / Telegrams that the town sends",
    body=BodyKind.QUERY, message=r.FindSent, answers={200: r.SentTelegrams},
)  # fmt: skip
RESEND: Final = _staff(
    "juki_resend", "POST", "/juki/v1/telegrams/{id}/resend", summary="電文の再送（責任者） / Send a telegram again",
    answers={202: r.TelegramSent}, changes=True, authority=CHIEF, refusals=_STEP,
)  # fmt: skip
UNLOCK_CARD: Final = _staff(
    "card_unlock", "POST", "/cards/v1/unlock", summary="暗証番号のロック解除 / Unlock a card at the counter",
    body=BodyKind.JSON, message=r.UnlockCard, answers={202: r.CardUnlocked}, changes=True,
    authority=Section.CARDS.value,
)  # fmt: skip

SHINSEI: Final = _link(
    "shinseidata", "POST", "/app_submit/v10/shinseidata", summary="申請データの連携（基幹） / Application data",
    body=BodyKind.JSON, message=r.ShinseiData, answers={200: list[r.ShinseiDataTaken]}, authority=SHINSEI_DATA,
    changes=True, synthetic=True, refusals=(*OF_PACKAGE, Code.LEGAL_NUMBER, Code.CHECK_DIGIT),
)  # fmt: skip
EVENTS: Final = _staff(
    "audit_events", "GET", "/audit/v1/events", summary="証跡の検索（監査） / Audit trail",
    body=BodyKind.QUERY, message=r.FindEvents, answers={200: r.AuditEvents}, authority=Section.AUDIT.value,
)  # fmt: skip

OPEN_LINK: Final = _link(
    "link_start", "POST", "/link/v1/starts", summary="連携サーバの開始 / A link server starts",
    answers={201: k.Opened}, changes=True, authority=OUTBOX,
)  # fmt: skip
READ_OUTBOX: Final = _link(
    "link_outbox", "GET", "/link/v1/outbox", summary="送信待ちの一覧 / What waits to be said to J-LIS",
    body=BodyKind.QUERY, message=k.OutboxWanted, answers={200: k.Outbox}, authority=OUTBOX,
)  # fmt: skip
SAID: Final = _link(
    "link_said", "POST", "/link/v1/outbox/said", summary="送信結果の報告 / What came of an item",
    body=BodyKind.JSON, message=k.Said, answers={200: k.SaidItem}, changes=True, authority=OUTBOX,
)  # fmt: skip
RECEIVE: Final = _link(
    "link_telegram", "POST", "/link/v1/telegrams", summary="電文の取込み / A telegram out of the inbox",
    body=BodyKind.JSON, message=k.ReceivedTelegram, answers={202: k.TelegramKept}, changes=True, synthetic=True,
    authority=INBOX, refusals=(Code.LEGAL_NUMBER, Code.CHECK_DIGIT, Code.MISMATCH, Code.RULE_STATE),
)  # fmt: skip
REPORT_STATUSES: Final = _link(
    "link_statuses", "POST", "/link/v1/statuses", summary="申請状況の取込み / States at the relay",
    body=BodyKind.JSON, message=k.ReportStatuses, answers={200: k.Reported}, changes=True, authority=INBOX,
)  # fmt: skip
REPORT_TELEGRAMS: Final = _link(
    "link_telegram_states", "POST", "/link/v1/telegram-states", summary="送信電文の状況の取込み / States of telegrams",
    body=BodyKind.JSON, message=k.ReportTelegrams, answers={200: k.Reported}, changes=True, authority=INBOX,
)  # fmt: skip

ENDPOINTS: Final = (
    *(TOKEN, INTROSPECT, REVOKE_TOKEN, LOGIN, UNLOCK_ACCOUNT),
    *(IMPORT, APPLICATIONS, APPLICATION, REVIEW),
    *(RESIDENTS, OUT, IN, WITHIN, APPROVE, TRANSACTION, PLANNED, SENT, RESEND, UNLOCK_CARD),
    *(SHINSEI, EVENTS, OPEN_LINK, READ_OUTBOX, SAID, RECEIVE, REPORT_STATUSES, REPORT_TELEGRAMS),
)
