"""What faults make J-LIS do while it decides: another order, another town, an older place, an acknowledgement lost.

All of it is asked before `decide`, which may run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from fakes.faults.effects import Duplicate, Reorder, StaleCursor, WrongMunicipality
from fakes.streams import Stream
from fakes.towns import TOWNS
from fakes.web.request import WebCall

T = TypeVar("T")


def reordering(call: WebCall) -> Callable[[list[T], Callable[[T], str]], list[T]]:
    """Return what brings things into another order, shuffled among neighbours; those of one subject keep theirs."""
    fault = call.struck(Reorder)
    if fault is None or fault.among < 2:
        return lambda things, _: things
    among, draw = fault.among, Stream(0, f"reorder/{call.fault_id}")

    def reordered(things: list[T], subject: Callable[[T], str]) -> list[T]:
        blocks = (things[start : start + among] for start in range(0, len(things), among))
        return [thing for block in blocks for thing in sorted(block, key=lambda one: draw.of(subject(one)))]

    return reordered


def acknowledgement_lost(call: WebCall) -> Callable[[int], bool]:
    """Return what says of a delivery, by its number, whether its acknowledgement counts for nothing."""
    fault = call.struck(Duplicate)
    return lambda delivery: fault is not None and delivery < fault.copies


def place(call: WebCall, after: int) -> int:
    """Return from where on a list goes on."""
    fault = call.struck(StaleCursor)
    return after if fault is None else max(0, after - fault.back)


def elsewhere(call: WebCall, towns: Sequence[str]) -> list[str]:
    """Return the towns to which something goes, by those to which it should; no town gets it twice."""
    fault = call.struck(WrongMunicipality)
    if fault is None:
        return list(towns)
    codes, used = list(TOWNS), set(towns)
    gone = []
    for town in towns:
        to = fault.to or codes[(codes.index(town) + 1) % len(codes)]
        gone.append(to if to not in used else town)
        used.add(to)
    return gone
