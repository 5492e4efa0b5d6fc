"""The rows of the table for J-LIS; paths and fields are assumptions."""

from __future__ import annotations

from functools import partial
from typing import Final

from fakes.endpoints.endpoint import MIB, SMALL, BodyKind, Caller, Endpoint, Server
from fakes.messages import jlis_first as m
from fakes.procedures import Section
from fakes.refusals import Code

_row = partial(Endpoint, Server.JLIS)

PORTAL_ONLY: Final = "portal"
"""Authority of the portal's certificate."""

RELAY: Final = _row(
    "relay_application", "POST", "/relay/v1/applications", Caller.PEER, "申請の中継 / Relay an application",
    body=BodyKind.MULTIPART, message=m.RelayApplication, answers={202: m.Relayed}, changes=True, synthetic=True,
    limit=50 * MIB + SMALL, authority=PORTAL_ONLY, refusals=(Code.UNKNOWN_TOWN, Code.RULE_STATE),
)  # fmt: skip

CHANGES: Final = _row(
    "relay_changes", "POST", "/relay/v1/statuses/changes", Caller.PEER, "処理状況の変更 / Changes of states",
    body=BodyKind.JSON, message=m.ChangesAfter, answers={200: m.Changes}, authority=PORTAL_ONLY,
)  # fmt: skip

RECEIVE_LOGIN: Final = _row(
    "receive_login", "POST", "/receive/v1/login", Caller.PEER, "ログインAPI / Login",
    body=BodyKind.JSON, message=m.StaffLogin, answers={200: m.StaffToken},
    refusals=(Code.WRONG_STAFF_PASSWORD, Code.STAFF_LOCKED, Code.NOT_ALLOWED),
)  # fmt: skip

SEARCH: Final = _row(
    "receive_search", "POST", "/receive/v1/applications/search", Caller.STAFF,
    "申請データ一覧取得API / List of applications",
    body=BodyKind.JSON, message=m.ApplicationSearch, answers={200: m.Applications}, authority=Section.RESIDENTS,
)  # fmt: skip

FETCH: Final = _row(
    "receive_fetch", "GET", "/receive/v1/applications/{reference_number}", Caller.STAFF,
    "申請データ取得API / One application", answers={200: None}, media="application/zip",
    authority=Section.RESIDENTS, refusals=(Code.RULE_GONE,),
)  # fmt: skip

ACKNOWLEDGE: Final = _row(
    "receive_ack", "POST", "/receive/v1/applications/{reference_number}/ack", Caller.STAFF,
    "受取確認 / Acknowledge an application",
    body=BodyKind.JSON, message=m.Acknowledge, answers={200: m.Acknowledged}, changes=True,
    authority=Section.RESIDENTS, refusals=(Code.RULE_STATE,),
)  # fmt: skip

REPORT: Final = _row(
    "receive_report", "PUT", "/receive/v1/statuses/{reference_number}", Caller.STAFF,
    "申請処理状況更新 / Report the state of an application",
    body=BodyKind.JSON, message=m.ReportState, answers={200: m.Reported}, changes=True,
    authority=Section.RESIDENTS, refusals=(Code.RULE_STATE, Code.RULE_AUTHORITY),
)  # fmt: skip

ENDPOINTS: Final = (RELAY, CHANGES, RECEIVE_LOGIN, SEARCH, FETCH, ACKNOWLEDGE, REPORT)
