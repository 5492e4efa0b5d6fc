"""The ward's projections, to which the modules beside this one add theirs."""

from __future__ import annotations

from typing import Final

from fakes.store.projections import Projections
from fakes.ward.tables import TABLES

PROJECTIONS: Final = Projections(TABLES)
