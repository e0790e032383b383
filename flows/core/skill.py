"""The track record of a series: how good its earlier forecasts were, as a whole, lately, and by model."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from flows.core.figures import Figures, Scored, figures

LATELY = 20
"""As many forecasts make the record of late."""
DRAWN = 40
"""As many are drawn."""


@dataclass(frozen=True, slots=True)
class TrackRecord(Figures):
    """The record of one series: its own figures are over all scored forecasts, whichever model made them."""

    last: Scored | None = None
    """The newest forecast that has been scored."""
    late: Figures | None = None
    """Of the newest twenty; None where there are no more than that."""
    by_model: tuple[tuple[str, Figures], ...] = ()
    """Of each model, in the order of their names; empty where one model made all."""
    versions: int = 0
    """How many versions of the code made them."""
    corrected: int = 0
    """How many closes the source has corrected since they were first scored."""
    recent: tuple[Scored, ...] = ()
    """The newest, oldest first, for a chart."""

    @property
    def selections(self) -> tuple[tuple[str, Figures], ...]:
        """All figures with their names, the whole first."""
        late = (("last 20", self.late),) if self.late is not None else ()
        return (("all", self), *late, *self.by_model)


def track_record(scored: Sequence[Scored]) -> TrackRecord:
    """Return the record over forecasts of one series: one origin, one interval.

    Args:
        scored: The forecasts that count, in whatever order.
    """
    if not scored:
        return TrackRecord()
    ordered = sorted(scored, key=attrgetter("target"))
    models = sorted({row.model for row in ordered})
    by_model = ((name, figures([row for row in ordered if row.model == name])) for name in models)
    whole = figures(ordered)
    return TrackRecord(
        **{one.name: getattr(whole, one.name) for one in fields(Figures)},
        last=ordered[-1],
        late=figures(ordered[-LATELY:]) if len(ordered) > LATELY else None,
        by_model=tuple(by_model) if len(models) > 1 else (),
        versions=len({row.code_version for row in ordered}),
        corrected=sum(row.revision > 0 for row in ordered),
        recent=tuple(ordered[-DRAWN:]),
    )


def figure_facts(found: Figures) -> dict[str, object]:
    """Return figures as plain values by name."""
    kept = {one.name: getattr(found, one.name) for one in fields(Figures)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def record_facts(record: TrackRecord) -> dict[str, object]:
    """Return a record as plain values by name: the whole, then the last twenty, then each model."""
    return {
        **figure_facts(record),
        "last20": figure_facts(record.late or record),
        "by_model": {name: figure_facts(found) for name, found in record.by_model},
        "versions": record.versions,
        "corrected": record.corrected,
    }
