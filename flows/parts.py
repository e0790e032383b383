"""Which parts a run uses: what a block names, and the embedded default where there is no block."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prefect_email import EmailServerCredentials

from blocks import AlphaVantageCredentials, CsvFiles, KafkaCluster, Ledger
from flows.core.bars import Origin
from flows.core.connections import (
    DEMO_KEY,
    AlphaVantageConnection,
    KafkaConnection,
    LedgerConnection,
    MailSettings,
    SourceConnection,
)
from flows.core.errors import FixConfiguration
from flows.core.redaction import sealed
from flows.embedded.broker import embedded_broker, running_broker
from flows.embedded.mailbox import HOST, mailbox
from flows.embedded.state import state_directory
from flows.ledger.addresses import address_in, shown
from flows.stored_blocks import SMTP_BLOCK, VENDOR, Faults, Stored, all_stored
from flows.stream.senders import Senders

NOBODY = MailSettings("nextclose@localhost", ("you@localhost",))
"""Who writes to whom while no alerts block exists: the mails are files anyway."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The plain configurations of one run."""

    source: SourceConnection
    kafka: KafkaConnection
    ledger: LedgerConnection
    mail: MailSettings
    smtp: EmailServerCredentials = field(repr=False)
    lines: tuple[str, ...] = ()
    """What is used, one line a part, without secrets."""
    senders: Senders = field(init=False, repr=False, compare=False)
    """Producers to `kafka`: other parts have others."""

    def __post_init__(self) -> None:
        """Begin without producers."""
        object.__setattr__(self, "senders", Senders(self.kafka))

    @property
    def origin(self) -> Origin:
        """Where the bars of this run come from."""
        return self.source.origin

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values to take out of any text."""
        return (*self.source.secrets, *self.kafka.secrets, *self.ledger.secrets, self.smtp.password.get_secret_value())


@contextmanager
def parts_in_use(source: str = VENDOR, faults: Faults | None = None) -> Iterator[Parts]:
    """Load every block that exists, and run the embedded default of every other part while the run lasts.

    Args:
        source: The name of the block that bars come from.
        faults: Filled with the blocks that cannot be used; their parts are not those that a run would use.

    Raises:
        FixConfiguration: The source needs a block that nobody has made, or a block cannot be used and `faults` is not given.
    """
    state = state_directory()
    found = all_stored(source, faults)
    with ExitStack() as stack:
        connection, source_line = _source(source, found.source)
        kafka, kafka_line = _kafka(found.kafka, stack, state)
        ledger, ledger_line = _ledger(found.ledger, state, connection.origin)
        mail, smtp, mail_line = _mail(found, stack, state)
        parts = Parts(connection, kafka, ledger, mail, smtp, (source_line, kafka_line, ledger_line, mail_line))
        stack.callback(parts.senders.close)
        with sealed(parts.secrets):
            yield parts


def _source(name: str, block: AlphaVantageCredentials | CsvFiles | None) -> tuple[SourceConnection, str]:
    if block is None and name == VENDOR:
        line = "bars: Alpha Vantage with its public demo key (IBM only; no alpha-vantage block)"
        return AlphaVantageConnection(DEMO_KEY), line
    if block is None:
        raise FixConfiguration(
            f"request: there is no {name} block to take bars from. Make it in Prefect's UI, or name what it holds and "
            "run `nextclose configure` (see --show)"
        )
    connection = block.connection()
    return connection, f"bars: {connection.account}, origin {connection.origin} (block {name})"


def _kafka(block: KafkaCluster | None, stack: ExitStack, state: Path) -> tuple[KafkaConnection, str]:
    if block is not None:
        connection = block.connection()
        return connection, f"Kafka: {connection.address} (block kafka)"
    held = running_broker(state)
    if held is not None:
        return held, f"Kafka: embedded broker of `make up` at {held.address} (no kafka block)"
    connection = stack.enter_context(embedded_broker())
    return connection, f"Kafka: embedded broker at {connection.address}, for this run only (no kafka block)"


def _ledger(block: Ledger | None, state: Path, origin: Origin) -> tuple[LedgerConnection, str]:
    if block is not None:
        connection = block.connection()
        return connection, f"ledger: {shown(address_in(connection.url))} (block ledger)"
    place = state / "demo" if origin is Origin.SAMPLE else state
    return default_ledger(place), f"ledger: {place / 'ledger.db'} (no ledger block)"


def default_ledger(place: Path) -> LedgerConnection:
    """Return the SQLite ledger in a folder."""
    return LedgerConnection(f"sqlite:///{place / 'ledger.db'}")


def _mail(found: Stored, stack: ExitStack, state: Path) -> tuple[MailSettings, EmailServerCredentials, str]:
    settings = found.alerts.settings() if found.alerts is not None else NOBODY
    name = found.alerts.smtp_block if found.alerts is not None else SMTP_BLOCK
    to = ", ".join(settings.recipients)
    if found.smtp is not None:
        host, port = getattr(found.smtp.smtp_server, "value", found.smtp.smtp_server), found.smtp.smtp_port
        return settings, found.smtp, f"mail: to {to} through {host}:{port or found.smtp.smtp_type.value} (block {name})"
    outbox = state / "outbox"
    port = stack.enter_context(mailbox(outbox))
    smtp = EmailServerCredentials(smtp_server=HOST, smtp_port=port, smtp_type="INSECURE")
    return settings, smtp, f"mail: to {to} as files in {outbox} (no {name} block)"
