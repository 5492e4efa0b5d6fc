"""Live control of faults: the messages of the control endpoint, and what each does to a plan."""

from __future__ import annotations

from msgspec import Struct

from fakes.faults.fault import Fault
from fakes.faults.plan import Active, FaultPlan


class Control(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """Base of all control messages."""


class Add(Control, frozen=True, tag="add"):
    """Take in a fault; without a window it lives until it is cleared."""

    fault: Fault


class List(Control, frozen=True, tag="list"):
    """Say which faults there are."""


class Clear(Control, frozen=True, tag="clear"):
    """Take out one fault."""

    id: str


class Reset(Control, frozen=True, tag="reset"):
    """Take out all faults, those of the scenario too."""


AnyControl = Add | List | Clear | Reset
"""In JSON `{"do": "add", "fault": {"effect": {"what": "hang"}, "where": {"routes": ["/relay/"], "nth": 3}}}`."""


class Counted(Struct, frozen=True):
    """A fault as it stands.

    Attributes
    ----------
    open
        Whether its window is open now.
    fitting, injected
        Calls that fitted but for `nth` and `every`; calls that it struck.
    """

    fault: Fault
    open: bool
    fitting: int
    injected: int


def carry_out(control: AnyControl, plan: FaultPlan, now: int) -> list[Counted]:
    """Change a plan, and return the faults that it holds afterwards.

    Raises
    ------
    FaultError
        As `FaultPlan.add`; nothing has changed then.
    """
    if isinstance(control, Add):
        plan.add(control.fault)
    elif isinstance(control, Clear):
        plan.clear(control.id)
    elif isinstance(control, Reset):
        plan.reset()
    return [_counted(own, now) for own in plan.listed()]


def _counted(own: Active, now: int) -> Counted:
    return Counted(own.fault, own.start <= now < own.end, own.fitting, own.injected)
