"""Alpha Vantage's list of a symbol's splits.

Source: the vendor's documentation of its function SPLITS.
"""

from collections.abc import Sequence

from flows.core.errors import BrokenAnswer
from flows.core.faults import number_in
from flows.core.splits import is_possible
from flows.core.stamps import day_in
from flows.sources.answers import error_in
from flows.sources.base import Listed
from flows.sources.bodies import object_in


def parse_splits(body: bytes, symbol: str, secrets: Sequence[str] = ()) -> tuple[Listed, ...]:
    """Return the splits in an answer's body, in its order; none if the list is empty.

    Args:
        body: What the server answered.
        symbol: What it was asked for.
        secrets: Taken out of the answer before anything reads it.

    Raises:
        NextcloseError: The answer says that something is wrong, or has not the documented shape. A list of which one line
            cannot be read is not used at all: it might be the one that matters.
    """
    payload = object_in(body, symbol, secrets)
    error = error_in(payload, symbol)
    if error is not None:
        raise error
    rows = payload.get("data")
    if not isinstance(rows, list):
        raise BrokenAnswer(f"{symbol}, fetch: the answer holds no list of splits. Check the symbol and base_url")
    listed = [_listed(row, symbol) for row in rows]
    # Without effect, and the ledger's word for a real move.
    return tuple(one for one in listed if one.factor != 1.0)


def _listed(row: object, symbol: str) -> Listed:
    cells = row if isinstance(row, dict) else {}
    day, factor = day_in(cells.get("effective_date")), number_in(cells.get("split_factor"))
    if day is None or factor is None or not is_possible(factor):
        raise BrokenAnswer(
            f"{symbol}, fetch: the vendor's list of splits has a line that cannot be read ({str(row)[:80]!r}). Tell of the "
            "split yourself, by `nextclose splits confirm`"
        )
    return Listed(day, factor)
