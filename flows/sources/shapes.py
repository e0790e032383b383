"""The shape of Alpha Vantage's answers: columns by their names, never by their numbers."""

import re

from flows.core.faults import RawBar, fault_in, number_in
from flows.core.stamps import is_zone

_NUMBERING = re.compile(r"^\d+[a-z]?\.\s*")


def named(cells: object) -> dict[str, object]:
    """Return cells by their names without the vendor's numbering."""
    return {_NUMBERING.sub("", str(name)): value for name, value in cells.items()} if isinstance(cells, dict) else {}


def row(time: str, values: object) -> RawBar:
    """Return one bar, values untouched."""
    cells = named(values)
    return RawBar(time, *(cells.get(name) for name in RawBar._fields[1:]))


def adjusted_row(time: str, values: object) -> RawBar:
    """Return one bar with all prices scaled to its adjusted close: what was paid, in today's shares.

    A row with a fault keeps the vendor's own values, so that quarantine shows what came; its close is then the adjusted
    one where that is at fault.
    """
    plain = row(time, values)
    if fault_in(plain) is not None:
        return plain
    shown = named(values).get("adjusted close")
    adjusted = number_in(shown)
    if adjusted is None or adjusted <= 0:
        return plain._replace(close=shown)
    factor = adjusted / float(str(plain.close))
    # Rounded alike, so that a low that equals the close does not end up a hair above it.
    opened, high, low, close = (f"{float(str(price)) * factor:.10g}" for price in plain[1:5])
    return RawBar(time, opened, high, low, close, plain.volume)


def zone_in(meta: dict[str, object]) -> str | None:
    """Return the name of the zone that the times are in, or None if there is none that is known."""
    name = str(meta.get("Time Zone", ""))
    return name if name and is_zone(name) else None
