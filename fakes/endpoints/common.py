"""Rows that every server has: health, its own OpenAPI document, a page for people, the control of faults, its logs."""

from __future__ import annotations

from typing import Final

from fakes.endpoints.endpoint import BodyKind, Caller, Endpoint
from fakes.faults.fault import Fault
from fakes.messages.common import Health, PageWanted
from fakes.messages.faults import FaultAdded, FaultList, FaultsCleared
from fakes.messages.logs import LoggedCalls, LoggedEvents, LogWanted
from fakes.refusals import Code
from fakes.servers import Server

HEALTH: Final = "healthz"
OPENAPI: Final = "openapi"
PAGE: Final = "page"
FAULTS: Final = "faults"
ADD_FAULT: Final = "fault_added"
CLEAR_FAULT: Final = "fault_cleared"
RESET: Final = "faults_reset"
EVENT_LOG: Final = "event_log"
AUDIT_LOG: Final = "audit_log"


def endpoints(server: Server) -> tuple[Endpoint, ...]:
    """Return the rows for one server."""
    return (
        Endpoint(server, HEALTH, "GET", "/healthz", Caller.ANYBODY, "稼働確認 / Health", answers={200: Health}),
        Endpoint(
            server, OPENAPI, "GET", "/openapi.json", Caller.ANYBODY, "OpenAPI 3.1 の定義 / This document",
            answers={200: None},
        ),
        Endpoint(
            server, FAULTS, "GET", "/__admin/faults", Caller.OPERATOR, "障害の一覧 / Faults", answers={200: FaultList},
        ),
        Endpoint(
            server, ADD_FAULT, "POST", "/__admin/faults", Caller.OPERATOR, "障害を起こす / Add a fault",
            body=BodyKind.JSON, message=Fault, answers={201: FaultAdded}, changes=True, refusals=(Code.RULE,),
        ),
        Endpoint(
            server, CLEAR_FAULT, "DELETE", "/__admin/faults/{fault}", Caller.OPERATOR, "障害を取り消す / Clear a fault",
            answers={200: FaultsCleared}, changes=True,
        ),
        Endpoint(
            server, RESET, "POST", "/__admin/reset", Caller.OPERATOR, "すべての障害を取り消す / Clear all faults",
            answers={200: FaultsCleared}, changes=True,
        ),
        Endpoint(
            server, EVENT_LOG, "GET", "/__admin/events", Caller.OPERATOR, "イベントログの読み出し / The event log",
            body=BodyKind.QUERY, message=LogWanted, answers={200: LoggedEvents},
        ),
        Endpoint(
            server, AUDIT_LOG, "GET", "/__admin/audit", Caller.OPERATOR, "監査記録の読み出し / The audit records",
            body=BodyKind.QUERY, message=LogWanted, answers={200: LoggedCalls},
        ),
        Endpoint(
            server, PAGE, "GET", "/", Caller.ANYBODY, "人が見るページ / A page for people",
            body=BodyKind.QUERY, message=PageWanted, answers={200: None}, media="text/html", by_standby=True,
        ),
    )  # fmt: skip
