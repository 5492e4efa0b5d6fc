"""What happens at this server, and how its tables follow."""

from __future__ import annotations

from typing import Final

from fakes.jlis.tables import TABLES
from fakes.store.projections import Projections

PROJECTIONS: Final = Projections(TABLES)
