"""Every test of mails begins with an empty ledger."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.ledger.store import open_ledger


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A fresh ledger."""
    return open_ledger(LedgerConnection(f"sqlite:///{tmp_path / 'ledger.db'}"), Origin.CUSTOM)
