"""Tests of a track record in words, as a table and as a chart."""

from dataclasses import replace

import pytest

from flows.core.figures import Scored
from flows.core.skill import TrackRecord, track_record
from flows.publishers.record_chart import draw_record
from flows.publishers.record_words import mixture, record_sentences, record_table
from tests.core.examples import PREDICTION


def rows(count: int, models: int = 2) -> list[Scored]:
    """Return scored forecasts by several models, each of two versions."""
    return [
        Scored(
            f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}", f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}", f"model{n % models}",
            100.0 + n % 3, 100.0, 98.0, 102.0, 96.0, 104.0, 101.0 + n % 5, 2.0, f"v{n % 2}",
        )
        for n in range(count)
    ]  # fmt: skip


def test_every_figure_stands_in_the_table() -> None:
    """A column for all, one for the last 20, and one for each of the models with most forecasts."""
    table = record_table(track_record(rows(60, 5)))
    assert table is not None
    assert table.head == ("", "all", "last 20", "model0", "model1", "model2")
    assert [row[0] for row in table.rows] == [
        "Forecasts scored", "MSE", "MAE", "MASE", "Skill against naive", "95 % interval of skill", "Direction right",
        "Closes that rose", "Inside the 80 % interval", "Honest coverage of 80 %", "Inside the 95 % interval",
        "Honest coverage of 95 %",
    ]  # fmt: skip
    assert table.rows[0] == ("Forecasts scored", "60", "20", "12", "12", "12")


def test_what_is_mixed_in_a_figure_is_said() -> None:
    """Models, versions of the code, corrections, forecasts without a unit; and that some models have no column."""
    record = track_record([*rows(60, 5)[:-1], rows(60, 5)[-1]._replace(scale=None, revision=1)])
    said = " ".join(mixture(record))
    for words in (
        'They were made by 5 models and 2 versions of the code, which are one figure under "all" (2 more models by',
        "MASE leaves out 1 forecasts of an earlier version",
        "1 close was corrected after the first scoring: the newest values count",
    ):
        assert words in said
    assert mixture(track_record(rows(1))) == ()


def test_an_empty_record_is_one_sentence() -> None:
    """And no table."""
    assert record_table(TrackRecord()) is None
    assert record_sentences(TrackRecord(), PREDICTION) == ("No earlier forecast has been scored yet.",)


def test_the_last_forecast_is_told_with_its_close() -> None:
    """In which interval it lay."""
    said = record_sentences(track_record(rows(2)), PREDICTION)
    assert said[:2] == (
        "2 forecasts scored, for the closes of 2026-01-01 to 2026-01-02.",
        "Last: 101.00 was forecast for 2026-01-02, which closed at 102.00, inside the 80 % interval.",
    )
    far = record_sentences(track_record([rows(1)[0]._replace(actual=103.0)]), PREDICTION)
    assert "outside the 80 % and inside the 95 % interval" in far[1]


@pytest.mark.parametrize("count", [2, 40])
def test_the_chart_is_the_same_every_time(count: int) -> None:
    """As PNG and as SVG; another record is another picture."""
    for form, head in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        made = [draw_record(rows(count), PREDICTION, form) for _ in range(2)]  # type: ignore[arg-type]
        assert made[0] == made[1]
        assert made[0] is not None
        assert made[0].startswith(head)
        assert made[0] != draw_record(rows(count), replace(PREDICTION, symbol="MSFT"), form)  # type: ignore[arg-type]


def test_one_forecast_is_no_chart() -> None:
    """There is nothing to see."""
    assert draw_record(rows(1), PREDICTION, "png") is None
