"""Splits in words: notes for reports, and ratios as people write them."""

import math
import re
from collections.abc import Iterable
from fractions import Fraction

from flows.core.bars import BarSeries
from flows.core.splits import LEAST, Placed, Split, first_since, is_possible, moves

MUCH = 0.25
"""The logarithm of a move that a split may leave without a question."""
_RATIO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?::(\d{1,9}(?:\.\d{1,9})?))?", re.ASCII)


def factor_in(text: str) -> float | None:
    """Return the factor that a text such as 10, 10:1, 1:8 or 3:2 stands for, or None if it stands for no split."""
    found = _RATIO.fullmatch(text.strip())
    if found is None:
        return None
    new, old = float(found[1]), float(found[2] or 1)
    factor = new / old if old else 0.0
    return factor if is_possible(factor) and abs(math.log(factor)) >= LEAST else None


def ratio_in_words(factor: float) -> str:
    """Return a factor as people write it, such as 10:1, 1:8 or 3:2."""
    simple = Fraction(factor).limit_denominator(1000)
    if math.isclose(simple, factor, rel_tol=1e-4):
        return f"{simple.numerator}:{simple.denominator}"
    return f"{factor:g}:1"


def scale_notes(placed: Placed, used: BarSeries) -> tuple[str, ...]:
    """Say by what the prices of a history were divided, what of a jump that left, and which splits they do not show.

    Args:
        placed: The splits beside the bars.
        used: The history, adjusted by them.
    """
    done = (_done(split) for split in placed.splits)
    not_done = (
        f"the split of {ratio_in_words(split.factor)} on {split.effective}, {_told(split)}, does not show in these prices, "
        "which are left as they are"
        for split in placed.hidden
    )
    return (*done, *_left_notes(placed, used), *not_done)


def _left_notes(placed: Placed, used: BarSeries) -> tuple[str, ...]:
    steps = moves(used)
    left = ((split, steps[at - 1]) for at, split in placed.shown)
    return tuple(
        f"without the split of {ratio_in_words(split.factor)} the close still moves by {math.expm1(move):+.0%} on "
        f"{split.effective}: is that its ratio?"
        for split, move in left
        if abs(move) > MUCH
    )


def _done(split: Split) -> str:
    if split.factor > 1:
        return f"prices before {split.effective} are divided by {split.factor:g}: a split, {_told(split)}"
    return f"prices before {split.effective} are multiplied by {1 / split.factor:g}: a reverse split, {_told(split)}"


def real_move_notes(series: BarSeries, splits: Iterable[Split]) -> tuple[str, ...]:
    """Say which jumps in a history were declared real moves, and by whom."""
    return tuple(
        f"the vendor knows of no split on {split.effective}: taken as a real move"
        if split.by == "vendor"
        else f"the move on {split.effective} is a real one and no split, {_told(split)}"
        for split in splits
        if split.is_real_move and 0 < first_since(series, split.effective) < len(series)
    )


def coming_notes(splits: Iterable[Split], as_of: str, target: str) -> tuple[str, ...]:
    """Say that a split takes effect between the as-of bar and the target's close, so that the two are in other units."""
    return tuple(
        f"a split of {ratio_in_words(split.factor)} takes effect on {split.effective}, {_told(split)}: the forecast is in "
        "prices before it"
        for split in splits
        if as_of < split.effective <= target and not split.is_real_move
    )


def _told(split: Split) -> str:
    """Say who told of a split, and when."""
    return f"told by {'the vendor' if split.by == 'vendor' else 'a person'} on {split.received_at:%Y-%m-%d}"
