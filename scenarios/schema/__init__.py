"""The schema of scenario files. `Scenario` is the whole; each module holds one part."""

from scenarios.schema.scenario import Period, Scenario

__all__ = ["Period", "Scenario"]
