"""Results of the control of faults, which is the operator's; a fault itself is `fakes.faults.fault.Fault`."""

from __future__ import annotations

from msgspec import Struct

from fakes.faults.fault import Fault
from fakes.messages.envelope import Outcome


class Counted(Struct, frozen=True):
    """A fault as it stands.

    Attributes
    ----------
    open
        Whether its window is open now.
    fitting, injected
        Calls of the process that answers: those that fitted but for `nth` and `every`, and those that it struck.
    """

    fault: Fault
    open: bool
    fitting: int
    injected: int


class FaultList(Outcome):
    """The faults that there are: the scenario's, then the live ones."""

    faults: list[Counted]


class FaultAdded(Outcome):
    """A fault that every process of the server has from now on, with its id."""

    fault: Fault


class FaultsCleared(Outcome):
    """Faults that no process of the server has any more."""

    ids: list[str]
