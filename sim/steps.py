"""A flow as a value: the steps of one journey, in the order in which a person lives them.

A step names an instruction, a kind of place and the household columns that hold its values. `sim.flows` writes the
journeys with these words, `sim.compilation` turns them and the households into a program table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sim.program import Op


class Role(StrEnum):
    """What a step means to the citizen; measures are sums over roles."""

    ARRIVE = "arrive"
    """Comes to the office: the step ends when the person stands in it."""
    WAIT = "wait"
    """Waits in the office."""
    SERVE = "serve"
    """Is served by hands of the staff."""
    AWAY = "away"
    """Is not in the office, or nobody is."""


class Activity(StrEnum):
    """What hands of the staff do in a step."""

    NONE = "none"
    COUNTER = "counter"
    CARD = "card"
    CHECKING = "checking"
    PREPARING = "preparing"
    POST = "post"
    REWORK = "rework"
    OTHER = "other"


class PlaceKind(StrEnum):
    """Kinds of places; the first four exist at every site, the others once."""

    WINDOWS = "windows"
    CLERKS = "clerks"
    CARD_DESKS = "card_desks"
    BACK_SEATS = "back_seats"
    PORTAL = "portal"
    RELAY = "relay"
    JLIS = "jlis"
    NETWORK_HOURS = "network_hours"
    """No place to be but a clock: has room for everybody while the network of J-LIS is open, and for nobody else."""


LOCAL = (PlaceKind.WINDOWS, PlaceKind.CLERKS, PlaceKind.CARD_DESKS, PlaceKind.BACK_SEATS)
SHARED = (PlaceKind.PORTAL, PlaceKind.RELAY, PlaceKind.JLIS, PlaceKind.NETWORK_HOURS)

IN_PROGRESS_CLASS, DAY_CLASS, EVENING_CLASS, BACK_OFFICE_CLASS = 0, 1, 2, 3
"""Priority classes: called back in the middle of a filing, ticket holders of the day, visitors of the late opening,
back-office work."""


class Token(StrEnum):
    """What the legs of one move wait for; one of each per household."""

    RELAYED = "relayed"
    """The application and the visit notice are visible to the municipalities."""
    DATA = "data"
    """The certificate data (転出証明書情報) has arrived at the destination."""
    PREPARED = "prepared"
    """The visit has been prepared."""
    SERVED = "served"
    """The visitor is at the window; there is nothing more to prepare."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a flow.

    Attributes
    ----------
    name
        Unique within all flows of the same meaning: measures find rows by it.
    op, place, token
        Instruction and what it acts on.
    klass
        A priority class, or the household column that holds it.
    value
        The household column that holds the time, duration, patience or threshold; None where the op needs none.
    to
        Label of a later step, for jumps; "end" is the end of the flow.
    label
        Name of this step for jumps.
    when
        Household columns (bool): the step exists only for households for which all hold; "!" in front negates.
    """

    name: str
    op: Op
    place: PlaceKind | None = None
    token: Token | None = None
    klass: int | str = DAY_CLASS
    value: str | None = None
    to: str | None = None
    label: str | None = None
    when: tuple[str, ...] = ()
    role: Role = Role.AWAY
    activity: Activity = Activity.NONE


@dataclass(frozen=True, slots=True)
class Flow:
    """One journey: who lives it (a bool column), its steps, and the column of the site that serves it."""

    name: str
    who: str
    steps: tuple[Step, ...]
    site: str = "site"


Steps = tuple[Step, ...]
When = str | tuple[str, ...]


def _all(when: When) -> tuple[str, ...]:
    return (when,) if isinstance(when, str) else when


def at(name: str, time: str, *, role: Role = Role.AWAY, when: When = (), label: str | None = None) -> Steps:
    """Wait until a time of the household's own."""
    return (Step(name, Op.AT, value=time, role=role, when=_all(when), label=label),)


def take(
    name: str,
    minutes: str,
    *,
    activity: Activity = Activity.NONE,
    role: Role | None = None,
    when: When = (),
    label: str | None = None,
    at_pace_of: PlaceKind | None = None,
) -> Steps:
    """Take some minutes; with `at_pace_of`, longer while that system is slow."""
    if role is None:
        role = Role.AWAY if activity is Activity.NONE else Role.SERVE
    op = Op.DELAY if at_pace_of is None else Op.WORK
    return (Step(name, op, at_pace_of, value=minutes, role=role, activity=activity, when=_all(when), label=label),)


def seize(
    name: str,
    place: PlaceKind,
    *,
    klass: int | str = DAY_CLASS,
    patience: str | None = None,
    to: str | None = None,
    role: Role = Role.AWAY,
    when: When = (),
) -> Steps:
    """Queue for a unit of a place, with patience if a column of it is named."""
    return (Step(name, Op.SEIZE, place, klass=klass, value=patience, to=to, role=role, when=_all(when)),)


def release(seized: str, *, when: When = ()) -> Steps:
    """Give back what the step named `seized` took."""
    return (Step(f"{seized}.release", Op.RELEASE, to=seized, when=_all(when)),)


def post(token: Token) -> Steps:
    """Say that something has arrived."""
    return (Step(f"post.{token}", Op.POST, token=token),)


def wait_for(token: Token, *, role: Role = Role.AWAY) -> Steps:
    """Wait until it has arrived."""
    return (Step(f"await.{token}", Op.AWAIT, token=token, role=role),)


def if_posted(token: Token, to: str) -> Steps:
    """Jump if it has arrived."""
    return (Step(f"if.{token}", Op.IF_POSTED, token=token, to=to),)


def if_longer(place: PlaceKind, waiting: str, to: str, *, when: When = ()) -> Steps:
    """Jump if too many wait."""
    return (Step(f"if_longer.{place}", Op.IF_LONGER, place, value=waiting, to=to, when=_all(when)),)


def go(to: str, *, when: When = ()) -> Steps:
    """Jump."""
    return (Step(f"go.{to}", Op.GOTO, to=to, when=_all(when)),)


def only(when: str, steps: Steps) -> Steps:
    """Put one more condition on all of some steps."""
    return tuple(replace(step, when=(*step.when, when)) for step in steps)


def labelled(label: str, steps: Steps) -> Steps:
    """Name the first of some steps as the target of a jump."""
    return (replace(steps[0], label=label), *steps[1:])


def renamed(suffix: str, steps: Steps) -> Steps:
    """Repeat a piece of a journey under other names (a second try): labels and jumps within it move along."""
    inner = {step.label for step in steps if step.label}
    seized = {step.name for step in steps if step.op is Op.SEIZE}

    def moved(target: str | None) -> str | None:
        return target + suffix if target in inner or target in seized else target

    return tuple(
        replace(
            step,
            name=step.name.removesuffix(".release") + suffix + (".release" if step.op is Op.RELEASE else ""),
            to=moved(step.to),
            label=None if step.label is None else step.label + suffix,
        )
        for step in steps
    )
