"""What happens at this server, and how its tables follow."""

from __future__ import annotations

from typing import Final

from fakes.store.projections import Projections
from fakes.ward.tables import TABLES

PROJECTIONS: Final = Projections(TABLES)
