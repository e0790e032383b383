"""The chart of an evaluation: each model's MSE relative to naive's, by symbol."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flows.core.evaluation import Evaluation, Held, Standing, relative_mse
from flows.publishers.chart import INK, drawing, rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIMIT = 1.25
"""At this ratio, and at 1 / LIMIT, the colours end; the number in a cell is never cut."""
CELL = (0.72, 0.27)
"""Width and height of a cell, in inches."""
BETTER, EVEN, WORSE, ABSENT = "#2166ac", "#ffffff", "#d9691e", "#e5e7eb"
LETTER = 0.08
"""The width of a letter, in inches."""
SLANT = 40
"""How models' names are turned, in degrees."""
TITLE, BELOW, EDGE, NARROWEST = 0.5, 0.62, 0.2, 4.9
"""Room for the title, for the legend and at the edge, and the width that the legend needs, in inches."""
ALL = "all"

Row = tuple[str, list[float | None]]


def draw_evaluation(made: Evaluation, form: Literal["png", "svg"]) -> bytes:
    """Return the chart; the same evaluation gives the same bytes."""
    from matplotlib.figure import Figure

    rows = _rows(made)
    size, place = _measures([name for name, _ in rows], [standing.name for standing in made.standings])
    with drawing():
        figure = Figure(figsize=size)
        axes = figure.add_axes(place)
        _colour(axes, rows)
        _write(axes, rows)
        _mark(axes, made, len(rows))
        _dress(axes, figure, made, rows)
        return rendered(figure, form)


def _measures(
    symbols: Sequence[str], models: Sequence[str]
) -> tuple[tuple[float, float], tuple[float, float, float, float]]:
    """Return the picture's size in inches, and the part of it that the cells take; no name is cut, however long."""
    turned = math.radians(SLANT)
    wide, high = CELL[0] * len(models), CELL[1] * len(symbols)
    left = 2 * EDGE + LETTER * max(map(len, symbols))
    above = TITLE + EDGE + LETTER * math.sin(turned) * max(map(len, models))
    ends = [CELL[0] * (x + 0.5) + LETTER * math.cos(turned) * len(name) for x, name in enumerate(models)]
    width = max(left + max(*ends, wide) + EDGE, NARROWEST)
    height = above + high + BELOW
    return (width, height), (left / width, BELOW / height, wide / width, high / height)


def _rows(made: Evaluation) -> list[Row]:
    """Return a row a symbol, and one for all where there are several."""
    rows: list[Row] = [(held.symbol, _ratios(held, made.standings)) for held in made.held]
    over_all: Row = (ALL, [standing.relative_mse for standing in made.standings])
    return [*rows, over_all] if len(rows) > 1 else rows


def _ratios(held: Held, standings: tuple[Standing, ...]) -> list[float | None]:
    known = {score.name: relative_mse(held.contest, score) for score in held.contest.scores}
    return [known.get(standing.name) for standing in standings]


def _colour(axes: "Axes", rows: list[Row]) -> None:
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("ratio", (BETTER, EVEN, WORSE)).with_extremes(bad=ABSENT)
    cells = np.array([[math.nan if one is None else shade(one) for one in ratios] for _, ratios in rows])
    axes.pcolormesh(np.ma.masked_invalid(cells), cmap=shades, vmin=-1, vmax=1, edgecolors="white", linewidth=1.5)
    axes.invert_yaxis()


def shade(ratio: float) -> float:
    """Return where a ratio lies between the two ends of the colours, -1 and 1; halving counts as much as doubling."""
    if ratio <= 1 / LIMIT:
        return -1.0
    return min(math.log(ratio) / math.log(LIMIT), 1.0)


def _write(axes: "Axes", rows: list[Row]) -> None:
    for y, (_, ratios) in enumerate(rows):
        for x, one in enumerate(ratios):
            ink = "white" if one is not None and shade(one) < -0.7 else INK
            axes.text(x + 0.5, y + 0.5, number(one), ha="center", va="center", fontsize=8, color=ink)


def number(ratio: float | None) -> str:
    """Return a ratio as short as a cell needs it."""
    if ratio is None:
        return "–"  # noqa: RUF001 - what tables put where nothing is
    if ratio > 999:
        return ">999"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _mark(axes: "Axes", made: Evaluation, count: int) -> None:
    """Frame each symbol's winner, dot what is better than naive beyond chance, and set the row for all apart."""
    from matplotlib.patches import Rectangle

    places = {standing.name: x for x, standing in enumerate(made.standings)}
    for y, held in enumerate(made.held):
        x = places[held.contest.winner]
        axes.add_patch(Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, fill=False, edgecolor=INK, linewidth=1.2))
        for name in held.contest.better:
            axes.plot(places[name] + 0.1, y + 0.25, "o", color=INK, markersize=3)
    if count > len(made.held):
        axes.axhline(count - 1, color=INK, linewidth=1)


def _dress(axes: "Axes", figure: "Figure", made: Evaluation, rows: list[Row]) -> None:
    columns = [x + 0.5 for x in range(len(made.standings))]
    axes.xaxis.tick_top()
    axes.set_xticks(
        columns, [standing.name for standing in made.standings], rotation=SLANT, ha="left", rotation_mode="anchor"
    )
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [name for name, _ in rows])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    sample = "SAMPLE: " if made.is_sample else ""
    width, height = figure.get_size_inches()
    figure.text(
        EDGE / width,
        1 - TITLE / 2 / height,
        f"{sample}MSE relative to naive, {made.interval} closes",
        fontsize=10,
        va="center",
    )
    notes = (
        f"Blue: lower than naive's. Colours end at {1 / LIMIT:g} and {LIMIT:g}, the numbers do not.\n"
        "Framed: the winner. Dot: better than naive beyond chance. Grey: did not take part."
    )
    figure.text(EDGE / width, BELOW / 2 / height, notes, fontsize=7.5, va="center", color=INK)
