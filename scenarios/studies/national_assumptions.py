"""全国の試算の答えは、どの仮定で決まるか。仮定の幅の両端で動かす。40秒ほどの試算を17回行う。

Which assumption decides the answer of the national study? Each is moved to the ends of its range; 17 runs of some 40 s.
"""

from scenarios.packaged import country
from sim.national.variants import extremes, show, vary

japan = country("national_march")

# 公表値のない、答えを左右しそうな数。 Numbers that nobody knows and that may matter.
assumed = [
    "one_stop.uptake",
    "moves.persons_per_filing",
    "moves.within_per_move",
    "offices.utilisation",
    "offices.peak_windows",
    "offices.peak_back_office",
    "relay.connections",
]

# 障害が遅い時刻に起きたら、長引いたら。 An outage late in the day, or a long one.
outages = {
    "outage 10:00-13:30": {"incidents.relay_outage.minutes": 210},
    "outage 15:15-17:15": {"incidents.relay_outage.at": "2023-03-27T15:15:00"},
    "outage 16:30-18:30": {"incidents.relay_outage.at": "2023-03-27T16:30:00"},
}

table = vary(japan, extremes(japan, assumed), outages)
show(table)
