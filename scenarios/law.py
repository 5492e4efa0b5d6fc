"""Rules of law and of the service, each named and with its source, for one person or for many at once.

Periods start on the day after the event (Civil Code Art. 140: the first day is not counted). A deadline that falls on
a day on which the office is closed by ordinance moves to the next opening day (Local Autonomy Act Art. 4-2(4),
https://iuris.jp/地方自治法-第四条の二/jpn/a/25746). Functions in the plural take and return arrays of days as in
`scenarios.opening`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from scenarios.opening import Bools, Day, OpeningCalendar

SERVICE_START: Final = date(2023, 2, 6)
"""All municipalities: https://www.digital.go.jp/policies/moving_onestop_service/faq-01/"""

MOVE_IN_DAYS: Final = 14
"""転入届, Basic Resident Registration Act Art. 22: http://www004.upp.so-net.ne.jp/hitosen/juukihou4.html"""

MOVE_WITHIN_DAYS: Final = 14
"""転居届, Basic Resident Registration Act Art. 23: http://www004.upp.so-net.ne.jp/hitosen/juukihou4.html"""

CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT: Final = 30
"""転入届の特例: https://www.city.ashibetsu.hokkaido.jp/docs/4942.html"""

CARD_ROUTE_DAYS_AFTER_MOVE_IN: Final = 14
"""転入届の特例: https://www.city.ashibetsu.hokkaido.jp/docs/4942.html"""

ONLINE_DAYS_BEFORE_MOVE: Final = 30
"""Earliest online filing: http://www.city.shinjuku.lg.jp/todokede/oss.html"""

ONLINE_DAYS_AFTER_MOVE: Final = 10
"""Latest online filing; later only at the counter or by post: http://www.city.shinjuku.lg.jp/todokede/oss.html"""

CARD_CONTINUATION_DAYS: Final = 90
"""継続利用, else the card lapses: https://www.city.higashimatsuyama.lg.jp/soshiki/28/42439.html"""

MINIMUM_AGE: Final = 15
"""Younger people cannot file with their card:
https://www.city.shibukawa.lg.jp/kurashi/life_event/hikkoshi-sumai/hikkoshi/p010283.html"""

PIN_TRIES: Final = 3
"""Wrong entries that lock a PIN of four digits: https://systeminvest-lab.com/?p=8964"""

SIGNING_PASSWORD_TRIES: Final = 5
"""Wrong entries that lock the password of the signing certificate: https://systeminvest-lab.com/?p=8964"""

MAXIMUM_FINE_YEN: Final = 50_000
"""Not filing, Basic Resident Registration Act Art. 52(2): https://www.city.hiroshima.lg.jp/site/faq/15063.html"""


def last_day(event: date, days: int, calendar: OpeningCalendar) -> date:
    """Last day of a period of `days` days that starts on the day after the event; if closed, the next opening day.

    Sources: see the module; the same for the 14th, 30th and 90th day at
    https://www.city.higashimatsuyama.lg.jp/soshiki/28/42439.html
    """
    return calendar.next_open_day(event + timedelta(days=days))


def last_days(events: npt.NDArray[Day], days: int, calendar: OpeningCalendar) -> npt.NDArray[Day]:
    """`last_day` of each event."""
    return calendar.next_open(events + days)


def too_late_from(deadline: date) -> date:
    """First day that is too late."""
    return deadline + timedelta(days=1)


def move_in_deadline(lived_there_from: date, calendar: OpeningCalendar) -> date:
    """Last day for the moving-in notice (転入届), Art. 22."""
    return last_day(lived_there_from, MOVE_IN_DAYS, calendar)


def move_in_deadlines(lived_there_from: npt.NDArray[Day], calendar: OpeningCalendar) -> npt.NDArray[Day]:
    """`move_in_deadline` of each person."""
    return last_days(lived_there_from, MOVE_IN_DAYS, calendar)


def move_within_deadline(moved: date, calendar: OpeningCalendar) -> date:
    """Last day for the notice of a move within the ward (転居届), Art. 23."""
    return last_day(moved, MOVE_WITHIN_DAYS, calendar)


def move_within_deadlines(moved: npt.NDArray[Day], calendar: OpeningCalendar) -> npt.NDArray[Day]:
    """`move_within_deadline` of each person."""
    return last_days(moved, MOVE_WITHIN_DAYS, calendar)


def card_route_limit(planned_move_out: date, lived_there_from: date, calendar: OpeningCalendar) -> date:
    """Last day on which the card stands for the paper certificate: the earlier of two limits.

    30 days after the planned move-out and 14 days after living there, each moved past closed days
    (https://www.city.ashibetsu.hokkaido.jp/docs/4942.html,
    https://www.city.higashimatsuyama.lg.jp/soshiki/28/42439.html). Later the paper route is left, and the card lapses.
    """
    return min(
        last_day(planned_move_out, CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT, calendar),
        last_day(lived_there_from, CARD_ROUTE_DAYS_AFTER_MOVE_IN, calendar),
    )


def card_route_limits(
    planned_move_out: npt.NDArray[Day], lived_there_from: npt.NDArray[Day], calendar: OpeningCalendar
) -> npt.NDArray[Day]:
    """`card_route_limit` of each person."""
    return np.minimum(
        last_days(planned_move_out, CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT, calendar),
        last_days(lived_there_from, CARD_ROUTE_DAYS_AFTER_MOVE_IN, calendar),
    )


def card_continuation_limit(moved_in_notice: date, calendar: OpeningCalendar) -> date:
    """Last day to continue the card at the new office (継続利用), counted from the moving-in notice."""
    return last_day(moved_in_notice, CARD_CONTINUATION_DAYS, calendar)


def card_continuation_limits(moved_in_notice: npt.NDArray[Day], calendar: OpeningCalendar) -> npt.NDArray[Day]:
    """`card_continuation_limit` of each person."""
    return last_days(moved_in_notice, CARD_CONTINUATION_DAYS, calendar)


def online_window(move: date) -> tuple[date, date]:
    """First and last day for filing online; a rule of the service, so closed days change nothing.

    Source: http://www.city.shinjuku.lg.jp/todokede/oss.html
    """
    return move - timedelta(days=ONLINE_DAYS_BEFORE_MOVE), move + timedelta(days=ONLINE_DAYS_AFTER_MOVE)


def may_file_online(filed: date, move: date) -> bool:
    """Whether the day of filing lies inside the online window."""
    first, last = online_window(move)
    return first <= filed <= last


def may_file_online_each(filed: npt.NDArray[Day], move: npt.NDArray[Day]) -> Bools:
    """`may_file_online` of each person."""
    lead = (move - filed).astype("timedelta64[D]").astype(np.int64)
    return (lead <= ONLINE_DAYS_BEFORE_MOVE) & (lead >= -ONLINE_DAYS_AFTER_MOVE)


def old_enough(age: int) -> bool:
    """Whether a person of that age, in whole years, can file online with their own card."""
    return age >= MINIMUM_AGE
