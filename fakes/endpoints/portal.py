"""The portal's rows of the table."""

from __future__ import annotations

from functools import partial
from typing import Final

from fakes.endpoints.endpoint import MIB, SMALL, BodyKind, Caller, Endpoint
from fakes.messages import portal as m
from fakes.refusals import Code
from fakes.servers import Server

_row = partial(Endpoint, Server.PORTAL)

OF_PACKAGE: Final = (*(code for code in Code if code.startswith(("E1", "E2"))), Code.MISMATCH)
"""What can be wrong with a package."""

AUTHENTICATE_PROVIDER: Final = _row(
    "authenticate_provider", "POST", "/accounts/authenticate_provider", Caller.ANYBODY,
    "認証（民間サービス事業者） / Login of a provider",
    body=BodyKind.FORM, message=m.ProviderLogin, answers={200: m.AccessKey}, assumed=False,
    refusals=(Code.WRONG_PASSWORD, Code.UNKNOWN_PEER),
)  # fmt: skip

LOGIN: Final = _row(
    "login", "POST", "/accounts/login", Caller.ANYBODY, "ログイン（利用者証明用電子証明書） / Login with card and PIN",
    body=BodyKind.JSON, message=m.CardLogin, answers={200: m.AccessKey},
    refusals=(Code.WRONG_PASSWORD, Code.RULE_LOCKED, Code.EXPIRED),
)  # fmt: skip

SUBMIT: Final = _row(
    "submit_application_set", "POST", "/apply/submit_application_set", Caller.APPLICANT,
    "申請データ送信 / Submit an application",
    body=BodyKind.MULTIPART, message=m.SubmitApplicationSet, answers={200: m.Submitted}, assumed=False,
    changes=True, synthetic=True, limit=50 * MIB + SMALL,
    refusals=(*OF_PACKAGE, Code.RULE, Code.RULE_STATE, Code.NO_SUCH_APPLICATION),
)  # fmt: skip

WITHDRAW: Final = _row(
    "withdraw", "POST", "/apply/withdraw/{reference_number}", Caller.APPLICANT, "取下げ / Withdraw an application",
    body=BodyKind.JSON, message=m.Withdraw, answers={200: m.Withdrawn}, changes=True, synthetic=True,
    refusals=(Code.RULE_STATE,),
)  # fmt: skip

INQUIRE: Final = _row(
    "reference_number", "GET", "/inquiries/reference_number", Caller.APPLICANT,
    "処理状況照会・受付番号確認 / State of a submission",
    body=BodyKind.QUERY, message=m.SubmissionInquiry, answers={200: m.SubmissionStatus}, assumed=False,
    refusals=(Code.NO_SUCH_APPLICATION,),
)  # fmt: skip

INQUIRE_BY_POST: Final = _row(
    "reference_number_by_post", "POST", "/inquiries/reference_number", Caller.APPLICANT,
    "処理状況照会・受付番号確認 / State of a submission",
    body=BodyKind.FORM, message=m.SubmissionInquiry, answers={200: m.SubmissionStatus}, assumed=False,
    refusals=(Code.NO_SUCH_APPLICATION,),
)  # fmt: skip

SIGN: Final = _row(
    "submit_signature", "POST", "/apply/submit_signature", Caller.APPLICANT, "電子署名送信 / Submit the signature",
    body=BodyKind.JSON, message=m.SubmitSignature, answers={200: m.Accepted}, changes=True, synthetic=True,
    refusals=(
        *(code for code in Code if code.startswith("E3")),
        *(Code.NO_SUCH_APPLICATION, Code.WRONG_PASSWORD, Code.RULE_LOCKED, Code.RULE_STATE, Code.RULE),
        *(Code.NOT_ALLOWED, Code.MISMATCH),
    ),
)  # fmt: skip

STATUS: Final = _row(
    "application_status", "GET", "/inquiries/applications/{reference_number}", Caller.APPLICANT,
    "申請状況照会 / State of an application", answers={200: m.ApplicationStatus},
)  # fmt: skip

OWN_APPLICATIONS: Final = _row(
    "own_applications", "GET", "/inquiries/applications", Caller.APPLICANT,
    "申請一覧照会 / One's own applications",
    body=BodyKind.QUERY, message=m.OwnApplications, answers={200: m.OwnApplicationRows},
)  # fmt: skip

MESSAGES: Final = _row(
    "application_messages", "GET", "/inquiries/applications/{reference_number}/messages", Caller.APPLICANT,
    "お知らせ一覧照会 / Messages on an application",
    body=BodyKind.QUERY, message=m.OwnApplications, answers={200: m.ApplicantMessageRows},
)  # fmt: skip

_SEARCH_REFUSALS: Final = (Code.PROVIDER_REFUSED, Code.PROVIDER_ITEM_MISSING, Code.UNKNOWN_PEER)

SEARCH_PROCEDURES: Final = _row(
    "search_procedures", "POST", "/Application/api/v1/ws/eLinkServProcListSearch", Caller.ANYBODY,
    "外部連携制度・手続一覧検索 / Search of procedures",
    body=BodyKind.JSON, message=m.ProcedureSearch, answers={200: m.ProcedureList}, bare=True, assumed=False,
    refusals=_SEARCH_REFUSALS,
)  # fmt: skip

FIND_PROCEDURE: Final = _row(
    "find_procedure", "POST", "/Application/api/v1/ws/eLinkServProcDetailSearch", Caller.ANYBODY,
    "外部連携制度・手続詳細検索 / One procedure",
    body=BodyKind.JSON, message=m.ProcedureDetail, answers={200: m.ProcedureFound}, bare=True, assumed=False,
    refusals=_SEARCH_REFUSALS,
)  # fmt: skip

ENDPOINTS: Final = (
    *(AUTHENTICATE_PROVIDER, LOGIN, SUBMIT, WITHDRAW, INQUIRE, INQUIRE_BY_POST, SIGN, STATUS, OWN_APPLICATIONS),
    *(MESSAGES, SEARCH_PROCEDURES, FIND_PROCEDURE),
)
