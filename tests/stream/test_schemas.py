"""Tests that the published JSON Schemas are those of the code, and that records follow them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

import flows.stream
from flows.core.bars import BarRevision, Interval, Origin, SeriesId
from flows.core.cleaning import RawBar, RejectedBar
from flows.stream.bar_codec import encode_bar
from flows.stream.codec import Poison, encode_forecast, encode_poison, encode_rejected
from flows.stream.records import BAR_SCHEMA, FORECAST_SCHEMA, QUARANTINE_SCHEMA, SCHEMAS
from tests.stream.records import a_revision, an_issued, revisions

PUBLISHED = Path(str(flows.stream.__file__)).with_name("schemas")


def published(name: str) -> dict[str, Any]:
    """Return a schema as anybody reads it."""
    found: dict[str, Any] = json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def faults(name: str, value: bytes) -> list[str]:
    """Return what a schema has against a value."""
    checker = Draft202012Validator(SCHEMAS[name].model_json_schema(), format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(json.loads(value))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    """A change of a record is a change of its file."""
    assert published(name) == SCHEMAS[name].model_json_schema()


def test_nothing_else_is_published() -> None:
    """Each file belongs to a schema."""
    assert {f"{name}.json" for name in SCHEMAS} == {file.name for file in PUBLISHED.glob("*.json")}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name: str) -> None:
    """Every tool that knows JSON Schema can use it."""
    Draft202012Validator.check_schema(SCHEMAS[name].model_json_schema())


@given(revisions)
def test_every_bar_follows_its_schema(revision: BarRevision) -> None:
    """What we send is what we promise."""
    assert faults(BAR_SCHEMA, encode_bar(revision)) == []


def test_a_forecast_follows_its_schema() -> None:
    """Numbers, instants and texts are where the schema wants them."""
    assert faults(FORECAST_SCHEMA, encode_forecast(an_issued())) == []
    assert faults(FORECAST_SCHEMA, encode_forecast(an_issued(2, "0" * 64))) == []


@pytest.mark.parametrize("time", [None, "2026-11-20"])
def test_a_rejected_row_follows_its_schema(time: str | None) -> None:
    """Also where the row's day could not be read."""
    row = RawBar(time, "nan", None, 1.5, True, [])
    value = encode_rejected(SeriesId(Origin.LIVE, "IBM", Interval.DAILY), RejectedBar(time, "why", row))
    assert faults(QUARANTINE_SCHEMA, value) == []


@pytest.mark.parametrize("key", [b"IBM", b"\xff", None])
def test_a_poison_record_follows_its_schema(key: bytes | None) -> None:
    """Also where neither key nor value is text."""
    found = Poison(
        "nextclose.bars.v1", 3, 17, 1_700_000_000_000, "why", key, b"\xfe", (("schema", None), ("a", b"\xff"))
    )
    assert faults(QUARANTINE_SCHEMA, encode_poison(found, Origin.LIVE)) == []


@pytest.mark.parametrize(
    "change", [{"close": 0}, {"close": None}, {"revision": -1}, {"origin": "real"}, {"symbol": ""}]
)
def test_the_schema_finds_a_bad_bar(change: dict[str, object]) -> None:
    """Readers in other languages reject what we reject."""
    value = {**json.loads(encode_bar(a_revision())), **change}
    assert faults(BAR_SCHEMA, json.dumps(value).encode()) != []
