"""How a forecast is to be made: everything besides the bars that decides its numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from pydantic import TypeAdapter

from flows.core.backtest import Contest
from flows.core.bars import Interval
from flows.core.errors import FixConfiguration
from flows.core.intervals import DEFAULT
from flows.core.limits import Earlier
from flows.core.models import BASELINE, CHEAP, MODELS, ON_REQUEST, Combination, Model
from flows.core.models.arima import DEFAULT_ORDER, Arima
from flows.core.models.seasonal import SEASONS, SeasonalNaive

LARGEST_ORDER = 5
HIGHEST_LEVEL = 0.9999
"""No history is long enough for an interval that misses more seldom."""


class ContestKind(StrEnum):
    """Which models are compared before a forecast."""

    FULL = "full"
    CHEAP = "cheap"
    RECORDED = "recorded"


Chooser = Literal["contest", "person", "recorded"]
"""Who chose the model: the contest now, a person, or the contest on record."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of a person, and what earlier forecasts of the series have left."""

    model: str | None = None
    """Use this model instead of the contest's winner."""
    contest: ContestKind = ContestKind.FULL
    order: tuple[int, int, int] = DEFAULT_ORDER
    """Of the model called arima."""
    named: tuple[str, ...] = ()
    """Compare these models, whatever the kind of contest."""
    recorded: str | None = None
    """The winner on record, where that is to be used."""
    incumbent: str | None = None
    """The winner of last time."""
    intervals: str = DEFAULT
    """One of INTERVALS."""
    levels: tuple[float, ...] = ()
    """Levels that are wanted besides 80 % and 95 %."""
    earlier: Earlier | None = None
    """The forecast before this one, from whose intervals can be learned."""

    def contestants(self, interval: Interval) -> list[Model]:
        """Return the models that take part, in the order of MODELS, made ready for bars of this interval.

        Raises:
            FixConfiguration: A model is named that does not exist.
        """
        wanted = {BASELINE, *self._by_kind(), *filter(None, (self.model,))}
        unknown = sorted(wanted - set(MODELS))
        if unknown:
            raise FixConfiguration(f"forecast: no model is called {unknown[0]!r}; there are {', '.join(MODELS)}")
        for name in tuple(wanted):
            model = MODELS[name]
            wanted |= {member.name for member in model.members} if isinstance(model, Combination) else set()
        return [_tailored(model, interval, self.order) for name, model in MODELS.items() if name in wanted]

    def choice(self, contest: Contest) -> tuple[str, Chooser]:
        """Return the model whose forecast is given, and who chose it."""
        if self.model is not None:
            return self.model, "person"
        if self.contest == ContestKind.RECORDED and self.recorded is not None:
            return self.recorded, "recorded"
        return contest.winner, "contest"

    def _by_kind(self) -> Sequence[str]:
        if self.named:
            return self.named
        if self.contest == ContestKind.CHEAP:
            return CHEAP
        if self.contest == ContestKind.RECORDED and self.recorded is not None:
            return (self.recorded,)
        return [name for name in MODELS if name not in ON_REQUEST]


def recipe_facts(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain values, to be kept with a forecast."""
    found: dict[str, Any] = _ADAPTER.dump_python(recipe, mode="json")
    return found


def recipe_from(facts: Mapping[str, Any]) -> Recipe:
    """Read what `recipe_facts` wrote; raise ValueError if it is none."""
    return _ADAPTER.validate_python(facts)


_ADAPTER: TypeAdapter[Recipe] = TypeAdapter(Recipe)


def _tailored(model: Model, interval: Interval, order: tuple[int, int, int]) -> Model:
    if isinstance(model, Combination):
        return replace(model, members=tuple(_tailored(one, interval, order) for one in model.members))
    if isinstance(model, SeasonalNaive):
        return replace(model, season=SEASONS[interval])
    return replace(model, order=order) if isinstance(model, Arima) else model


def order_in(text: str) -> tuple[int, int, int]:
    """Return the order of an ARIMA that a person wrote, such as 1,1,0.

    Raises:
        FixConfiguration: It is none, or too large to be fitted in reasonable time.
    """
    found = re.fullmatch(r"\s*\(?\s*(\d)\s*,\s*(\d)\s*,\s*(\d)\s*\)?\s*", text)
    p, d, q = map(int, found.groups()) if found else (0, 0, 0)
    if found is None or max(p, q) > LARGEST_ORDER or d > 2 or not p + d + q:
        raise FixConfiguration(
            f"request: {text[:40]!r} is no order of an ARIMA; write p,d,q such as 1,1,0, with p and q of at most "
            f"{LARGEST_ORDER}, d of at most 2, and not all of them 0"
        )
    return p, d, q
