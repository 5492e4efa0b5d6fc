"""Which kind of call an endpoint is, as rules and charts name them (`scenarios.thresholds.CALLS`)."""

from __future__ import annotations

from typing import Final

from fakes.endpoints import Endpoint, jlis, portal, ward
from fakes.endpoints.common import endpoints
from fakes.servers import Server

_HEALTH: Final = endpoints(Server.PORTAL)[0]
_BY_KIND: Final = {
    "log_in": (portal.LOGIN, portal.AUTHENTICATE_PROVIDER, jlis.LOGIN, ward.LOGIN, ward.TOKEN),
    "submit": (portal.SUBMIT,),
    "enquire": (portal.INQUIRE, portal.INQUIRE_BY_POST, portal.SEARCH_PROCEDURES, portal.FIND_PROCEDURE),
    "sign": (portal.SIGN,),
    "status": (portal.STATUS, portal.OWN_APPLICATIONS, portal.MESSAGES),
    "withdraw": (portal.WITHDRAW,),
    "poll": (jlis.SEARCH, jlis.SEARCH_STATUSES, jlis.SEARCH_TELEGRAMS, jlis.INBOX, ward.READ_OUTBOX),
    "fetch": (jlis.TAKE, jlis.TAKE_BATCH, jlis.SIGNATURE),
    "acknowledge": (jlis.ACK, jlis.ACK_BATCH, jlis.ACK_INBOX, jlis.RELEASE, jlis.SET_STATUS),
    "telegram": (jlis.SEND_TELEGRAM,),
    "card": (jlis.CARD_STATUS, jlis.DELIVERY_INFO, jlis.UNLOCK, jlis.REVOKE, jlis.ISSUE, ward.UNLOCK_CARD),
    "ocsp": (jlis.OCSP_SIGN, jlis.OCSP_AUTH),
    "audit": (ward.EVENTS,),
    "pulse": (_HEALTH,),
    "staff": (
        *(ward.IMPORT, ward.APPLICATIONS, ward.APPLICATION, ward.REVIEW, ward.RESIDENTS, ward.OUT, ward.IN),
        *(ward.WITHIN, ward.APPROVE, ward.TRANSACTION, ward.PLANNED, ward.SENT, ward.RESEND, ward.UNLOCK_ACCOUNT),
        *(ward.OPEN_LINK, ward.SAID, ward.RECEIVE, ward.REPORT_STATUSES, ward.REPORT_TELEGRAMS),
    ),
}


def kind_of(endpoint: Endpoint) -> str:
    """Return the kind of call that an endpoint is."""
    return _KINDS[endpoint.server.value, endpoint.name]


_KINDS: Final = {(row.server.value, row.name): kind for kind, rows in _BY_KIND.items() for row in rows}
