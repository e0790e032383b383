"""Bars from Alpha Vantage, or from any server that answers like it.

Source: the vendor's documentation of TIME_SERIES_DAILY.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson

from flows.core.bars import Origin
from flows.core.cleaning import RawBar, RawSeries
from flows.core.connections import AlphaVantageConnection
from flows.core.errors import BrokenAnswer, PremiumOnly
from flows.core.redaction import MASK, forms, redact
from flows.sources.answers import error_in
from flows.sources.base import BarRequest
from flows.sources.http import get

SERIES_KEY = "Time Series (Daily)"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_NUMBERING = re.compile(r"^\d+[a-z]?\.\s*")


@dataclass(frozen=True, slots=True)
class AlphaVantage:
    """The source behind an AlphaVantageConnection."""

    connection: AlphaVantageConnection

    @property
    def origin(self) -> Origin:
        """Live for the vendor's own host, sample for the bundled server, custom for any other."""
        return self.connection.origin

    def fetch(self, request: BarRequest, spend: Callable[[], None]) -> RawSeries:
        """Return the daily bars of one symbol; a refused outputsize=full becomes compact, with a note."""
        try:
            return self._ask(request, spend, self.connection.outputsize)
        except PremiumOnly:
            if self.connection.outputsize != "full":
                raise
        series = self._ask(request, spend, "compact")
        note = "the key's plan refused outputsize=full, so only the last 100 bars were fetched"
        return replace(series, notes=(*series.notes, note))

    def _ask(self, request: BarRequest, spend: Callable[[], None], outputsize: str) -> RawSeries:
        spend()
        body = get(
            self.connection.base_url,
            {
                "function": "TIME_SERIES_DAILY",
                "symbol": request.symbol,
                "outputsize": outputsize,
                "datatype": "json",
                "apikey": self.connection.api_key,
            },
            timeouts=(self.connection.connect_timeout, self.connection.read_timeout),
            who=f"{request.symbol}, fetch",
            secrets=self.connection.secrets,
        )
        return parse(body, request, self.origin, self.connection.secrets)


def parse(body: bytes, request: BarRequest, origin: Origin, secrets: Sequence[str] = ()) -> RawSeries:
    """Return the rows in an answer's body, columns named by meaning and values untouched.

    Args:
        body: What the server answered.
        request: What it was asked.
        origin: What the bars are marked with.
        secrets: Taken out of the answer before anything reads it: the quota message echoes the key.

    Raises:
        NextcloseError: The answer says that something is wrong, or has not the documented shape.
    """
    payload = _object(body, request.symbol, secrets)
    error = error_in(payload, request.symbol)
    if error is not None:
        raise error
    series = next((value for key, value in payload.items() if key.startswith(SERIES_KEY)), None)
    if not isinstance(series, dict) or not series:
        raise BrokenAnswer(
            f"{request.symbol}, fetch: the answer holds no bars under {SERIES_KEY!r}, only {sorted(payload)[:5]}. "
            "Check the symbol and base_url; a retry would give the same"
        )
    rows = tuple(_row(time, values) for time, values in series.items())
    notes = _name_note(payload, request.symbol)
    return RawSeries(request.symbol, request.interval, origin, rows, request.received_at, notes)


def _object(body: bytes, symbol: str, secrets: Sequence[str]) -> dict[str, object]:
    try:
        payload = orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
        if secrets:
            # Written anew, the text holds no escape that a secret could hide in.
            payload = orjson.loads(_without(orjson.dumps(payload).decode(), secrets))
    except TypeError:
        raise BrokenAnswer(f"{symbol}, fetch: the answer is nested too deeply for bars. Check base_url") from None
    except orjson.JSONDecodeError:
        start = redact(body.decode("utf-8", "replace"), secrets)[:60]
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


def _row(time: str, values: object) -> RawBar:
    cells = {_NUMBERING.sub("", name): value for name, value in values.items()} if isinstance(values, dict) else {}
    return RawBar(time, *(cells.get(name) for name in RawBar._fields[1:]))


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:20])


def _name_note(payload: dict[str, object], symbol: str) -> tuple[str, ...]:
    meta = payload.get("Meta Data")
    cells = {_NUMBERING.sub("", str(name)): value for name, value in meta.items()} if isinstance(meta, dict) else {}
    named = str(cells.get("Symbol", symbol))
    if named.upper() == symbol.upper():
        return ()
    return (f"asked for {symbol}, the source answered with bars that it calls {_printable(named)}",)
