"""Mumbai's calendar where the library's is wrong: sessions on weekends, and days that are open for an hour only."""

from datetime import timedelta

import pandas as pd
from exchange_calendars.exchange_calendar_xbom import XBOMExchangeCalendar

from flows.core.special_days import SHORT_SESSIONS

BUDGET_DAYS = ("2015-02-28", "2020-02-01", "2026-02-01")
"""Weekends with an ordinary session, because the state's budget was read. Source: the exchange's notices."""


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
