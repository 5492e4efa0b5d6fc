"""`make fuzz-fakes SECONDS=60`: Schemathesis over the three servers for so long, with another seed each time."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes.endpoints import Server
from tests.fakes.openapi.conformance import world


def main(seconds: int) -> int:
    """Give each server its share of the time; return how many did not do what their documents say."""
    wrong = 0
    with TemporaryDirectory() as folder, world(Path(folder)) as servers:
        for server in Server:
            seed = str(secrets.randbelow(2**31))
            share = str(max(1, seconds // len(Server)))
            found = servers.conform(server, "--max-time", share, "--max-examples", "1000", "--seed", seed)
            sys.stdout.write(found.stdout)
            wrong += found.returncode != 0
    return wrong


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
