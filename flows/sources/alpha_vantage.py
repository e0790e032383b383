"""Bars from Alpha Vantage, or from any server that answers like it.

Source: the vendor's documentation of its stock time series.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flows.core.bars import Origin
from flows.core.cleaning import RawSeries
from flows.core.connections import AlphaVantageConnection
from flows.core.errors import BrokenAnswer, OnlyCompact
from flows.sources.answers import error_in
from flows.sources.base import BarRequest, Listed
from flows.sources.bodies import object_in
from flows.sources.functions import function_for, parameters, split_parameters
from flows.sources.http import get
from flows.sources.shapes import adjusted_row, named, row, zone_in
from flows.sources.split_answers import parse_splits

ADJUSTED_NOTE = ("prices are adjusted by the source for splits and dividends",)


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

    def splits(self, symbol: str, spend: Callable[[], None]) -> tuple[Listed, ...]:
        """Return the splits of one symbol, whatever its bars are adjusted for."""
        body = self._get(symbol, split_parameters(self.connection, symbol), spend)
        return parse_splits(body, symbol, self.connection.secrets)

    def _may_ask_for_less(self, request: BarRequest) -> bool:
        function = function_for(request.interval, adjusted=self.connection.adjusted)
        return function.sizes and self.connection.outputsize == "full"

    def _ask(self, request: BarRequest, spend: Callable[[], None], outputsize: str) -> RawSeries:
        body = self._get(request.symbol, parameters(self.connection, request, outputsize), spend)
        return parse(body, request, self.origin, self.connection.secrets, adjusted=self.connection.adjusted)

    def _get(self, symbol: str, query: Mapping[str, str], spend: Callable[[], None]) -> bytes:
        spend()
        return get(
            self.connection.base_url,
            query,
            timeouts=(self.connection.connect_timeout, self.connection.read_timeout),
            who=f"{symbol}, fetch",
            secrets=self.connection.secrets,
        )


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
    payload = object_in(body, request.symbol, secrets)
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


def _printable(text: str, most: int = 20) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])


def _name_note(meta: dict[str, object], symbol: str) -> tuple[str, ...]:
    name = str(meta.get("Symbol", symbol))
    if name.upper() == symbol.upper():
        return ()
    return (f"asked for {symbol}, the source answered with bars that it calls {_printable(name)}",)
