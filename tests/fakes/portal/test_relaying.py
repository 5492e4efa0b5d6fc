"""The portal's link to J-LIS: what it hands over once more, as after a crash, is what it handed over before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes.endpoints import Server
from fakes.links import Response
from fakes.pki.cards import CardIssuer
from fakes.portal.relaying import push
from tests.fakes.clients import Person
from tests.fakes.conftest import PEERS, cards_folder, settings_in
from tests.fakes.inprocess import Local, locals_of


class Noting:
    """A link that only notes what it is to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, str, str]] = []

    async def call(self, _method: str, _path: str, *, body: bytes, content_type: str, key: str) -> Response:
        self.sent.append((body, content_type, key))
        return Response(200, {}, b"")


def test_an_application_that_is_handed_over_again_is_known_at_jlis_under_its_key(
    local: Local, applicant: Callable[[int], Person], tmp_path: Path
) -> None:
    one, link = applicant(0), Noting()
    number = one.submit(one.package()).result["temporary_reference_number"]
    key = CardIssuer.load(cards_folder()).signing(one.household.head, one.household.address)
    receipt = one.sign(number, key).result["reference_number"]
    context: Any = local.assembled.context
    for _ in range(2):
        local.runner.run(push(context, link, receipt))  # type: ignore[arg-type]
    with locals_of(settings_in(tmp_path, Server.JLIS, peers=PEERS, speed=0.0)) as [jlis]:
        answers = [
            jlis.handle(
                "POST",
                "/relay/v1/applications",
                body,
                {"X-Peer": "portal", "X-Test-Data": "synthetic", "Content-Type": kind, "Idempotency-Key": key},
            )
            for body, kind, key in link.sent
        ]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert link.sent[0][2] == receipt
