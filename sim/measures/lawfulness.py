"""The operational laws of every place in the results' period; a run that breaks one is not shown as a result."""

from __future__ import annotations

from sim.laws import LawCheck, check_laws
from sim.occupancy import Occupancy
from sim.replication import Replication
from sim.steps import PlaceKind


def checks_of(replication: Replication, occupancy: Occupancy) -> list[LawCheck]:
    """Check Little's law, flow balance, utilisation and the utilisation law at every place."""
    names = replication.places.names()
    counted = {str(kind) for kind in (PlaceKind.CLERKS, PlaceKind.CARD_DESKS)}
    staffed = {
        names[place]: level for place, level in replication.staffed.items() if names[place].split("/")[0] in counted
    }
    program, window = replication.compiled.program, replication.horizon.window
    return check_laws(program, replication.log, window, staffed=staffed, occupancy=occupancy)
