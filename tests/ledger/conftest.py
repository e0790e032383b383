"""Every test of the ledger begins with an empty one, and runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.ledger.ledgers import Database, a_ledger

ABOUT_FILES = ("test_store", "test_migrations")
"""Modules whose tests make ledgers of their own, in files, unless they ask for `ledger`."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test run once a database."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if "ledger" in metafunc.fixturenames or module not in ABOUT_FILES:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True, scope="module")


@pytest.fixture(autouse=True, scope="module")
def database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Say which database ledgers are made in."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    server = request.getfixturevalue("postgres")
    Database.address = server.create("ledger_" + request.module.__name__.rpartition(".")[2])
    yield
    Database.address = None


@pytest.fixture
def ledger(database: None) -> Iterator[Engine]:
    """Return a fresh ledger for data that is no sample."""
    with a_ledger() as engine:
        yield engine
