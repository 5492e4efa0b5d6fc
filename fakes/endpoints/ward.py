"""The rows of the table for ward."""

from __future__ import annotations

from typing import Final

from fakes.endpoints.endpoint import Endpoint

ENDPOINTS: Final[tuple[Endpoint, ...]] = ()
