"""Mumbai's calendar where the library's is wrong: sessions on weekends, and days that are open for an hour only."""

from datetime import timedelta

import pandas as pd
from exchange_calendars.exchange_calendar_xbom import XBOMExchangeCalendar

BUDGET_DAYS = ("2015-02-28", "2020-02-01", "2026-02-01")
"""Weekends with an ordinary session, because the state's budget was read. Source: the exchange's notices."""

SHORT_SESSIONS = frozenset(
    [
        "2003-10-25",
        "2004-11-12",
        "2005-11-01",
        "2006-10-21",
        "2007-11-09",
        "2008-10-28",
        "2009-10-17",
        "2010-11-05",
        "2011-10-26",
        "2012-11-13",
        "2013-11-03",
        "2014-10-23",
        "2015-11-11",
        "2016-10-30",
        "2017-10-19",
        "2018-11-07",
        "2019-10-27",
        "2020-11-14",
        "2021-11-04",
        "2022-10-24",
        "2023-11-12",
        "2024-03-02",
        "2024-05-18",
        "2024-11-01",
        "2025-10-21",
        "2026-11-08",
    ]
)
"""Diwali, when the exchange trades for an hour of ceremony, and two Saturdays on which it tried its second site.

Source: the exchange's yearly lists of holidays, and its notices.
"""


class Mumbai(XBOMExchangeCalendar):  # type: ignore[misc]
    """The library's calendar with these days mended."""

    @property
    def adhoc_holidays(self) -> list[pd.Timestamp]:
        """Days without a session."""
        return [*super().adhoc_holidays, *(pd.Timestamp(day) for day in sorted(SHORT_SESSIONS))]

    @property
    def special_weekmasks(self) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
        """Weeks with a session on their weekend."""
        # The library wants them in the order of time.
        return sorted([*super().special_weekmasks, *(_week_of(pd.Timestamp(day)) for day in BUDGET_DAYS)])


def _week_of(day: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp, str]:
    monday = day - timedelta(days=day.weekday())
    open_days = "".join("1" if number < 5 or number == day.weekday() else "0" for number in range(7))
    return monday, monday + timedelta(days=6), open_days
