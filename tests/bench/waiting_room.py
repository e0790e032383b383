"""A real site to wait at: a folder with the project in it, server, worker and broker, a market and a mail server."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from flows.core.calendars import calendar_of
from flows.embedded.mailbox import mailbox
from tests.answers import daily
from tests.operating.site import ROOT, Site, free_port
from tests.servers import Market, market

LIMIT = 120.0
DEPLOYMENT = "forecast-symbol/ad-hoc"
ALARMS = "automations.yaml"
ADDRESSES = {"MAIL_FROM": "bench@example.org", "MAIL_TO": "reader@example.org"}
UNLIMITED = {"ALPHAVANTAGE_DAILY_REQUESTS": "", "ALPHAVANTAGE_REQUESTS_PER_SECOND": ""}
Run = Mapping[str, Any]


@dataclass
class Vendor:
    """Answers for every symbol that was made beforehand, and counts the time that its answers take."""

    last: str
    bars: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    def fresh(self) -> str:
        """Return a symbol that nobody has asked for yet, so that no cache and no ledger knows it."""
        symbol = f"WAIT{next(self._numbers)}"
        self.bars[symbol] = daily(symbol, self.last)
        return symbol

    def answer(self, query: Mapping[str, str]) -> object:
        """Answer one query."""
        began = time.perf_counter()
        try:
            return self.bars[query["symbol"]]
        finally:
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True)
class Room:
    """The site, and what stands beside it."""

    site: Site
    vendor: Vendor
    market: Market
    smtp_port: int
    mails: Path

    @property
    def api(self) -> str:
        """The address of Prefect's server."""
        return f"http://127.0.0.1:{self.site.port}/api"

    @property
    def broker(self) -> str:
        """The address of the broker that all runs meet on."""
        return (self.site.folder / ".nextclose" / "kafka" / "embedded").read_text(encoding="ascii").strip()

    def nextclose(self, *words: str) -> CompletedProcess[str]:
        """Run one command beside the running server; it must succeed."""
        done = self.site.nextclose(*words)
        assert done.returncode == 0, f"{words}: {done.stdout[-500:]} {done.stderr[-2000:]}"
        return done

    def deployed(self, **parameters: object) -> tuple[float, Run]:
        """Let the worker run the deployment to its end; return the instant of the request, and the run."""
        found = httpx.get(f"{self.api}/deployments/name/{DEPLOYMENT}").json()
        asked = time.time()
        run = httpx.post(
            f"{self.api}/deployments/{found['id']}/create_flow_run", json={"parameters": parameters}
        ).json()
        until = time.monotonic() + LIMIT
        while run.get("end_time") is None:
            assert time.monotonic() < until, f"the run is {run.get('state_name')} after {LIMIT:.0f} s"
            time.sleep(0.2)
            run = httpx.get(f"{self.api}/flow_runs/{run['id']}").json()
        assert run["state"]["name"] == "Sent", run["state"]
        return asked, run


@contextmanager
def waiting_room() -> Iterator[Room]:
    """Configure a site as a person would, and take it up and down."""
    vendor = Vendor(calendar_of("IBM").slot(datetime.now(UTC)).as_of.label)
    with TemporaryDirectory(prefix="nextclose-bench-") as place, market(vendor.answer) as server:
        mails, folder = Path(place) / "mails", Path(place) / "site"
        folder.mkdir()
        with mailbox(mails) as port:
            site = Site(folder, free_port(), server.url)
            (folder / ALARMS).unlink(missing_ok=True)
            (folder / ALARMS).symlink_to(ROOT / ALARMS)
            smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"}
            site.environment |= {**UNLIMITED, **ADDRESSES, **smtp, "PYTHONPATH": str(ROOT)}
            room = Room(site, vendor, server, port, mails)
            room.nextclose("configure")
            try:
                room.nextclose("up", "--port", str(site.port))
                site.environment |= {
                    "PREFECT_API_URL": room.api,
                    "PREFECT_HOME": str(folder / ".nextclose" / "prefect"),
                }
                yield room
            finally:
                site.nextclose("down")
