"""Days on which an exchange is open for an hour only; apart from the calendars, so that nobody imports those for it."""

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
