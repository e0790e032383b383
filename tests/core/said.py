"""What the models say about some closes, to the last bit; as a program, so that two processes can be compared."""

import json
import sys
from collections.abc import Sequence
from datetime import date

import numpy as np

from flows.core.calendars import calendar_of
from flows.core.models import MODELS
from flows.core.predicting import predict
from flows.core.recipe import Recipe
from tests.conftest import real_series


def said(names: Sequence[str], bars: int) -> dict[str, object]:
    """Return each model's forecasts as hexadecimal numbers, and a whole prediction in words.

    Args:
        names: Of MODELS.
        bars: How many of the newest bars are known.
    """
    history = real_series("IBM", newest=bars)
    origins = np.array([bars - 20, bars - 7, bars])
    walks = {name: MODELS[name].walk(history.closes, origins) for name in names}
    made = predict(history, calendar_of("IBM").slot_after(date(2013, 3, 1)), "0", Recipe(named=tuple(names)))
    return {"predict": repr(made), **{name: [one.hex() for one in found.tolist()] for name, found in walks.items()}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(said(sys.argv[2:], int(sys.argv[1]))))
