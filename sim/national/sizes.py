"""How large the municipalities are: a heavy-tailed split of the country's people that keeps its published totals.

Municipality 0 is the largest. There are no names: a size stands for all that is known here about a place.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from scenarios.schema.national import Country
from sim.program import Floats, Ints

_WIDEST = 50.0
"""Spread beyond which the largest town has everybody but a handful; no country comes near."""


def split(total: int, weights: Floats | Ints) -> Ints:
    """Divide a whole number in proportion to weights, by largest remainder; the parts add up to it exactly.

    Equal remainders are served from the front. (Hamilton's method: Balinski and Young, Fair Representation, 1982.)

    Parameters
    ----------
    weights
        Shape (n,), not negative, of positive sum.
    """
    share = np.asarray(weights, dtype=np.float64)
    exact = total * (share / share.sum())
    parts: Ints = np.floor(exact).astype(np.int64)
    left = total - int(parts.sum())
    parts[np.argsort(-(exact - parts), kind="stable")[:left]] += 1
    return parts


def populations(country: Country) -> Ints:
    """People of every municipality, the largest first, shape (municipalities,); they add up to the country's exactly.

    Sizes are the quantiles of a lognormal distribution at (rank - 1/2) / municipalities, which settlements follow over
    their whole range (Eeckhout, Gibrat's Law for (All) Cities, American Economic Review 94(5), 2004). Its spread is the
    one at which the largest has its published share of the country; nothing else is fitted. With Japan's numbers the
    smallest then has 168 people (the real one 156, 2024: https://nippon.com/ja/japan-data/h02073).
    """
    number, total, largest = int(country.municipalities), int(country.population), int(country.largest)
    below = -ndtri((np.arange(number) + 0.5) / number)
    below -= below[0]

    def share_of_largest(spread: float) -> float:
        return float(1.0 / np.exp(spread * below).sum())

    spread = brentq(lambda guess: share_of_largest(guess) - largest / total, 0.0, _WIDEST)
    others = split(total - largest, np.exp(spread * below[1:]))
    return np.concatenate([[largest], others]).astype(np.int64)


def nearest_in_size(people: Ints, size: int) -> int:
    """Index of the municipality whose number of people is nearest to a given one."""
    return int(np.abs(people - size).argmin())
