"""A look-alike of Alpha Vantage over HTTP, with real prices of a few years ago. For the demo only."""

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flows.core.connections import SAMPLE_PATH

PRICES = Path(__file__).with_name("prices")
HOST = "127.0.0.1"
COMPACT = 100
COLUMNS = ("open", "high", "low", "close", "volume")


class MarketServer(ThreadingHTTPServer):
    """Answers from the bundled prices up to a day that its owner sets."""

    daemon_threads = True
    last_day = "9999-12-31"
    """The newest session that is told of; the demo moves it on."""

    @property
    def url(self) -> str:
        """The address to give to the alpha-vantage block."""
        return f"http://{HOST}:{self.server_port}{SAMPLE_PATH}query"


class _Handler(BaseHTTPRequestHandler):
    server: MarketServer

    def do_GET(self) -> None:
        """Answer one query."""
        url = urlsplit(self.path)
        if not url.path.startswith(SAMPLE_PATH):
            self.send_error(404)
            return
        body = json.dumps(answer(dict(parse_qsl(url.query)), self.server.last_day)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the query holds a key."""


@contextmanager
def market_server() -> Iterator[MarketServer]:
    """Run the server on a free loopback port."""
    server = MarketServer((HOST, 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="nextclose-market", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def symbols() -> tuple[str, ...]:
    """Return the symbols whose prices are bundled."""
    return tuple(sorted(path.stem for path in PRICES.glob("*.csv")))


def sessions(symbol: str) -> tuple[str, ...]:
    """Return the ISO dates of a bundled symbol's bars, oldest first."""
    return tuple(row["date"] for row in _rows(symbol))


def close_of(symbol: str, day: str) -> float:
    """Return a bundled close."""
    return float(next(row["close"] for row in _rows(symbol) if row["date"] == day))


def answer(query: dict[str, str], last_day: str) -> dict[str, object]:
    """Return what Alpha Vantage would answer, in its words."""
    symbol = query.get("symbol", "").upper()
    if query.get("function") not in ("TIME_SERIES_DAILY", "SPLITS"):
        return {"Error Message": f"This API function ({query.get('function', '')}) does not exist."}
    if symbol not in symbols():
        return {
            "Error Message": "Invalid API call. Please retry or visit the documentation "
            f"(https://www.alphavantage.co/documentation/) for {query['function']}."
        }
    if query["function"] == "SPLITS":
        # None of them was split in these years.
        return {"symbol": symbol, "data": []}
    size = query.get("outputsize", "compact")
    rows = [row for row in _rows(symbol) if row["date"] <= last_day]
    chosen = rows if size == "full" else rows[-COMPACT:]
    return {
        "Meta Data": {
            "1. Information": "Daily Prices (open, high, low, close) and Volumes",
            "2. Symbol": symbol,
            "3. Last Refreshed": chosen[-1]["date"],
            "4. Output Size": "Full size" if size == "full" else "Compact",
            "5. Time Zone": "US/Eastern",
        },
        "Time Series (Daily)": {row["date"]: _cells(row) for row in reversed(chosen)},
    }


def _cells(row: dict[str, str]) -> dict[str, str]:
    return {f"{number}. {name}": row[name] for number, name in enumerate(COLUMNS, 1)}


@lru_cache
def _rows(symbol: str) -> tuple[dict[str, str], ...]:
    with (PRICES / f"{symbol}.csv").open(newline="", encoding="ascii") as file:
        return tuple(csv.DictReader(file))
