"""The tables of this server: projections of its log."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

TABLES: Final = MetaData()
