"""Faults as data: where, when, in which phase, what. From a scenario's incidents and from live control; seeded."""
