"""Tests of the doctor's look at blocks that cannot be used."""

import asyncio

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import BlockDocumentUpdate

from blocks import KafkaCluster, MailAlerts
from flows.checking import check_all
from flows.core.errors import FixConfiguration
from flows.parts import parts_in_use
from flows.stored_blocks import Faults
from tests.world import World


def damage(name: str, block_type: str, **values: object) -> None:
    """Store what no block would take, as a person may by Prefect's API."""

    async def work() -> None:
        async with get_client() as client:
            found = await client.read_block_document_by_name(name, block_type)
            await client.update_block_document(found.id, BlockDocumentUpdate(data=values, merge_existing_data=True))

    asyncio.run(work())


def test_every_broken_block_is_named_and_hides_no_other_part(here: World) -> None:
    """Two are broken: a line and a mend for each, nothing about the parts they stand for, and the others are looked at."""
    KafkaCluster(bootstrap_servers="127.0.0.1:1").save("kafka", overwrite=True)
    MailAlerts(recipients=["you@example.test"]).save("alerts", overwrite=True)
    damage("kafka", "kafka-cluster", security_protocol="MAGIC")
    damage("alerts", "mail-alerts", timezone="Mars/Olympus")
    with pytest.raises(FixConfiguration, match="block cannot be used"), parts_in_use():
        pass
    faults: Faults = {}
    with parts_in_use(faults=faults) as parts:
        found = {one.name: one for one in check_all(parts, faults)}
    assert here.folder.exists()
    assert list(found) == ["alerts block", "kafka block", "ledger", "Alpha Vantage"]
    assert [one.state for one in found.values()] == ["broken", "broken", "ok", "ok"]
    assert "the kafka block cannot be used: security_protocol" in found["kafka block"].found
    assert "timezone" in found["alerts block"].found
    assert all("nextclose configure" in found[name].mend for name in ("kafka block", "alerts block"))
