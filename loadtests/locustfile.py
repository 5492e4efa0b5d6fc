"""Locust's entrance: `locust -f loadtests/locustfile.py --target FOLDER`, with web UI, headless, or distributed."""

from __future__ import annotations

from loadtests.generator import hooks
from loadtests.generator.hooks import Rehearsal
from loadtests.users.applicants import Applicant

__all__ = ["Applicant", "Rehearsal"]

hooks.register()
