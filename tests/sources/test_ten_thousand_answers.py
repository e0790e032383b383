"""Tests that ten thousand answers of each sort, for every interval, end in bars or in an error of ours."""

import json
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from flows.core.bars import Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.cleaning import RawSeries, clean
from flows.core.errors import NextcloseError
from flows.sources import BarRequest
from flows.sources.alpha_vantage import parse
from tests.core.moments import at
from tests.sources.noise import any_bytes, any_json, good, nearly_good
from tests.sources.servers import KEY

SATURDAY = at("2026-11-21 12:00 UTC")
INPUTS = 10_000 // len(Interval)
SORTS = {"any JSON": any_json, "nearly good": nearly_good, "any bytes": any_bytes}


def outcome(body: bytes, interval: Interval, *, adjusted: bool) -> RawSeries | NextcloseError:
    """Return what an answer comes to."""
    request = BarRequest("IBM", interval, SATURDAY)
    try:
        return parse(body, request, Origin.LIVE, (KEY,), adjusted=adjusted)
    except NextcloseError as error:
        return error


def check(raw: RawSeries, now_known: str) -> None:
    """Clean what was read, and look at the bars."""
    cleaned = clean(raw, SATURDAY)
    times = [bar.time for bar in cleaned.series.bars]
    assert times == sorted(set(times))
    assert all(time <= now_known for time in times)
    assert all(0 < bar.low <= bar.close <= bar.high < float("inf") for bar in cleaned.series.bars)
    assert KEY not in "".join(raw.notes)


@pytest.mark.parametrize("make", SORTS.values(), ids=SORTS.keys())
@pytest.mark.parametrize("interval", Interval)
def test_an_answer_ends_in_bars_or_in_an_error_of_ours(
    make: Callable[[Random, Interval], bytes], interval: Interval
) -> None:
    """The error names the symbol and never the key; the bars are whole, in order and complete."""
    random, ends = Random(f"{interval}"), Counter[str]()  # noqa: S311 - any numbers, no secrets
    as_of = calendar_of("IBM", interval).slot(SATURDAY).as_of.label
    for place in range(INPUTS):
        found = outcome(make(random, interval), interval, adjusted=place % 4 == 0)
        ends[type(found).__name__] += 1
        if isinstance(found, RawSeries):
            check(found, as_of)
        else:
            assert str(found).startswith("IBM, fetch: ")
            assert (KEY in str(found), len(str(found)) < 600) == (False, True)
    assert ends["BrokenAnswer"] > 0


@pytest.mark.parametrize("interval", Interval)
def test_the_answer_that_is_changed_is_a_good_one(interval: Interval) -> None:
    """What the changes start from is read and cleaned without a word."""
    raw = parse(json.dumps(good(interval)).encode(), BarRequest("IBM", interval, SATURDAY), Origin.LIVE)
    assert (len(clean(raw, SATURDAY).series), clean(raw, SATURDAY).rejected) == (3, ())
