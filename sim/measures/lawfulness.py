"""The operational laws of every place in the results' period; a run that breaks one is not shown as a result."""

from __future__ import annotations

from sim.laws import LawCheck, check_laws
from sim.replication import Replication
from sim.steps import PlaceKind


def checks_of(replication: Replication) -> list[LawCheck]:
    """Check Little's law, flow balance, utilisation and the utilisation law at every place."""
    names = replication.places.names()
    counted = {str(kind) for kind in (PlaceKind.CLERKS, PlaceKind.CARD_DESKS)}
    staffed = {
        names[place]: level for place, level in replication.staffed.items() if names[place].split("/")[0] in counted
    }
    return check_laws(replication.compiled.program, replication.log, replication.horizon.window, staffed=staffed)
