"""What the OpenAPI documents say is what the servers do: Schemathesis tries everything, and finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.endpoints import Server
from tests.fakes.openapi.conformance import World, world

EXAMPLES = "2"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("openapi")) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("server", Server)
def test_a_server_does_what_its_document_says(servers: World, server: Server) -> None:
    found = servers.conform(server, "--max-examples", EXAMPLES, "--seed", "1")
    assert found.returncode == 0, found.stdout + found.stderr
