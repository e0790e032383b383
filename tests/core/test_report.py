"""Tests of what a run has to tell: subject lines, money, facts."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.backtest import ModelScore
from flows.core.bars import Interval, Origin
from flows.core.forecast import SymbolFailure
from flows.core.report import Entry, Report, failure_facts, forecast_facts, money, score_facts, subject
from flows.core.skill import TrackRecord, record_facts
from tests.core.examples import CONTEST, NOW, a_forecast, a_session

IBM = Entry(a_forecast(), TrackRecord(2, 4.0, 1.5, 0.1, 0.5, 1.0), ("1 bar missing",))
MSFT = Entry(a_forecast(symbol="MSFT"), TrackRecord())
AAPL = Entry(a_forecast(symbol="AAPL"), TrackRecord())
LATER = Entry(a_forecast(symbol="GOOG", target=a_session("2026-11-24")), TrackRecord())
REASON = "XXXX, fetch: the vendor does not know this symbol"
FAILED = SymbolFailure("XXXX", "fetch", "symbol", REASON, "2026-11-20", "RejectSymbol")


def old(symbol: str, age: str = "2 sessions") -> SymbolFailure:
    """Return the failure of a symbol whose data is old."""
    reason = f"{symbol}, forecast: data is {age} old: the newest usable bar is 2026-11-18's, but 2026-11-20 is the last"
    return SymbolFailure(symbol, "forecast", "data", reason, "2026-11-20", "StaleData")


def report(*entries: Entry, failures: tuple[SymbolFailure, ...] = (), origin: Origin = Origin.LIVE) -> Report:
    """Return a report of these entries and failures."""
    return Report(origin, Interval.DAILY, NOW, "run-1", ("Kafka: embedded",), entries, failures)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (report(IBM), "IBM 2026-11-23: 232.41 (80 % 228.90\u2013235.80)"),
        (report(IBM, origin=Origin.CUSTOM), "IBM 2026-11-23: 232.41 (80 % 228.90\u2013235.80)"),
        (report(IBM, origin=Origin.SAMPLE), "[SAMPLE] IBM 2026-11-23: 232.41 (80 % 228.90\u2013235.80)"),
        (report(IBM, MSFT, AAPL, failures=(FAILED,)), "3 forecasts for 2026-11-23, 1 failed"),
        (report(IBM, MSFT), "2 forecasts for 2026-11-23"),
        (report(IBM, MSFT, origin=Origin.SAMPLE), "[SAMPLE] 2 forecasts for 2026-11-23"),
        (report(IBM, failures=(FAILED,)), "1 forecast for 2026-11-23, 1 failed"),
        (report(LATER, IBM), "2 forecasts for 2026-11-23 and 2026-11-24"),
        (report(failures=(FAILED,)), "no forecast: 1 failed (XXXX)"),
        (report(failures=(FAILED,) * 3), "no forecast: 3 failed (XXXX, XXXX, XXXX)"),
        (report(failures=(FAILED,) * 5), "no forecast: 5 failed (XXXX, XXXX, XXXX, \u2026)"),
        (report(failures=(old("IBM"),)), "IBM: no forecast: data is 2 sessions old"),
        (report(failures=tuple(map(old, "ABCD"))), "A, B, C, \u2026: no forecast: data is 2 sessions old"),
        (report(failures=(old("A"), old("B", "1 session"))), "no forecast: 2 failed (A, B)"),
        (report(failures=(old("A"), FAILED)), "no forecast: 2 failed (A, XXXX)"),
        (report(IBM, failures=(old("A"),)), "1 forecast for 2026-11-23, 1 failed"),
    ],
)
def test_the_subject_says_what_the_mail_is_about(made: Report, expected: str) -> None:
    """One forecast is told in full, several are counted, failures are never left out."""
    assert expected == subject(made)


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        (232.414, 232.0, "232.41"),
        (228.9, 232.0, "228.90"),
        (0.999, 1.0, "1.00"),
        (1234567.891, 1.2e6, "1234567.89"),
        (0.51234, 0.5, "0.5123"),
        (0.0512345, 0.05, "0.05123"),
        (0.000123456, 0.0001, "0.0001235"),
        (1.05, 0.95, "1.0500"),
        (-0.01, -232.0, "-0.01"),
    ],
)
def test_money_has_two_decimals_or_four_significant_digits(value: float, scale: float, expected: str) -> None:
    """Prices below one keep four digits, so that their limits can be told apart."""
    assert expected == money(value, scale)


@given(st.floats(1e-6, 1e6), st.floats(0.5, 2.0))
def test_money_is_near_the_value(scale: float, factor: float) -> None:
    """Rounding moves a price by no more than half a unit of its last digit."""
    assert float(money(scale * factor, scale)) == pytest.approx(scale * factor, rel=0.01, abs=1e-9)


def test_the_targets_are_listed_once_in_order() -> None:
    """Several symbols of one session are one target."""
    assert report(LATER, IBM, MSFT).targets == ("2026-11-23", "2026-11-24")


def test_a_report_about_fewer_symbols_keeps_the_rest() -> None:
    """What is left out of a mail does not change who wrote it, when and with what."""
    fewer = report(IBM, MSFT, failures=(FAILED,)).only((IBM,), ())
    assert report(IBM) == fewer
    assert fewer.entries[0].symbol == "IBM"


def test_the_facts_of_a_forecast_have_all_documented_keys() -> None:
    """Programs find every key that `forecast --json` promises."""
    facts = forecast_facts(IBM)
    promised = {"symbol", "interval", "origin", "as_of", "target", "model", "models", "record", "notes"}
    numbers = {"point", "lower80", "upper80", "lower95", "upper95", "naive"}
    assert promised | numbers <= facts.keys()
    assert (facts["symbol"], facts["as_of"], facts["target"]) == ("IBM", "2026-11-20", "2026-11-23")
    assert (facts["interval"], facts["origin"], facts["notes"]) == ("daily", "live", ["1 bar missing"])
    assert [facts[name] for name in ("point", "lower80", "upper80")] == [232.41, 228.9, 235.8]


def test_the_facts_hold_every_model_and_why_one_failed() -> None:
    """A model has its figures or its reason, never both."""
    later = {"mase": None, "direction": None, "p_value": None, "refit": ""}
    expected = [
        {"name": "naive", "mse": 4.0, "mae": 1.5, "skill": 0.0, **later},
        {"name": "arima", "failed": "arima: no maximum was found"},
    ]
    assert expected == forecast_facts(IBM)["models"]


def test_the_facts_hold_all_that_was_measured_about_a_model() -> None:
    """None of a score's figures is left out."""
    score = ModelScore("drift", 3.0, 1.2, 0.25, None, 0.9, 0.54, 0.03, "every close")
    names = {"name", "mse", "mae", "skill", "mase", "direction", "p_value", "refit"}
    assert {name: getattr(score, name) for name in names} == score_facts(score)


def test_the_facts_hold_the_verdict_and_who_earned_it() -> None:
    """What the contest says beside the scores is told with them."""
    made = a_forecast(contest=replace(CONTEST, up_days=0.6, better=("drift",), incumbent="arima", coverage80=0.85))
    facts = forecast_facts(Entry(made, TrackRecord()))["contest"]
    assert facts == {
        "verdict": "better than naive",
        "better": ["drift"],
        "origins": 20,
        "first_target": "2026-10-23",
        "last_target": "2026-11-20",
        "up_days": 0.6,
        "incumbent": "arima",
        "coverage80": 0.85,
        "coverage95": None,
    }


def test_the_facts_hold_every_interval_the_narrowest_first() -> None:
    """Levels that were asked for stand between the two that are always there, each with its method."""
    facts = forecast_facts(Entry(a_forecast(more=((0.5, 231.0, 233.0), (0.9, 227.0, 237.0))), TrackRecord()))
    expected = [(0.5, 231.0, 233.0), (0.8, 228.9, 235.8), (0.9, 227.0, 237.0), (0.95, 226.0, 239.0)]
    names = ("level", "lower", "upper", "method")
    assert [dict(zip(names, (*limits, "ewma-aci"), strict=True)) for limits in expected] == facts["intervals"]


@pytest.mark.parametrize(
    ("entry", "figures"), [(IBM, (2, 4.0, 1.5, 0.1, 0.5, 1.0)), (MSFT, (0, None, None, None, None, None))]
)
def test_the_facts_hold_the_record(entry: Entry, figures: tuple[float | None, ...]) -> None:
    """An empty record is told as one, not left out."""
    names = ("n", "mse", "mae", "skill", "coverage80", "coverage95")
    found = record_facts(entry.record)
    assert found == forecast_facts(entry)["record"]
    assert figures == tuple(found[name] for name in names)


def test_the_facts_of_a_failure_name_step_kind_and_reason() -> None:
    """A failed symbol has no numbers, only what went wrong."""
    expected = {"symbol": "XXXX", "failed": {"step": "fetch", "kind": "symbol", "reason": REASON}}
    assert expected == failure_facts(FAILED)


@pytest.mark.parametrize("facts", [forecast_facts(IBM), forecast_facts(MSFT), failure_facts(FAILED)])
def test_facts_are_json(facts: dict[str, object]) -> None:
    """The facts survive being written as strict JSON and read back."""
    assert facts == json.loads(json.dumps(facts, allow_nan=False))
