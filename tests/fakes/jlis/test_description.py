"""The OpenAPI document of J-LIS says what leaves and enters as DER, and has every row of the table."""

from __future__ import annotations

import msgspec

from fakes.endpoints import Server
from fakes.endpoints.jlis import ENDPOINTS
from fakes.jlis.server import HANDLERS
from fakes.openapi import document


def test_every_row_has_a_handler_and_is_described() -> None:
    described = msgspec.json.decode(document(Server.JLIS))["paths"]
    assert {row.name for row in ENDPOINTS} == HANDLERS.names()
    assert {(row.path, row.method.lower()) for row in ENDPOINTS} <= {
        (path, method) for path, methods in described.items() for method in methods
    }


def test_questions_and_answers_of_the_certificate_protocols_are_no_json() -> None:
    described = msgspec.json.decode(document(Server.JLIS))["paths"]
    status = described["/jpki/ocsp/sign"]["post"]
    assert list(status["requestBody"]["content"]) == ["application/ocsp-request"]
    assert list(status["responses"]["200"]["content"]) == ["application/ocsp-response"]
    assert "application/ocsp-response" in status["responses"]["400"]["content"]
    listed = described["/jpki/crl/sign.crl"]["get"]["responses"]
    assert (list(listed["200"]["content"]), "content" in listed["304"]) == (["application/pkix-crl"], False)
