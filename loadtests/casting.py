"""Who plays which household: people of the seed who live in the town that is left, as many as the arrival has.

Numbers are dense in each town, so that the resident registers need to hold no more than those who move; the same
schedule casts the same people in every worker.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from fakes.package.application import MOST_MEMBERS
from fakes.people import Household, People
from fakes.population import ROOM, first_household
from loadtests.errors import LoadError
from loadtests.journeys import CODES
from loadtests.schedule import Schedule

_FAR: Final = 2000
"""So many households further on at most a size is looked for; then any household plays."""


class Casting:
    """The households of a schedule.

    Parameters
    ----------
    people
        Of the seed that the servers have.

    Attributes
    ----------
    needed
        Households that the register of each town must hold, so that everybody who leaves is in it.

    Raises
    ------
    LoadError
        E-load-crowded when more households leave one town than it can have.
    """

    def __init__(self, schedule: Schedule, people: People) -> None:
        self._people = people
        self._of: dict[int, tuple[int, str]] = {}
        pools = {code: _Pool(people, code) for code in CODES}
        arrivals = schedule.arrivals
        _, firsts = np.unique(arrivals.household, return_index=True)
        for row in np.sort(firsts).tolist():
            town = CODES[int(arrivals.origin[row])]
            index = pools[town].take(int(arrivals.persons[row]))
            self._of[int(arrivals.household[row])] = index, town
        self.needed = max(pool.reached for pool in pools.values())

    def household(self, number: int) -> Household:
        """Return who plays a household of the schedule."""
        index, town = self._of[number]
        return self._people.household(index, town)


class _Pool:
    """The households of a town, handed out by size, in their order."""

    def __init__(self, people: People, town: str) -> None:
        self._people = people
        self._town = town
        self._first = first_household(town)
        self._waiting: dict[int, deque[int]] = {}
        self.reached = 0

    def take(self, persons: int) -> int:
        """Return the number of the next household of so many people; of any size, where that is too rare."""
        size = min(persons, MOST_MEMBERS)
        end = self.reached + _FAR
        while not self._waiting.get(size) and self.reached < end:
            self._look()
        waiting = self._waiting.get(size) or next(queue for queue in self._waiting.values() if queue)
        return waiting.popleft()

    def _look(self) -> None:
        if self.reached >= ROOM:
            raise LoadError("E-load-crowded", town=self._town, most=f"{ROOM:,}")
        index = self._first + self.reached
        members = len(self._people.household(index, self._town).members)
        self._waiting.setdefault(members, deque()).append(index)
        self.reached += 1
