"""How far a run has come, as a bar on its page in Prefect's UI."""

import logging
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from httpx import HTTPError
from prefect.artifacts import create_progress_artifact, update_progress_artifact

SHARES: Mapping[str, tuple[float, float]] = {
    "connect": (0, 5),
    "fetch": (5, 40),
    "clean": (40, 45),
    "produce": (45, 55),
    "consume": (55, 60),
    "forecast": (60, 90),
    "record": (90, 99),
}
"""Where each step begins and ends, in percent."""
LEAST = 5.0
"""A smaller advance is not worth a request."""

_log = logging.getLogger("nextclose")


class Progress:
    """A bar that grows with each symbol that is through a step; a run of one symbol needs none."""

    def __init__(self, symbols: Sequence[str]) -> None:
        """Show the bar at its beginning."""
        self.shown = 0.0
        self.artifact: UUID | None = None
        self.several = len(symbols) > 1
        self._show(0.0, f"{len(symbols)} symbols")

    def tell(self, step: str, done: int, total: int) -> None:
        """Let the bar grow, if it is by enough to be seen."""
        begin, end = SHARES[step]
        percent = begin + (end - begin) * done / total
        if percent - self.shown >= LEAST:
            self._show(percent, f"{step}: {done} of {total} symbols")

    def finish(self) -> None:
        """Show that nothing is left to do."""
        self._show(100.0, "done")

    def _show(self, percent: float, words: str) -> None:
        if not self.several:
            return
        self.shown = percent
        try:
            if self.artifact is None:
                self.artifact = cast("UUID", create_progress_artifact(percent, key="progress", description=words))
            else:
                update_progress_artifact(self.artifact, percent, description=words)
        except HTTPError as error:
            # A bar is not worth a forecast.
            _log.warning("how far the run has come could not be shown (%s)", type(error).__name__)
