"""オンライン届出率が上がると、待ち時間と職員の仕事はどう変わるか。写して、問いを書き換えてください。

What uptake does to waiting and to the work of the staff. Copy this file, change the question, and run it:
`python my_study.py` or `hikkoshi study my_study.py`.
"""

from scenarios.packaged import scenario
from sim.study import show, vary

# 繁忙期の3週間で調べる。 The three most crowded weeks.
ward = scenario("peak_march")

# オンラインで届け出る人の割合。使えるカードを持つ人の割合（この前提では 0.44）を超えられない。
# Share of movers who file online; it cannot be above the share with a usable card (0.44 as assumed here).
shares = [0.0, 0.1, 0.2, 0.3, 0.4]

# 待ち時間、窓口の仕事、サービスが増やす事務、事務のたまり、忙しさ。
# Waiting, work at the counter, the office work that the service adds, its backlog, and how busy everybody is.
measures = [
    "wait_mean",
    "citizen_hours_per_move",
    "staff_hours_counter",
    "staff_hours_checking",
    "staff_hours_preparing",
    "staff_hours_total",
    "backlog_mean",
    "utilisation_clerks",
]

show(vary(ward, "one_stop.uptake", shares, measures, replications=10))
