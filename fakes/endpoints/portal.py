"""The portal's rows of the table."""

from __future__ import annotations

from functools import partial
from typing import Final

from fakes.endpoints.endpoint import MIB, SMALL, BodyKind, Caller, Endpoint, Server
from fakes.messages import portal as m
from fakes.refusals import Code

_row = partial(Endpoint, Server.PORTAL)

OF_PACKAGE: Final = (*(code for code in Code if code.startswith(("E1", "E2"))), Code.MISMATCH)
"""What can be wrong with a package."""

AUTHENTICATE_PROVIDER: Final = _row(
    "authenticate_provider", "POST", "/accounts/authenticate_provider", Caller.ANYBODY,
    "認証（民間サービス事業者） / Login of a provider",
    body=BodyKind.FORM, message=m.ProviderLogin, answers={200: m.AccessKey}, assumed=False,
    refusals=(Code.WRONG_PASSWORD,),
)  # fmt: skip

LOGIN: Final = _row(
    "login", "POST", "/accounts/login", Caller.ANYBODY, "ログイン（利用者証明用電子証明書） / Login with card and PIN",
    body=BodyKind.JSON, message=m.CardLogin, answers={200: m.AccessKey},
    refusals=(Code.WRONG_PASSWORD, Code.RULE_LOCKED),
)  # fmt: skip

SUBMIT: Final = _row(
    "submit_application_set", "POST", "/apply/submit_application_set", Caller.APPLICANT,
    "申請データ送信 / Submit an application",
    body=BodyKind.MULTIPART, message=m.SubmitApplicationSet, answers={200: m.Submitted}, assumed=False,
    changes=True, synthetic=True, limit=50 * MIB + SMALL, refusals=(*OF_PACKAGE, Code.RULE),
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
        *(Code.NO_SUCH_APPLICATION, Code.WRONG_PASSWORD, Code.RULE_LOCKED, Code.RULE_STATE),
    ),
)  # fmt: skip

STATUS: Final = _row(
    "application_status", "GET", "/inquiries/applications/{reference_number}", Caller.APPLICANT,
    "申請状況照会 / State of an application", answers={200: m.ApplicationStatus},
)  # fmt: skip

ENDPOINTS: Final = (AUTHENTICATE_PROVIDER, LOGIN, SUBMIT, INQUIRE, INQUIRE_BY_POST, SIGN, STATUS)
