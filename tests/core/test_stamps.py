"""Tests of reading dates and instants."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.stamps import day_at_start, day_in, instant_in, shown, stamp

NEW_YORK = "America/New_York"
anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates())
zones = st.sampled_from([NEW_YORK, "Europe/London", "Africa/Casablanca", "Asia/Kolkata", "Asia/Shanghai", "UTC"])
instants = st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2028-02-29", "2028-02-29"),
        ("2027-02-29", None),
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("0000-01-01", None),
        ("2026-1-1", None),
        ("20261120", None),
        ("2026-W47-5", None),
        (" 2026-11-20", None),
        ("2026-11-20\n", None),
        ("2026-11-20T00:00", None),
        ("\u0662\u0660\u0662\u0666-11-20", None),
        ("", None),
        (None, None),
        (20261120, None),
        (date(2026, 11, 20), None),
    ],
)
def test_only_an_iso_date_is_a_day(cell: object, day: str | None) -> None:
    """A date that exists, in ten signs and nothing around."""
    assert day == day_in(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2026-11-20 16:00:00", "2026-11-20"), ("2026-11-20junk", "2026-11-20"), ("junk", None), ("", None), (5, None)],
)
def test_a_row_belongs_to_the_day_that_its_time_begins_with(cell: object, day: str | None) -> None:
    """So that a bad row of a day is counted against that day."""
    assert day == day_at_start(cell)


@pytest.mark.parametrize(
    ("cell", "zone", "expected"),
    [
        ("2026-11-20 16:00:00", NEW_YORK, "2026-11-20T21:00:00Z"),
        ("2026-11-20 16:00", NEW_YORK, "2026-11-20T21:00:00Z"),
        ("2026-07-20T16:00", NEW_YORK, "2026-07-20T20:00:00Z"),
        ("2026-11-20T16:00:00Z", NEW_YORK, "2026-11-20T16:00:00Z"),
        ("2026-11-20T16:00:00-05:00", "Asia/Kolkata", "2026-11-20T21:00:00Z"),
        ("2026-11-20T16:00:00+0530", "UTC", "2026-11-20T10:30:00Z"),
        ("2026-09-19 15:30", "Africa/Casablanca", "2026-09-19T14:30:00Z"),
        ("2026-09-21 15:30", "Africa/Casablanca", "2026-09-21T15:30:00Z"),
        ("2027-07-01 15:30", "Africa/Casablanca", "2027-07-01T15:30:00Z"),
        # The hour that the clocks show twice is the first of the two.
        ("2026-11-01 01:30:00", NEW_YORK, "2026-11-01T05:30:00Z"),
        ("2026-11-01 01:30:00-05:00", NEW_YORK, "2026-11-01T06:30:00Z"),
    ],
)
def test_a_time_is_an_instant_on_some_clock(cell: str, zone: str, expected: str) -> None:
    """Its own offset wins; else the zone's clock of that day counts."""
    found = instant_in(cell, zone)
    assert found is not None
    assert expected == stamp(found)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-08 02:30:00",
        "2026-11-20",
        "2026-11-20 24:00:00",
        "2026-11-20 23:60",
        "2026-11-20 16:00:00.5",
        "2026-11-20  16:00",
        "2026-11-20 16",
        "2026-11-20 16:00 EST",
        "2026-11-20T16:00:00+25:00",
        "2026-11-20T16:00:00+05:99",
        "0001-01-01 00:00:00+14:00",
        "9999-12-31 23:59:59-14:00",
        "9999-12-31 23:59:59",
        "2026-02-30 16:00",
        "",
        None,
        1_795_000_000,
    ],
)
def test_what_no_clock_showed_is_no_instant(cell: object) -> None:
    """The hour that New York's clocks skip, times that do not exist, and what lies outside of all years."""
    assert None is instant_in(cell, NEW_YORK)


@pytest.mark.parametrize("cell", [" 2026-11-20 16:00", "2026-11-20 16:00\n", "2026-11-20 16:00 "])
def test_nothing_may_stand_around_a_time(cell: str) -> None:
    """The same strictness as for a day."""
    assert None is instant_in(cell, NEW_YORK)


@given(instants, zones)
def test_a_time_is_read_as_it_was_written(instant: datetime, zone: str) -> None:
    """What a clock shows with its offset, and what a bar is named by, lead back to the instant."""
    whole = instant.replace(microsecond=0)
    local = whole.astimezone(ZoneInfo(zone))
    assert whole == instant_in(stamp(whole), zone)
    if local.utcoffset() is not None and local.utcoffset().seconds % 60 == 0:  # type: ignore[union-attr]
        assert whole == instant_in(local.isoformat(), "Asia/Shanghai")


@given(instants, instants)
def test_the_names_of_instants_sort_in_the_order_of_time(first: datetime, second: datetime) -> None:
    """Bars are compared by their names."""
    one, other = first.replace(microsecond=0), second.replace(microsecond=0)
    assert (one < other) == (stamp(one) < stamp(other))


@given(anything, zones)
def test_any_cell_is_read_without_an_exception(cell: object, zone: str) -> None:
    """A day, an instant or nothing; and it can be shown in a short sentence."""
    found = instant_in(cell, zone)
    assert found is None or found.tzinfo is UTC
    assert day_in(cell) in {None, cell}
    assert day_at_start(cell) == day_in(str(cell)[:10]) or not isinstance(cell, str)
    assert len(shown(cell)) <= 40
