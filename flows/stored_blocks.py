"""The blocks that people have made, as Prefect stores them."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import TypeVar

from prefect.blocks.core import Block
from prefect.client.orchestration import PrefectClient, get_client
from prefect_email import EmailServerCredentials
from pydantic import ValidationError

from blocks import AlphaVantageCredentials, CsvFiles, KafkaCluster, Ledger, MailAlerts
from flows.core.errors import FixConfiguration

BlockT = TypeVar("BlockT", bound=Block)
Faults = MutableMapping[str, FixConfiguration]
"""By block: why it cannot be used."""

VENDOR, SMTP_BLOCK = "alpha-vantage", "smtp"
SOURCES: Mapping[str, type[AlphaVantageCredentials | CsvFiles]] = {
    VENDOR: AlphaVantageCredentials,
    "csv-files": CsvFiles,
}
"""The block of each source, by its name."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The blocks of one run; None where nobody has made one."""

    source: AlphaVantageCredentials | CsvFiles | None
    kafka: KafkaCluster | None
    ledger: Ledger | None
    alerts: MailAlerts | None
    smtp: EmailServerCredentials | None


def stored(block: type[BlockT], name: str) -> BlockT | None:
    """Return the block of this name, or None where nobody has made it."""

    async def load() -> BlockT | None:
        async with get_client() as client:
            return await _load(block, name, client)

    return asyncio.run(load())


def all_stored(source: str, faults: Faults | None = None) -> Stored:
    """Return all blocks of one run.

    Args:
        source: The name of the block that bars come from.
        faults: Filled with the blocks that cannot be used, which are as if they were not there.

    Raises:
        FixConfiguration: A block cannot be used, and `faults` is not given.
    """
    return asyncio.run(_load_all(source, faults))


async def _load_all(source: str, faults: Faults | None) -> Stored:
    async def load(block: type[BlockT], name: str) -> BlockT | None:
        try:
            return await _load(block, name, client)
        except FixConfiguration as error:
            if faults is None:
                raise
            faults[name] = error
            return None

    # One client for all: making one costs more than the requests.
    async with get_client() as client:
        chosen, kafka, ledger, alerts = await asyncio.gather(
            load(SOURCES[source], source),
            load(KafkaCluster, "kafka"),
            load(Ledger, "ledger"),
            load(MailAlerts, "alerts"),
        )
        smtp = await load(EmailServerCredentials, alerts.smtp_block if alerts else SMTP_BLOCK)
    return Stored(chosen, kafka, ledger, alerts, smtp)


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
