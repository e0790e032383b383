"""The chart of a track record: each forecast with its 80 % interval beside the close that came."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flows.core.figures import Scored
from flows.core.forecast import Prediction
from flows.publishers.chart import ACCENT, INK, NARROW, TICKS, drawing, rendered
from flows.publishers.clocks import tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (7.2, 2.6)
MARGINS = (0.085, 0.11, 0.885, 0.68)
"""Left, bottom, width and height of the axes, as shares of the picture."""
MISSED = "#1d4ed8"
FEWEST = 2
NARROWEST = 10
"""As many forecasts have room, also where there are fewer."""


def draw_record(scored: Sequence[Scored], p: Prediction, form: Literal["png", "svg"]) -> bytes | None:
    """Return the chart, or None where too little has been scored to draw; the same record gives the same bytes.

    Args:
        scored: What is drawn, oldest first.
        p: The forecast that the record stands beside, for its clocks and its name.
        form: PNG for mails, SVG for pages.
    """
    if len(scored) < FEWEST:
        return None
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes(MARGINS)
        _plot(axes, scored)
        _dress(axes, scored, p)
        return rendered(figure, form)


def _plot(axes: "Axes", scored: Sequence[Scored]) -> None:
    places = range(len(scored))
    heights = [row.upper80 - row.lower80 for row in scored]
    axes.bar(
        places,
        heights,
        bottom=[row.lower80 for row in scored],
        width=0.7,
        color=NARROW,
        alpha=0.45,
        label="80 % interval",
    )
    axes.plot(places, [row.point for row in scored], "_", color=ACCENT, markersize=7, label="forecast")
    for name, color, inside in (("close inside", INK, True), ("close outside", MISSED, False)):
        chosen = [at for at in places if (scored[at].lower80 <= scored[at].actual <= scored[at].upper80) is inside]
        axes.plot(chosen, [scored[at].actual for at in chosen], "o", color=color, markersize=3.5, label=name)


def _dress(axes: "Axes", scored: Sequence[Scored], p: Prediction) -> None:
    ticks = range(len(scored) - 1, -1, -max(len(scored) // TICKS, 1))
    axes.set_xticks(list(ticks), [tick(scored[at].target, p) for at in ticks])
    sample = "SAMPLE: " if p.origin == "sample" else ""
    axes.set_title(f"{sample}{p.symbol}: the last {len(scored)} forecasts that were scored", loc="left", pad=21)
    axes.use_sticky_edges = False
    axes.margins(y=0.06)
    axes.set_xlim(-0.7, max(len(scored), NARROWEST) - 0.3)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, fontsize=8, columnspacing=1.2)
