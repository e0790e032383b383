"""Tests of every way in which a fetch can fail: what kind it is, what it costs, what it says, and what it never says."""

import json
import traceback
from collections.abc import Iterator

import pytest

from flows.core.connections import AlphaVantageConnection
from flows.core.errors import NextcloseError, Retryable, Throttled
from flows.sources.alpha_vantage import AlphaVantage
from tests.sources.failures import FAILURES, Failure
from tests.sources.servers import KEY, REQUEST, vendor
from tests.sources.words import INFORMATION, NOTE

EVERY = pytest.mark.parametrize("failure", FAILURES, ids=[failure.name for failure in FAILURES])


def failed(failure: Failure) -> tuple[NextcloseError, int]:
    """Return the error of one fetch, and how many requests were spent on it."""
    spent: list[int] = []
    with failure.serve() as url:
        source = AlphaVantage(AlphaVantageConnection(KEY, url, failure.waited, failure.waited))
        with pytest.raises(NextcloseError) as caught:
            source.fetch(REQUEST, lambda: spent.append(1))
    return caught.value, len(spent)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and all that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def words_about(error: NextcloseError) -> str:
    """Return all text that goes with an error, without the signs that could stand between a secret's letters."""
    told = [text for one in chain(error) for text in (str(one), repr(one), repr(one.args))]
    return "".join((*told, *traceback.format_exception(error))).replace("\\x00", "").replace("\x00", "")


@EVERY
def test_a_failure_is_told_by_what_to_do_about_it(failure: Failure) -> None:
    """Its kind, one request, whether a retry can help, and a sentence with symbol, step, finding and advice."""
    error, spent = failed(failure)
    assert (failure.error, failure.error.kind, 1) == (type(error), error.kind, spent)
    assert isinstance(error, Retryable) == (error.kind == "retry")
    text = str(error)
    assert text.startswith("IBM, fetch: ")
    assert [words for words in (failure.found, failure.advice) if words not in text] == []
    assert (KEY in words_about(error), len(text) < 500, len(error.args)) == (False, True, 1)


def test_a_refused_history_that_is_refused_again_costs_two_requests() -> None:
    """Where outputsize=full and compact are both refused, the second answer is the one that is told."""
    (full,) = (words.text for words in INFORMATION if words.name == "outputsize=full")
    refused = json.dumps({"Information": full}).encode()
    throttled = json.dumps({"Note": NOTE}).encode()
    spent: list[int] = []
    with vendor(refused, throttled) as server:
        source = AlphaVantage(server.connection(outputsize="full"))
        with pytest.raises(Throttled):
            source.fetch(REQUEST, lambda: spent.append(1))
    assert ([query["outputsize"] for query in server.queries], spent) == (["full", "compact"], [1, 1])


@pytest.mark.parametrize("failure", [one for one in FAILURES if one.error.kind != "retry"], ids=lambda one: one.name)
def test_what_no_retry_can_change_is_never_called_passing(failure: Failure) -> None:
    """A sentence about a lasting fault does not promise that it is tried again."""
    assert "tried again" not in str(failed(failure)[0])
