"""One site for all tests of this folder, on a system with old zone data, with short waiting times."""

import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from flows.core.calendars import calendar_of
from tests.answers import daily
from tests.operating.site import ROOT, Post, Site, free_port, post
from tests.prefect_server import put_database
from tests.servers import market

SHORT = {
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS": "4",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "3",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "10",
}
SILENT, GONE = ("within: 120", "within: 45"), ("within: 20", "within: 10")
"""Windows of automations.yaml, and what they are shortened to; Prefect's heartbeat comes every 30 seconds."""


@pytest.fixture(scope="package")
def letters() -> Iterator[Post]:
    """The site's mail server."""
    with post() as made:
        yield made


def old_zones(folder: Path) -> Path:
    """Make zone data in which Morocco still changes its clocks, as before 2026c."""
    (folder / "Africa").mkdir(parents=True)
    one_hour_ahead = files("tzdata.zoneinfo.Etc").joinpath("GMT-1").read_bytes()
    (folder / "Africa" / "Casablanca").write_bytes(one_hour_ahead)
    return folder


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, letters: Post) -> Iterator[Site]:
    """A server, a worker and deployments, made by `nextclose up` as a person would."""
    assert zoneinfo.TZPATH == ()
    last = calendar_of("IBM").slot(datetime.now(UTC)).as_of.label
    with market(lambda query: daily(query["symbol"], last)) as server:
        made = Site(tmp_path_factory.mktemp("site"), free_port(), server.url)
        put_database(made.folder / ".nextclose" / "prefect" / "prefect.db", tmp_path_factory)
        for name in ("prefect.yaml", "automations.yaml"):
            (made.folder / name).unlink()
            shutil.copy(ROOT / name, made.folder / name)
        made.edit("automations.yaml", *SILENT)
        made.edit("automations.yaml", *GONE)
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(letters.port), "SMTP_TYPE": "INSECURE"}
        paces = {"ALPHAVANTAGE_DAILY_REQUESTS": "", "ALPHAVANTAGE_REQUESTS_PER_SECOND": ""}
        zones = str(old_zones(tmp_path_factory.mktemp("zones")))
        made.environment |= {**SHORT, **mail, **paces, "MAIL_TO": "you@example.test", "PYTHONTZPATH": zones}
        for words in (("configure",), ("up", "--port", str(made.port))):
            done = made.nextclose(*words)
            assert done.returncode == 0, done.stderr
        yield made
        made.nextclose("down")
