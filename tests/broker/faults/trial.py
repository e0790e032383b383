"""One trial: bars, the parts they go through, and what was heard of them."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prefect_email import EmailServerCredentials

from flows import steps
from flows.core.cleaning import Cleaned
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.core.errors import NextcloseError, Retryable
from flows.ledger import bars as kept_bars
from flows.parts import Parts
from flows.steps import Run
from tests.broker.faults.hooks import Action, Count, Key, acknowledgements, calls
from tests.broker.faults.sizes import RECEIVED, Size

RUN = Run("faults", "faults", RECEIVED, RECEIVED)
ATTEMPTS = 3
"""As the tasks of the flow try it."""
PAUSE = 1.0
"""Seconds between two attempts; the flow's are longer."""
NOTHING: Mapping[int, Action] = {}


def parts_at(kafka: KafkaConnection, ledger: Path) -> Parts:
    """Return the parts of a run on the real broker, with a ledger in a file."""
    return Parts(
        AlphaVantageConnection("demo", base_url="http://127.0.0.1/query"),
        kafka,
        LedgerConnection(f"sqlite:///{ledger}"),
        MailSettings("a@localhost", ("b@localhost",)),
        EmailServerCredentials(smtp_server="127.0.0.1"),
    )


@dataclass(slots=True)
class Trial:
    """A set of bars on its way."""

    fault: str
    size: Size
    parts: Parts
    loads: tuple[Cleaned, ...]
    acknowledged: set[Key] = field(default_factory=set)
    failures: list[NextcloseError] = field(default_factory=list)
    lasting: list[NextcloseError] = field(default_factory=list)
    """What no attempt could do."""
    deaths: int = 0
    """Killed processes."""
    begun: float = field(default_factory=time.monotonic)

    @property
    def sent(self) -> dict[str, list[str]]:
        """For each symbol the times of its bars, in the order in which they are sent."""
        return {load.series.symbol: [bar.time for bar in load.series.bars] for load in self.loads}

    @property
    def ending(self) -> str:
        """How the disturbed run ended, in words."""
        if self.lasting:
            return f"failed: {' / '.join(map(str, self.lasting))}"
        if self.failures:
            return f"completed, tried again {len(self.failures)} times: {self.failures[0]}"
        return f"killed {self.deaths} times, then completed" if self.deaths else "completed"

    def connect(self) -> None:
        """Meet the cluster."""
        self._attempt(lambda: steps.connect(self.parts))

    def produce(self, actions: Mapping[int, Action] = NOTHING) -> None:
        """Produce all bars as the flow does; act at some acknowledgements, by their number."""
        count = Count(actions)

        def heard(key: Key) -> None:
            self.acknowledged.add(key)
            count()

        with acknowledgements(heard):
            for load in self.loads:
                self._attempt(lambda load=load: steps.produce(self.parts, load, RUN))  # type: ignore[misc]

    def consume(self, actions: Mapping[int, Action] = NOTHING) -> None:
        """Consume as the flow does; act after some batches, by their number."""
        with calls(kept_bars, "keep_bars", after=Count(actions)):
            self._attempt(lambda: steps.consume(self.parts, (), RUN.run_id))

    def _attempt(self, step: Callable[[], object]) -> None:
        for number in range(1, ATTEMPTS + 1):
            try:
                step()
            except NextcloseError as error:
                if number == ATTEMPTS or not isinstance(error, Retryable):
                    self.lasting.append(error)
                    return
                self.failures.append(error)
                time.sleep(PAUSE)
            else:
                return


class Later:
    """Does things after a while, in threads that are waited for."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._threads: list[threading.Thread] = []

    def __call__(self, seconds: float, actions: Iterable[Action]) -> None:
        """Do these in order, after so many seconds."""

        def work() -> None:
            time.sleep(seconds)
            for action in actions:
                action()

        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()

    def wait(self) -> None:
        """Return when all is done."""
        for thread in self._threads:
            thread.join()
