"""What people do beside what the simulation says of them: slips, looks at the status. Each from a stream of its own.

Nothing of this is published; the shares are assumptions.
"""

from __future__ import annotations

from typing import Final

from fakes.streams import Stream
from loadtests.schedule import Arrival

WRONG_PIN: Final = 30
"""Of a thousand mistype the PIN once."""
FORM_ERROR: Final = 20
"""Of a thousand hand in a form that the portal's check refuses, and mend it."""
SENT_TWICE: Final = 80
"""Of a thousand press the button again, and the same call goes out once more (a probe)."""
OTHER_BODY: Final = 80
"""Of a thousand send something else under the key of a call that was answered, which the rules refuse (a probe)."""
LOOKS: Final = (1, 2, 3, 4)
"""So often somebody looks how far it is."""
LOOK_S: Final = (300, 3600)
"""Seconds of the scenario between looks: at least, at most."""
WITHDRAW_S: Final = (300, 7200)
"""Seconds of the scenario from the receipt until somebody takes it back."""


_STREAMS: Final = ("pin", "form", "twice", "other", "looks", "gap", "back", "begin")


class Habits:
    """The habits of everybody in a schedule, by the number of the arrival."""

    def __init__(self, seed: int) -> None:
        self._streams = {
            name: Stream(seed, f"load/{name}")
            for name in ("pin", "form", "twice", "looks", "gap", "back", "begin", "other")
        }

    def mistypes(self, arrival: Arrival) -> bool:
        """Whether the first PIN is wrong."""
        return self._one_of_thousand("pin", arrival, WRONG_PIN)

    def errs(self, arrival: Arrival) -> bool:
        """Whether the first form has an error."""
        return self._one_of_thousand("form", arrival, FORM_ERROR)

    def presses_twice(self, arrival: Arrival) -> bool:
        """Whether the submission is sent once more under the same key."""
        return self._one_of_thousand("twice", arrival, SENT_TWICE)

    def sends_other(self, arrival: Arrival) -> bool:
        """Whether another application is sent under the key of the first."""
        return self._one_of_thousand("other", arrival, OTHER_BODY)

    def looks(self, arrival: Arrival) -> int:
        """How often somebody looks at the status."""
        return self._streams["looks"].pick(arrival.number, LOOKS)

    def gap_s(self, arrival: Arrival, look: int) -> int:
        """Seconds of the scenario before a look."""
        least, most = LOOK_S
        return least + self._streams["gap"].below(arrival.number * 64 + look % 64, most - least + 1)

    def withdraws_after_s(self, arrival: Arrival) -> int:
        """Seconds of the scenario from the receipt until the withdrawal."""
        least, most = WITHDRAW_S
        return least + self._streams["back"].below(arrival.number, most - least + 1)

    def thousandth(self, arrival: Arrival) -> int:
        """Return a number of 0 to 999: where in the time before the submission somebody begins."""
        return self._streams["begin"].below(arrival.number, 1000)

    def _one_of_thousand(self, name: str, arrival: Arrival, share: int) -> bool:
        return self._streams[name].below(arrival.number, 1000) < share
