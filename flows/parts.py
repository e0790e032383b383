"""Which parts a run uses: what a block names, and the embedded default where there is no block."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from prefect.blocks.core import Block
from prefect.client.orchestration import PrefectClient, get_client
from prefect_email import EmailServerCredentials
from pydantic import ValidationError

from blocks import AlphaVantageCredentials, CsvFiles, KafkaCluster, Ledger, MailAlerts
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
from flows.stream.senders import Senders

BlockT = TypeVar("BlockT", bound=Block)

VENDOR, SMTP_BLOCK = "alpha-vantage", "smtp"
SOURCES: Mapping[str, type[AlphaVantageCredentials | CsvFiles]] = {
    VENDOR: AlphaVantageCredentials,
    "csv-files": CsvFiles,
}
"""The block of each source, by its name."""
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
def parts_in_use(source: str = VENDOR) -> Iterator[Parts]:
    """Load every block that exists, and run the embedded default of every other part while the run lasts.

    Args:
        source: The name of the block that bars come from.

    Raises:
        FixConfiguration: The source needs a block that nobody has made.
    """
    state = state_directory()
    found = asyncio.run(_load_all(source))
    with ExitStack() as stack:
        connection, source_line = _source(source, found.source)
        kafka, kafka_line = _kafka(found.kafka, stack, state)
        ledger, ledger_line = _ledger(found.ledger, state, connection.origin)
        mail, smtp, mail_line = _mail(found, stack, state)
        parts = Parts(connection, kafka, ledger, mail, smtp, (source_line, kafka_line, ledger_line, mail_line))
        stack.callback(parts.senders.close)
        with sealed(parts.secrets):
            yield parts


def stored(block: type[BlockT], name: str) -> BlockT | None:
    """Return the block of this name, or None where nobody has made it."""

    async def load() -> BlockT | None:
        async with get_client() as client:
            return await _load(block, name, client)

    return asyncio.run(load())


@dataclass(frozen=True, slots=True)
class _Stored:
    """The blocks that people have made."""

    source: AlphaVantageCredentials | CsvFiles | None
    kafka: KafkaCluster | None
    ledger: Ledger | None
    alerts: MailAlerts | None
    smtp: EmailServerCredentials | None


async def _load_all(source: str) -> _Stored:
    # One client for all: making one costs more than the requests.
    async with get_client() as client:
        chosen, kafka, ledger, alerts = await asyncio.gather(
            _load(SOURCES[source], source, client),
            _load(KafkaCluster, "kafka", client),
            _load(Ledger, "ledger", client),
            _load(MailAlerts, "alerts", client),
        )
        smtp = await _load(EmailServerCredentials, alerts.smtp_block if alerts else SMTP_BLOCK, client)
    return _Stored(chosen, kafka, ledger, alerts, smtp)


async def _load(block: type[BlockT], name: str, client: PrefectClient) -> BlockT | None:
    try:
        found = await block.aload(name, client=client)
    except ValidationError as error:
        raise _unusable(name, error) from None
    except RuntimeError as error:
        # Prefect hides what is wrong with a block behind a sentence of its own.
        if isinstance(error.__context__, ValidationError):
            raise _unusable(name, error.__context__) from None
        raise
    except ValueError as error:
        # Prefect raises this for a missing document; its message is the only way to tell that from a broken one.
        if "Unable to find block document" in str(error):
            return None
        raise
    return found if isinstance(found, block) else None


def _unusable(name: str, error: ValidationError) -> FixConfiguration:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "a field"
    return FixConfiguration(
        f"request: the {name} block cannot be used: {where}: {first['msg']}. Mend it in Prefect's UI, or by `nextclose "
        "configure`"
    )


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


def _mail(found: _Stored, stack: ExitStack, state: Path) -> tuple[MailSettings, EmailServerCredentials, str]:
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
