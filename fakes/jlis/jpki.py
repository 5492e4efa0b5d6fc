"""Status of certificates online (OCSP) and revocation lists, for verifiers on the allow-list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis import CRL_AUTH, CRL_SIGN, OCSP_AUTH, OCSP_SIGN
from fakes.jlis.certificates import Register
from fakes.jlis.context import Jlis
from fakes.jlis.tables import REVOCATION
from fakes.messages.answer import Answer
from fakes.pki.crl import revocation_list
from fakes.pki.ocsp import MALFORMED, try_later
from fakes.pki.oids import Purpose
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Decision
from fakes.web.answers import RETRY_AFTER_S, document
from fakes.web.core import Handlers, Work
from fakes.web.core import Reading as Question
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Jlis]] = Handlers()

ISSUED_EVERY: Final = timedelta(hours=1)
"""A list without news is issued again so often (assumption)."""

_PURPOSES: Final = {
    OCSP_SIGN.name: Purpose.SIGNING,
    OCSP_AUTH.name: Purpose.AUTHENTICATION,
    CRL_SIGN.name: Purpose.SIGNING,
    CRL_AUTH.name: Purpose.AUTHENTICATION,
}
_NEWS = Statement(
    select(func.count(), func.max(REVOCATION.c.at)).where(REVOCATION.c.purpose == bindparam("which"))
)  # fmt: skip


@HANDLERS.on(OCSP_SIGN)
@HANDLERS.on(OCSP_AUTH)
def status(call: WebCall, jlis: Jlis) -> Work:
    """Say whether a certificate is good, revoked or unknown (RFC 6960).

    A question that cannot be read is answered in the protocol, with status 400 beside it, as Boulder does.
    """
    endpoint = call.endpoint
    assert endpoint is not None
    if call.request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != endpoint.body.encode():
        raise RefusedError(Code.MEDIA_TYPE, wanted=endpoint.body.value)
    if jlis.store.crowded:
        later = document(try_later(), endpoint.media, headers=((b"retry-after", b"%d" % RETRY_AFTER_S),))
        later.status, later.code = 503, Code.BUSY.value
        return later
    responder = jlis.responders[_PURPOSES[endpoint.name]]
    asked, at = call.request.body, moment_of(call.at)

    def ask(view: View) -> Decision:
        answer = document(responder.answer(asked, Register(view, jlis.people), at), endpoint.media)
        if answer.body == MALFORMED:
            answer.status, answer.code = 400, Code.MALFORMED.value
        return Decision(answer)

    return Question(ask)


@HANDLERS.on(CRL_SIGN)
@HANDLERS.on(CRL_AUTH)
def revoked(call: WebCall, jlis: Jlis) -> Question:
    """Give the list of revoked certificates, or say that the one the client has is still the newest."""
    endpoint = call.endpoint
    assert endpoint is not None
    purpose = _PURPOSES[endpoint.name]
    authority = jlis.issuer.authorities[purpose]
    known = call.request.headers.get(b"if-none-match", b"")

    def ask(view: View) -> Decision:
        issued, number = _issue(view, purpose, moment_of(call.at))
        tag = b'"%d"' % number
        headers = ((b"etag", tag), (b"last-modified", f"{issued:%a, %d %b %Y %H:%M:%S} GMT".encode()))
        if tag in known:
            return Decision(Answer(304, content_type=b"", headers=headers))
        content = revocation_list(authority, Register(view, jlis.people), issued, number)
        return Decision(document(content, endpoint.media, headers=headers))

    return Question(ask)


def _issue(view: View, purpose: Purpose, at: datetime) -> tuple[datetime, int]:
    """Return moment and number of the newest list: one an hour, and one after each revocation.

    Both follow from the store and the time alone, so that all processes give out the same list under the same number.
    """
    row = view.one(_NEWS, which=purpose)
    assert row is not None
    count, newest = row
    hour = micros_of(at) // (every := ISSUED_EVERY // timedelta(microseconds=1)) * every
    return moment_of(max(hour, newest or 0)), hour + count
