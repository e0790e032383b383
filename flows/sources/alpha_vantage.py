"""Bars from Alpha Vantage, or from any server that answers like it.

Source: the vendor's documentation of its stock time series.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson

from flows.core.bars import Origin
from flows.core.cleaning import RawSeries
from flows.core.connections import AlphaVantageConnection
from flows.core.errors import BrokenAnswer, OnlyCompact
from flows.core.redaction import MASK, forms, redact
from flows.sources.answers import error_in
from flows.sources.base import BarRequest
from flows.sources.functions import function_for, parameters
from flows.sources.http import get
from flows.sources.shapes import adjusted_row, named, row, zone_in

ADJUSTED_NOTE = ("prices are adjusted by the source for splits and dividends",)
LONGEST_START = 2_000
"""Bytes of an answer that is no JSON that are looked at for its beginning."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class AlphaVantage:
    """The source behind an AlphaVantageConnection."""

    connection: AlphaVantageConnection

    @property
    def origin(self) -> Origin:
        """Live for the vendor's own host, sample for the bundled server, custom for any other."""
        return self.connection.origin

    def fetch(self, request: BarRequest, spend: Callable[[], None]) -> RawSeries:
        """Return the bars of one symbol; a refused outputsize=full becomes compact, with a note."""
        try:
            return self._ask(request, spend, self.connection.outputsize)
        except OnlyCompact:
            if not self._may_ask_for_less(request):
                raise
        series = self._ask(request, spend, "compact")
        note = "the key's plan refused outputsize=full, so only the last 100 bars were fetched"
        return replace(series, notes=(*series.notes, note))

    def _may_ask_for_less(self, request: BarRequest) -> bool:
        function = function_for(request.interval, adjusted=self.connection.adjusted)
        return function.sizes and self.connection.outputsize == "full"

    def _ask(self, request: BarRequest, spend: Callable[[], None], outputsize: str) -> RawSeries:
        spend()
        body = get(
            self.connection.base_url,
            parameters(self.connection, request, outputsize),
            timeouts=(self.connection.connect_timeout, self.connection.read_timeout),
            who=f"{request.symbol}, fetch",
            secrets=self.connection.secrets,
        )
        return parse(body, request, self.origin, self.connection.secrets, adjusted=self.connection.adjusted)


def parse(
    body: bytes, request: BarRequest, origin: Origin, secrets: Sequence[str] = (), *, adjusted: bool = False
) -> RawSeries:
    """Return the rows in an answer's body, columns named by meaning and values untouched.

    Args:
        body: What the server answered.
        request: What it was asked.
        origin: What the bars are marked with.
        secrets: Taken out of the answer before anything reads it: the quota message echoes the key.
        adjusted: Scale all prices to the adjusted close.

    Raises:
        NextcloseError: The answer says that something is wrong, or has not the documented shape.
    """
    payload = _object(body, request.symbol, secrets)
    error = error_in(payload, request.symbol)
    if error is not None:
        raise error
    function = function_for(request.interval, adjusted=adjusted)
    series = next((value for key, value in payload.items() if key.startswith(function.series)), None)
    if not isinstance(series, dict) or not series:
        raise BrokenAnswer(
            f"{request.symbol}, fetch: the answer holds no bars under {function.series!r}, only {_keys(payload)}. "
            "Check the symbol and base_url; a retry would give the same"
        )
    meta = named(payload.get("Meta Data"))
    make = adjusted_row if "ADJUSTED" in function.name else row
    rows = tuple(make(time, values) for time, values in series.items())
    notes = (*_name_note(meta, request.symbol), *(ADJUSTED_NOTE if adjusted else ()))
    zone = _zone(meta, request)
    return RawSeries(request.symbol, request.interval, origin, rows, request.received_at, notes, zone)


def _keys(payload: dict[str, object]) -> list[str]:
    return [_printable(key, 40) for key in sorted(payload)[:5]]


def _zone(meta: dict[str, object], request: BarRequest) -> str:
    if request.interval.minutes is None:
        return ""
    zone = zone_in(meta)
    if zone is None:
        raise BrokenAnswer(
            f"{request.symbol}, fetch: the answer names no time zone that is known, so its times mean nothing. "
            "Check base_url; a retry would give the same"
        )
    return zone


def _object(body: bytes, symbol: str, secrets: Sequence[str]) -> dict[str, object]:
    try:
        payload = orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
        if secrets:
            # Written anew, the text holds no escape that a secret could hide in.
            payload = orjson.loads(_without(orjson.dumps(payload).decode(), secrets))
    except TypeError:
        raise BrokenAnswer(f"{symbol}, fetch: the answer is nested too deeply for bars. Check base_url") from None
    except orjson.JSONDecodeError:
        # Without its unprintable signs, between which a secret could hide: UTF-16 has one after each letter.
        plain = "".join(sign for sign in body[:LONGEST_START].decode("utf-8", "replace") if sign.isprintable())
        start = redact(plain, secrets)[:60]
        raise BrokenAnswer(
            f"{symbol}, fetch: the answer is not JSON, it begins with {start!r}. Check base_url and any proxy between"
        ) from None
    if not isinstance(payload, dict):
        raise BrokenAnswer(f"{symbol}, fetch: the answer is JSON, but no object. Check base_url in the block")
    return payload


def _without(text: str, secrets: Sequence[str]) -> str:
    for form in forms(secrets):
        text = re.sub(re.escape(orjson.dumps(form).decode()[1:-1]), MASK, text, flags=re.IGNORECASE)
    return text


def _printable(text: str, most: int = 20) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])


def _name_note(meta: dict[str, object], symbol: str) -> tuple[str, ...]:
    name = str(meta.get("Symbol", symbol))
    if name.upper() == symbol.upper():
        return ()
    return (f"asked for {symbol}, the source answered with bars that it calls {_printable(name)}",)
