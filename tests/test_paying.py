"""Tests of what the stream owes after a bar that jumps."""

from dataclasses import replace
from pathlib import Path

import pytest

from flows.core.bars import BarRevision
from flows.core.splits import Split
from flows.embedded.broker import embedded_broker
from flows.ledger.news import begin_news, keep_news, waiting_bars
from flows.paying import Stream, pay
from flows.steps import Run
from tests.core.test_splits import a_split, raw
from tests.steps.places import DAYS, NOW, SERIES, a_place


def test_the_stream_holds_back_a_jump_until_a_person_speaks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It asks nobody and says why in its log; with the split known, the next bar is forecast after."""
    series = raw(SERIES, a_split(DAYS[-3], 10.0))
    *_, before, newest = (BarRevision(*series.id, 0, NOW, bar) for bar in series.bars)
    with a_place(tmp_path) as place, embedded_broker() as kafka:
        parts = replace(place.parts, kafka=kafka)
        place.trade(replace(series, bars=series.bars[:-2]))
        begin_news(place.ledger, None)
        run = Run("run", "stream-forecasts", NOW, NOW)
        stream = Stream(parts, run, place.ledger, lambda: False)
        keep_news(place.ledger, [before], None)
        pay(stream)
        assert (stream.failures, stream.forecasts, waiting_bars(place.ledger)) == (1, 0, [])
        assert "looks like a split of 10:1, and the stream asks no source about it" in caplog.text
        place.hears(Split(DAYS[-3], 10.0, "person", NOW))
        keep_news(place.ledger, [newest], None)
        pay(stream)
        assert (stream.failures, stream.forecasts, place.server.queries) == (1, 1, [])
