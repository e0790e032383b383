"""What a file of bars adds to those that are known, and whether the two belong together."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from flows.core.bars import Bar, BarSeries
from flows.core.cleaning import TOLERATED_SHARE
from flows.core.errors import RejectData

SAME_PRICE = 0.005
"""Closes of two sources that differ by no more than this share are the same price."""
LARGEST_STEP = 0.2
"""A move over the seam between file and ledger that is larger than this is worth a look."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A file's bars beside those that are known."""

    series: BarSeries
    known: Mapping[str, Bar]

    @property
    def new(self) -> tuple[Bar, ...]:
        """The bars that nobody knew, oldest first."""
        return tuple(bar for bar in self.series.bars if bar.time not in self.known)

    @property
    def changed(self) -> tuple[Bar, ...]:
        """The bars that are known with other numbers, as the file has them, oldest first."""
        return tuple(bar for bar in self.series.bars if self.known.get(bar.time, bar) != bar)

    def require_agreement(self) -> None:
        """Raise RejectData if too many closes in the file are not those that are known for the same bars."""
        shared = [(bar, self.known[bar.time]) for bar in self.series.bars if bar.time in self.known]
        apart = [(file, ledger) for file, ledger in shared if abs(file.close / ledger.close - 1) > SAME_PRICE]
        if len(apart) > TOLERATED_SHARE * len(shared):
            file, ledger = apart[0]
            raise RejectData(
                f"{self.series.symbol}, import: {len(apart)} of the {len(shared)} bars that the ledger has too close at "
                f"another price ({file.time}: {file.close:g} in the file, {ledger.close:g} in the ledger). Are they "
                "adjusted, or in another currency? Nothing was imported; --revise takes the file's values"
            )

    def difference_note(self) -> tuple[str, ...]:
        """Say which known bars were left as they are although the file has others."""
        if not self.changed:
            return ()
        file, ledger = self.changed[0], self.known[self.changed[0].time]
        values = f"{file.time} closes at {file.close:g} in the file and at {ledger.close:g} in the ledger"
        return (f"the ledger has other values for {len(self.changed)} of the file's bars and keeps them ({values})",)

    def seam_notes(self) -> tuple[str, ...]:
        """Say where file and ledger meet at prices that look like two different things."""
        fresh = {bar.time for bar in self.new}
        if not fresh or not self.known:
            return ()
        return tuple(
            f"the close moves by {b.close / a.close - 1:+.0%} between {a.time} and {b.time}, where file and ledger meet: "
            "look whether both are in the same currency, and on the same side of a split"
            for a, b in pairwise(sorted((*self.new, *self.known.values())))
            if (a.time in fresh) != (b.time in fresh) and abs(b.close / a.close - 1) > LARGEST_STEP
        )
