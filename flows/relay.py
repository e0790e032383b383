"""Symbols on their way through the steps: who goes on, and who had to stop where."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from prefect.futures import PrefectFuture

from flows.core.forecast import Step, SymbolFailure, failure_of
from flows.core.request import Asked

T = TypeVar("T")
Advance = Callable[[Step, int, int], None]
"""Is told a step, how many symbols are through, and of how many."""


class Relay:
    """Hands each step's results to the next, and keeps the symbols that failed as values."""

    def __init__(
        self, due: Mapping[str, str], failures: Sequence[SymbolFailure] = (), tell: Advance | None = None
    ) -> None:
        """Begin with the session due of each symbol, the failures so far, and who is told of progress."""
        self.due = dict(due)
        self.failures = list(failures)
        self.tell = tell

    def collect(self, step: Step, futures: Mapping[str, PrefectFuture[T]]) -> dict[str, T]:
        """Wait for every symbol's task; return the results of those that succeeded."""
        results: dict[str, T] = {}
        for done, (symbol, future) in enumerate(futures.items(), 1):
            result = future.result(raise_on_failure=False)
            if self.tell is not None:
                self.tell(step, done, len(futures))
            if isinstance(result, BaseException):
                self.drop(symbol, step, result)
            else:
                results[symbol] = result
        return results

    def drop(self, symbol: str, step: Step, error: BaseException) -> None:
        """Take a symbol out, with the reason."""
        self.failures.append(failure_of(symbol, step, error, self.due.get(symbol, "")))

    def going(self, asked: Sequence[Asked]) -> list[Asked]:
        """Return those of the symbols asked for that have not had to stop."""
        return [one for one in asked if one.series.symbol not in self.dropped]

    @property
    def dropped(self) -> frozenset[str]:
        """The symbols that had to stop."""
        return frozenset(failure.symbol for failure in self.failures)

    def in_order(self, symbols: Sequence[str]) -> list[SymbolFailure]:
        """Return the failures in the order in which the symbols were asked for."""
        return sorted(self.failures, key=lambda failure: symbols.index(failure.symbol))
