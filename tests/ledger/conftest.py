"""Every test of the ledger begins with an empty one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.ledger.ledgers import a_ledger


@pytest.fixture
def ledger() -> Iterator[Engine]:
    """Return a fresh ledger for data that is no sample."""
    with a_ledger() as engine:
        yield engine
