"""A whole small world for one test: a market, a folder, blocks, and the flows in it."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
)
from prefect.client.schemas.objects import State
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks import AlphaVantageCredentials, CsvFiles, EmailServerCredentials, KafkaCluster, Ledger, MailAlerts
from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.core.evaluation import Evaluation
from flows.core.recipe import ContestKind
from flows.core.report import Report
from flows.evaluate_models import evaluate_models
from flows.forecast_symbol import forecast_symbol
from flows.forecast_watchlist import forecast_watchlist
from flows.ledger.store import open_ledger
from tests.servers import Answer, Market, market

CHEAP = ContestKind.CHEAP
KEY = "planted-key-0123456789"
NAMES = {
    AlphaVantageCredentials: "alpha-vantage",
    CsvFiles: "csv-files",
    KafkaCluster: "kafka",
    EmailServerCredentials: "smtp",
    Ledger: "ledger",
    MailAlerts: "alerts",
}


@dataclass(frozen=True)
class World:
    """What a test can look at."""

    market: Market
    folder: Path

    @property
    def ledger(self) -> Engine:
        """The ledger that the flows write."""
        return open_ledger(LedgerConnection(f"sqlite:///{self.folder / 'ledger.db'}"), Origin.CUSTOM)

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails in the embedded mailbox, by file name."""
        files = sorted((self.folder / ".nextclose" / "outbox").glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def symbol(self, symbol: str = "IBM", **given: Any) -> State[Report]:
        """Run forecast-symbol, and return its final state; only the cheap models are compared where nothing is said."""
        given = {"contest": CHEAP, **given}
        return cast("State[Report]", forecast_symbol(symbol, **given, return_state=True))

    def watchlist(self, *symbols: str, **given: Any) -> State[Report]:
        """Run forecast-watchlist, and return its final state; only the cheap models are compared where nothing is said."""
        given = {"contest": CHEAP, **given}
        return cast("State[Report]", forecast_watchlist(list(symbols) or None, **given, return_state=True))

    def evaluate(self, *symbols: str, **given: Any) -> State[Evaluation]:
        """Run evaluate-models, and return its final state."""
        return cast("State[Evaluation]", evaluate_models(list(symbols) or None, **given, return_state=True))


def report_of(state: State[Report]) -> Report:
    """Return the report that a run ended with."""
    result = state.result(raise_on_failure=False)
    assert isinstance(result, Report)
    return result


def evaluation_of(state: State[Evaluation]) -> Evaluation:
    """Return the evaluation that a run ended with."""
    result = state.result(raise_on_failure=False)
    assert isinstance(result, Evaluation)
    return result


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def task_states(told: pytest.LogCaptureFixture) -> dict[str, str]:
    """Return the final state's name of each task, by the task run's name, as Prefect logs it."""
    found = {}
    for record in told.records:
        state = re.match(r"Finished in state (\w+)\(", record.getMessage())
        if record.name == "prefect.task_runs" and state is not None:
            found[str(vars(record)["task_run_name"])] = state[1]
    return found


def artifacts(state: State[Any]) -> dict[str, str]:
    """Return what a run has shown in Prefect's UI, by its key."""
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return {str(one.key): str(one.data) for one in client.read_artifacts(artifact_filter=only)}


@contextmanager
def world(folder: Path, answer: Answer) -> Iterator[World]:
    """Run a market that answers like this, and store blocks that point at it and at a ledger in `folder`."""
    forget_blocks()
    with market(answer) as server:
        # A path of its own keeps one test's cached answers from another.
        address = f"{server.url}/{uuid.uuid4().hex}"
        source = AlphaVantageCredentials(
            api_key=SecretStr(KEY), base_url=address, requests_per_second=None, daily_requests=None
        )
        source.save("alpha-vantage", overwrite=True)
        Ledger(url=SecretStr(f"sqlite:///{folder / 'ledger.db'}")).save("ledger", overwrite=True)
        yield World(server, folder)


def forget_blocks() -> None:
    """Delete every block that the flows would use."""
    ours = {(block.get_block_type_slug(), name) for block, name in NAMES.items()}
    # One client for all: making one costs more than the requests.
    with get_client(sync_client=True) as client:
        for document in client.read_block_documents():
            if document.block_type is not None and (document.block_type.slug, document.name) in ours:
                client.delete_block_document(document.id)
