"""Bars from CSV files in a folder or behind an address."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flows.core.bars import Interval, Origin
from flows.core.cleaning import RawSeries
from flows.core.connections import CsvConnection
from flows.core.errors import BrokenAnswer, FixConfiguration, RejectSymbol
from flows.sources.base import BarRequest
from flows.sources.http import LARGEST_BODY, Words, get
from flows.sources.tables import rows_in_csv

WORDS = Words("location", "Check location in the csv-files block", RejectSymbol)


@dataclass(frozen=True, slots=True)
class CsvFiles:
    """The source behind a CsvConnection: one file for each symbol and interval."""

    connection: CsvConnection

    @property
    def origin(self) -> Origin:
        """Always custom."""
        return self.connection.origin

    def fetch(self, request: BarRequest, spend: Callable[[], None]) -> RawSeries:
        """Return the bars in the symbol's file; only a file behind an address costs a request."""
        who = f"{request.symbol}, fetch"
        body = self._download(request, spend, who) if self.connection.is_remote else self._read(request, who)
        c = self.connection
        rows, notes = rows_in_csv(body, request.interval, c.columns, c.delimiter, who)
        if not rows:
            raise BrokenAnswer(f"{who}: the file has a heading and no bars. Fill it, or take the symbol off the list")
        return RawSeries(request.symbol, request.interval, self.origin, rows, request.received_at, notes, c.zone)

    def _download(self, request: BarRequest, spend: Callable[[], None], who: str) -> bytes:
        spend()
        template = self.connection.location
        if "{symbol}" not in template:
            template = template.rstrip("/") + "/" + _names(request)[-1]
        address = _filled(template, quote(request.symbol), request.interval)
        return get(
            address,
            {},
            timeouts=(self.connection.connect_timeout, self.connection.read_timeout),
            who=who,
            words=WORDS,
        )

    def _read(self, request: BarRequest, who: str) -> bytes:
        paths = self._paths(request)
        path = paths[0]
        try:
            path = next((path for path in paths if path.is_file()), path)
            if path.stat().st_size > LARGEST_BODY:
                raise BrokenAnswer(
                    f"{who}: {path} is larger than {LARGEST_BODY // 1024**2} MiB. Split it by interval, or keep fewer years"
                )
            return path.read_bytes()
        except FileNotFoundError:
            names = " or ".join(str(path) for path in paths)
            raise RejectSymbol(
                f"{who}: there is no file {names}. Put one there, or mend location in the csv-files block (CSV_LOCATION)"
            ) from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise FixConfiguration(
                f"{who}: {path} cannot be read ({why}). Check its rights, and location in the csv-files block (CSV_LOCATION)"
            ) from None

    def _paths(self, request: BarRequest) -> list[Path]:
        if "{symbol}" in self.connection.location:
            return [Path(_filled(self.connection.location, request.symbol, request.interval))]
        return [Path(self.connection.location) / name for name in _names(request)]


def _names(request: BarRequest) -> tuple[str, ...]:
    exact = f"{request.symbol}-{request.interval}.csv"
    return (exact, f"{request.symbol}.csv") if request.interval is Interval.DAILY else (exact,)


def _filled(template: str, symbol: str, interval: Interval) -> str:
    return template.replace("{symbol}", symbol).replace("{interval}", str(interval))
