"""The chart of one forecast: the last closes, then the forecast with its two intervals."""

import io
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal

from flows.core.forecast import Prediction
from flows.core.report import money
from flows.publishers.clocks import tick, time_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, ACCENT, WIDE, NARROW = "#1f2933", "#c2410c", "#fed7aa", "#fb923c"
SIZE = (7.2, 3.4)
MARGINS = (0.085, 0.085, 0.885, 0.755)
"""Left, bottom, width and height of the axes, as shares of the picture."""
DOTS_PER_INCH = 150
TICKS = 6


def draw(prediction: Prediction, form: Literal["png", "svg"]) -> bytes:
    """Return the chart as PNG, for mails, or SVG, for pages; the same prediction gives the same bytes."""
    from matplotlib.figure import Figure

    with drawing():
        # Fixed margins: matplotlib's own layout would take twice as long as the drawing.
        figure = Figure(figsize=SIZE)
        _plot(figure.add_axes(MARGINS), prediction)
        return rendered(figure, form)


def drawing() -> AbstractContextManager[object]:
    """Set matplotlib up while a chart is drawn, so that the same chart is the same bytes."""
    import matplotlib as mpl

    return mpl.rc_context({"svg.hashsalt": "nextclose", "font.family": "DejaVu Sans", "font.size": 9})


def rendered(figure: "Figure", form: str) -> bytes:
    """Return a figure as PNG or SVG, without the hour of its making."""
    buffer = io.BytesIO()
    stamp = "Date" if form == "svg" else "Software"
    figure.savefig(buffer, format=form, dpi=DOTS_PER_INCH, metadata={stamp: None})
    return buffer.getvalue()


def _plot(axes: "Axes", p: Prediction) -> None:
    labels = [*(tick(time, p) for time, _ in p.recent), tick(p.target.label, p)]
    closes = [close for _, close in p.recent]
    there = len(closes)
    axes.plot(range(there), closes, color=INK, linewidth=1.4, label="close")
    for lower, upper, color, name in (
        (p.lower95, p.upper95, WIDE, "95 % interval"),
        (p.lower80, p.upper80, NARROW, "80 % interval"),
    ):
        axes.bar(there, upper - lower, bottom=lower, width=1.2, color=color, label=name)
    axes.plot(there, p.point, "o", color=ACCENT, markersize=5, label=f"forecast for {p.target.short}")
    _dress(axes, p, labels)


def _dress(axes: "Axes", p: Prediction, labels: list[str]) -> None:
    ticks = range(len(labels) - 1, -1, -max(len(labels) // TICKS, 1))
    axes.set_xticks(list(ticks), [labels[i] for i in ticks])
    axes.annotate(
        money(p.point, p.naive),
        (len(labels) - 1, p.point),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        color=ACCENT,
        weight="bold",
    )
    sample = "SAMPLE: " if p.origin == "sample" else ""
    axes.set_title(
        f"{sample}{p.symbol}, {p.interval} closes to {time_in_words(p.as_of, p)} and the forecast after it",
        loc="left",
        pad=21,
    )
    axes.margins(x=0.09)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, fontsize=8, columnspacing=1.2)
