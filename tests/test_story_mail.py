"""Tests of what stands behind a mail: the forecast is written down first, and a mail that cannot leave is no secret."""

import socket
from datetime import UTC, datetime

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from flows.cli.configure import apply
from tests.servers import mail_server
from tests.world import World, report_of

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


class Curious:
    """A mail server that looks into the ledger while it takes a mail."""

    def __init__(self, here: World) -> None:
        """Look into this world's ledger."""
        self.here = here
        self.seen: list[tuple[str, bool]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - its name
        """Remember what is recorded at this moment, and whether it stands on its topic."""
        with self.here.ledger.connect() as connection:
            query = text("SELECT symbol, topic_offset IS NOT NULL AS published FROM forecasts")
            self.seen = [(row.symbol, bool(row.published)) for row in connection.execute(query)]
        return "250 kept"


def test_a_forecast_is_recorded_before_anybody_is_told(here: World) -> None:
    """At the moment when the mail server takes the mail, ledger and topic hold the forecast."""
    curious = Curious(here)
    with mail_server(curious) as port:
        apply({"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"})
        assert here.symbol(now=NOW).name == "Sent"
    assert curious.seen == [("IBM", True)]


@pytest.mark.torture
def test_a_mail_that_cannot_leave_ends_the_run_as_failed(here: World) -> None:
    """With the mail server down through all retries, the forecast is kept, and the run's state says what happened."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    apply({"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"})
    state = here.symbol(now=NOW)
    assert (state.name, len(report_of(state).entries)) == ("Failed", 1)
    assert "not mailed" in str(state.message)
    assert "smtp" in str(state.message)
