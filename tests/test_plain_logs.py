"""Tests of what is logged when a task fails."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect import flow, task

from flows.core.errors import FixConfiguration
from flows.plain_logs import LOGGERS, SentenceAlone, speak_plainly

SENTENCE = "request: there is no kafka block. Make one"


@task
def raise_ours() -> None:
    """Fail as our steps do."""
    raise FixConfiguration(SENTENCE)


@task
def raise_foreign() -> None:
    """Fail as nobody has foreseen."""
    raise ZeroDivisionError("nobody has foreseen this")


@flow
def failing(work: Callable[[], None]) -> None:
    """Run a task that fails."""
    work()


@pytest.mark.parametrize(("work", "said", "traced"), [(raise_ours, SENTENCE, False), (raise_foreign, "nobody", True)])
def test_an_error_of_ours_is_a_sentence_and_any_other_keeps_its_traceback(
    prefect: Path, caplog: pytest.LogCaptureFixture, work: Callable[[], None], said: str, traced: bool
) -> None:
    """Both where the task logs it and where its flow does."""
    assert prefect.exists()
    with caplog.at_level(logging.ERROR):
        failing(work, return_state=True)
    told = [record for record in caplog.records if said in record.getMessage()]
    assert {record.name for record in told} >= {"prefect.task_runs", "prefect.flow_runs"}
    assert ("Traceback" in caplog.text) == traced


def test_the_loggers_are_told_once() -> None:
    """However often it is asked for."""
    speak_plainly()
    speak_plainly()
    for name in LOGGERS:
        assert sum(isinstance(found, SentenceAlone) for found in logging.getLogger(name).filters) == 1
