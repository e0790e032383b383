"""Which parts a run uses: what a block names, and the embedded default where there is no block."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from prefect.blocks.core import Block
from prefect_email import EmailServerCredentials
from sqlalchemy import make_url

from blocks import AlphaVantageCredentials, KafkaCluster, Ledger, MailAlerts
from flows.core.bars import Origin
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.embedded.broker import embedded_broker, running_broker
from flows.embedded.mailbox import HOST, mailbox
from flows.embedded.state import state_directory

BlockT = TypeVar("BlockT", bound=Block)

NOBODY = MailSettings("nextclose@localhost", ("you@localhost",))
"""Who writes to whom while no alerts block exists: the mails are files anyway."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The plain configurations of one run."""

    source: AlphaVantageConnection
    kafka: KafkaConnection
    ledger: LedgerConnection
    mail: MailSettings
    smtp: EmailServerCredentials = field(repr=False)
    lines: tuple[str, ...] = ()
    """What is used, one line a part, without secrets."""

    @property
    def origin(self) -> Origin:
        """Where the bars of this run come from."""
        return self.source.origin


@contextmanager
def parts_in_use() -> Iterator[Parts]:
    """Load every block that exists, and run the embedded default of every other part while the run lasts."""
    state = state_directory()
    with ExitStack() as stack:
        source, source_line = _source()
        kafka, kafka_line = _kafka(stack, state)
        ledger, ledger_line = _ledger(state, source.origin)
        mail, smtp, mail_line = _mail(stack, state)
        lines = (source_line, kafka_line, ledger_line, mail_line)
        yield Parts(source, kafka, ledger, mail, smtp, lines)


def stored(block: type[BlockT], name: str) -> BlockT | None:
    """Return the block of this name, or None where nobody has made it."""
    try:
        found = block.load(name)
    except ValueError as error:
        # Prefect raises this for a missing document; its message is the only way to tell that from a broken one.
        if "Unable to find block document" in str(error):
            return None
        raise
    return found if isinstance(found, block) else None


def _source() -> tuple[AlphaVantageConnection, str]:
    block = stored(AlphaVantageCredentials, "alpha-vantage")
    if block is None:
        return AlphaVantageConnection(
            "demo"
        ), "bars: Alpha Vantage with its public demo key (IBM only; no alpha-vantage block)"
    connection = block.connection()
    return connection, f"bars: {connection.account}, origin {connection.origin} (block alpha-vantage)"


def _kafka(stack: ExitStack, state: Path) -> tuple[KafkaConnection, str]:
    block = stored(KafkaCluster, "kafka")
    if block is not None:
        connection = block.connection()
        return connection, f"Kafka: {connection.address} (block kafka)"
    held = running_broker(state)
    if held is not None:
        return held, f"Kafka: embedded broker of `make up` at {held.address} (no kafka block)"
    connection = stack.enter_context(embedded_broker())
    return connection, f"Kafka: embedded broker at {connection.address}, for this run only (no kafka block)"


def _ledger(state: Path, origin: Origin) -> tuple[LedgerConnection, str]:
    block = stored(Ledger, "ledger")
    if block is not None:
        connection = block.connection()
        return connection, f"ledger: {make_url(connection.url).set(query={}).render_as_string()} (block ledger)"
    place = state / "demo" if origin is Origin.SAMPLE else state
    return default_ledger(place), f"ledger: {place / 'ledger.db'} (no ledger block)"


def default_ledger(place: Path) -> LedgerConnection:
    """Return the SQLite ledger in a folder."""
    return LedgerConnection(f"sqlite:///{place / 'ledger.db'}")


def _mail(stack: ExitStack, state: Path) -> tuple[MailSettings, EmailServerCredentials, str]:
    alerts = stored(MailAlerts, "alerts")
    settings = alerts.settings() if alerts is not None else NOBODY
    name = alerts.smtp_block if alerts is not None else "smtp"
    block = stored(EmailServerCredentials, name)
    to = ", ".join(settings.recipients)
    if block is not None:
        return settings, block, f"mail: to {to} through {smtp_address(block)} (block {name})"
    outbox = state / "outbox"
    port = stack.enter_context(mailbox(outbox))
    smtp = EmailServerCredentials(smtp_server=HOST, smtp_port=port, smtp_type="INSECURE")
    return settings, smtp, f"mail: to {to} as files in {outbox} (no {name} block)"


def smtp_address(block: EmailServerCredentials) -> str:
    """Return a mail server's host and port."""
    host = getattr(block.smtp_server, "value", block.smtp_server)
    return f"{host}:{block.smtp_port or block.smtp_type.value}"
