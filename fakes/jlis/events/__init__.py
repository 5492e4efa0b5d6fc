"""What happens at J-LIS, and how its tables follow: a module for each subject, one set of projections."""

from __future__ import annotations

from typing import Final

from fakes.jlis.events import cards, network, relay, staff
from fakes.jlis.events.projections import PROJECTIONS

__all__ = ["PROJECTIONS", "SUBJECTS"]

SUBJECTS: Final = (relay, staff, network, cards)
