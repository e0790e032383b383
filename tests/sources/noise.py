"""Thousands of answers that no vendor should give: any JSON, any bytes, and good answers with something changed."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from flows.core.bars import Interval
from tests.sources.recorded import Payload, answer, intraday, plain
from tests.sources.servers import KEY

FUNCTIONS = {
    Interval.DAILY: ("TIME_SERIES_DAILY", "2026-11-20", "2026-11-19", "2026-11-18"),
    Interval.WEEKLY: ("TIME_SERIES_WEEKLY", "2026-11-20", "2026-11-13", "2026-11-06"),
    Interval.MONTHLY: ("TIME_SERIES_MONTHLY", "2026-10-30", "2026-09-30", "2026-08-31"),
}
TEXTS = (
    *(
        "",
        " ",
        "None",
        "nan",
        "-1",
        "0",
        "1e400",
        "1_0",
        "1" * 80,
        "\u0661",
        "\x00",
        "\ufffd",
        "\U0001f600",
        KEY,
        "IBM",
    ),
    *("Meta Data", "6. Time Zone", "Time Zone", "1. open", "4. close", "5. adjusted close", "volume", "Information"),
    *("Note", "Error Message", "Global Quote", "Weekly Time Series", "Time Series (Daily)", "Time Series (5min)"),
    *(
        "US/Eastern",
        "UTC",
        "America",
        "../etc/passwd",
        "tzdata.zi",
        "x" * 5_000,
        "Invalid API call",
        "premium endpoint",
    ),
    *("2026-11-20", "2026-02-30", "0001-01-01", "9999-12-31", "2026-11-20 15:55:00", "2026-03-08 02:30:00", "99:99"),
    *("0001-01-01 00:00:00", "9999-12-31 23:59:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
)
NUMBERS = (0, -1, 1, 2**63, -(2**53), 1e308, 5e-324, -0.0, 0.1)


def good(interval: Interval) -> Payload:
    """Return an answer that is right in every detail."""
    if interval.minutes is None:
        function, *days = FUNCTIONS[interval]
        return answer(function, {day: plain(100.0) for day in days})
    return intraday(str(interval), {f"2026-11-20 {hour}:00:00": plain(100.0) for hour in (15, 14, 13)})


def anything(random: Random, depth: int = 0) -> Any:
    """Return any JSON value."""
    kind = random.randrange(9 if depth < 4 else 6)
    if kind < 4:
        return random.choice(TEXTS)
    if kind < 6:
        return random.choice((*NUMBERS, None, True, False))
    if kind == 6:
        return [anything(random, depth + 1) for _ in range(random.randrange(4))]
    return {random.choice(TEXTS): anything(random, depth + 1) for _ in range(random.randrange(5))}


def bent(payload: Any, random: Random) -> Any:
    """Return an answer in which one thing is another: a value, a name, or something missing or new."""
    if not isinstance(payload, dict) or not payload or random.random() < 0.1:
        return anything(random)
    name = random.choice(list(payload))
    deeper = isinstance(payload[name], dict) and random.random() < 0.8
    if deeper:
        return {**payload, name: bent(payload[name], random)}
    others = {key: value for key, value in payload.items() if key != name}
    return random.choice(
        (
            others,
            {**payload, name: anything(random)},
            {**payload, random.choice(TEXTS): payload[name]},
            {**others, random.choice(TEXTS): payload[name]},
        )
    )


def any_json(random: Random, interval: Interval) -> bytes:
    """Return any JSON, under the name of the series or not."""
    value = anything(random)
    series = next(key for key in good(interval) if key != "Meta Data")
    wrapped = {"Meta Data": anything(random), series: value} if random.random() < 0.5 else value
    return json.dumps(wrapped).encode()


def nearly_good(random: Random, interval: Interval) -> bytes:
    """Return a good answer with one to three changes."""
    payload: Any = good(interval)
    for _ in range(random.randint(1, 3)):
        payload = bent(payload, random)
    return json.dumps(payload).encode()


def any_bytes(random: Random, interval: Interval) -> bytes:
    """Return noise, or a good answer with a byte changed, or a part of one."""
    body = json.dumps(good(interval)).encode()
    place = random.randrange(len(body))
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: random.randbytes(random.randrange(200)),
        lambda: body[:place],
        lambda: body[place:],
        lambda: body[:place] + random.randbytes(1) + body[place + 1 :],
        lambda: body[:place] + random.randbytes(3) + body[place:],
        lambda: body.decode().encode(random.choice(("utf-16", "utf-32", "utf-8-sig", "cp037"))),
    )
    return random.choice(kinds)()
