"""What happens at the ward, and how its tables follow: applications, register, telegrams, access."""

from __future__ import annotations

from fakes.ward.events import access, applications, register, telegrams
from fakes.ward.events.base import PROJECTIONS

__all__ = ["PROJECTIONS", "access", "applications", "register", "telegrams"]
