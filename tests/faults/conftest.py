"""What a trial needs: a world with one broker, one mail server, and a ledger in one of the databases."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from blocks import Ledger
from flows import tasks
from flows.cli.configure import apply
from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.embedded.broker import ADDRESS_FILE, embedded_broker
from flows.ledger.store import open_ledger
from tests.answers import daily
from tests.faults.trial import AS_OF, Bench
from tests.ledger.ledgers import forget
from tests.postgres.server import Postgres
from tests.simulation.post import post
from tests.world import world

Opened = Callable[[str], Bench]


@pytest.fixture
def bench(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Trials on SQLite."""
    monkeypatch.chdir(tmp_path)
    with a_bench(prefect, tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}") as made:
        yield made


@pytest.fixture
def postgres_bench(
    prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> Iterator[Bench]:
    """Trials on PostgreSQL."""
    monkeypatch.chdir(tmp_path)
    with a_bench(prefect, tmp_path, postgres.create(f"faults_{uuid.uuid4().hex}")) as made:
        yield made


@contextmanager
def a_bench(prefect: Path, folder: Path, url: str) -> Iterator[Bench]:
    """Hold everything that the runs of other processes need; retries do not wait here."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("fetch", "produce", "consume", "record", "notify"):
            quick = getattr(tasks, name).with_options(retry_delay_seconds=1, retry_jitter_factor=None)
            patch.setattr(tasks, name, quick)
        made = stack.enter_context(world(folder, lambda query: daily(query["symbol"], AS_OF)))
        broker = stack.enter_context(embedded_broker())
        office, port = stack.enter_context(post())
        file = folder / ".nextclose" / ADDRESS_FILE
        file.parent.mkdir(parents=True)
        file.write_text(broker.address, encoding="ascii")
        apply({"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"})
        Ledger(url=SecretStr(url)).save("ledger", overwrite=True)
        engine = open_ledger(LedgerConnection(url), Origin.CUSTOM)
        yield Bench(made, office, broker, prefect, engine, "K" if url.startswith("sqlite") else "P")
        forget(engine)
