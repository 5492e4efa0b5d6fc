"""Locust's entrance: `locust -f loadtests/locustfile.py --target FOLDER`, with web UI, headless, or distributed."""

from __future__ import annotations

from loadtests.generator import hooks
from loadtests.generator.hooks import Rehearsal
from loadtests.users.amenders import Amender
from loadtests.users.applicants import Applicant
from loadtests.users.auditors import auditors
from loadtests.users.link.server import link_servers
from loadtests.users.probers import Prober
from loadtests.users.staff.clerks import clerks

__all__ = ["Amender", "Applicant", "Prober", "Rehearsal"]

globals().update({**link_servers(), **clerks(), **auditors()})  # Locust looks for classes among the names of this file
hooks.register()
