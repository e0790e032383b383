"""Tests of the record's check: the ledger against the forecasts topic against the mails, on the real broker."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.core.connections import KafkaConnection
from flows.core.proof import BACKFILL, ELSEWHERE, GIVEN_NOW, NOT_YET
from flows.parts import Parts
from flows.proving import Proof, verify
from flows.steps import connect
from flows.stream.codec import encode_forecast
from flows.stream.produce import Outgoing
from flows.stream.topics import FORECASTS, topic_name
from tests.broker.house import ledger_of, mailed, parts_on, recorded
from tests.stream.records import an_issued, produce


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own."""
    return parts_on(kafka, tmp_path)


def found(proof: Proof) -> list[tuple[str, str]]:
    """Return the kind of each finding and which forecast it is about."""
    return [(finding.kind, finding.forecast) for finding in proof.verdict.findings]


def alter(parts: Parts, statement: str) -> None:
    """Change the ledger behind its back."""
    with ledger_of(parts).begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_an_honest_record_is_proven(parts: Parts, tmp_path: Path) -> None:
    """Ledger, topic and mail agree, and each record was there before its target closes."""
    made = [recorded(parts, number) for number in range(5)]
    proof = verify(parts, None, [mailed(parts, made[0], tmp_path / "outbox")])
    assert (len(proof.verdict.proven), found(proof), proof.mails) == (5, [], 1)
    assert (verify(parts, "IBM", []).verdict.proven, verify(parts, "MSFT", []).verdict.proven) == (
        proof.verdict.proven,
        (),
    )


def test_a_record_that_was_published_twice_is_still_proven(parts: Parts) -> None:
    """A run that died between the topic and the ledger publishes once more; the first one counts."""
    recorded(parts, 0)
    alter(parts, "UPDATE forecasts SET topic_offset = NULL, topic = NULL")
    recorded(parts, 0)
    recorded(parts, 1)
    assert (len(verify(parts, None, []).verdict.proven), found(verify(parts, None, []))) == (2, [])


def test_a_changed_number_is_named(parts: Parts) -> None:
    """One number in the ledger is not the topic's: the finding says which, and both values."""
    recorded(parts, 0)
    recorded(parts, 1)
    alter(parts, "UPDATE forecasts SET point = 999.5 WHERE as_of = '2026-01-02'")
    (finding,) = verify(parts, None, []).verdict.findings
    assert finding.kind == "altered"
    assert "point is 999.5 in the ledger and 231.0 on the topic" in finding.what


def test_a_deleted_forecast_is_named(parts: Parts) -> None:
    """What stands on the topic and not in the ledger was taken out of the ledger."""
    for number in range(3):
        recorded(parts, number)
    alter(parts, "DELETE FROM forecasts WHERE as_of = '2026-01-02'")
    (finding,) = verify(parts, None, []).verdict.findings
    assert (finding.kind, "2026-01-02" in finding.forecast) == ("missing", True)
    assert "not in the ledger" in finding.what


def test_a_forecast_inserted_into_the_ledger_is_named(parts: Parts) -> None:
    """A row that says it was issued in time, and never was on the topic."""
    recorded(parts, 0)
    columns = "symbol, origin, interval, as_of, target, target_closes_at, issued_at, backfill, point, lower80, upper80"
    more = "lower95, upper95, naive, model, chosen_by, parameters, contest, bars, first_bar, data_digest, code_version"
    alter(
        parts,
        f"INSERT INTO forecasts (forecast_id, run_id, given_now, place, record_hash, {columns}, {more}) "  # noqa: S608
        f"SELECT 'forged', run_id, 0, 2, record_hash, {columns}, {more} FROM forecasts",
    )
    assert found(verify(parts, None, [])) == []
    alter(parts, "UPDATE forecasts SET target_closes_at = '2026-01-05 21:00:00.000000' WHERE forecast_id = 'forged'")
    assert [kind for kind, _ in found(verify(parts, None, []))] == ["missing"]
    alter(parts, "UPDATE forecasts SET place = NULL, record_hash = NULL WHERE forecast_id = 'forged'")
    assert [kind for kind, _ in found(verify(parts, None, []))] == ["missing"]


def test_what_was_published_elsewhere_breaks_no_chain(parts: Parts) -> None:
    """Forecasts of an embedded broker, of another cluster or prefix, are unprovable, and those behind them proven."""
    recorded(parts, 0)
    elsewhere = replace(parts, kafka=replace(parts.kafka, prefix=f"other.{parts.kafka.prefix}"))
    connect(elsewhere)
    recorded(elsewhere, 1)
    verdict = verify(elsewhere, None, []).verdict
    assert (len(verdict.proven), [one.why for one in verdict.unprovable], verdict.findings) == (1, [ELSEWHERE], ())


def test_a_run_that_was_interrupted_is_waited_for(parts: Parts) -> None:
    """Kept and not published yet: no finding before its target closes."""
    recorded(parts, 0)
    alter(parts, "UPDATE forecasts SET topic_offset = NULL, topic = NULL, cluster = NULL")
    other = replace(parts, kafka=replace(parts.kafka, prefix=f"empty.{parts.kafka.prefix}"))
    connect(other)
    verdict = verify(other, None, []).verdict
    assert ([one.why for one in verdict.unprovable], verdict.findings) == ([NOT_YET], ())


def test_a_ledger_alone_shows_what_was_changed_in_it(parts: Parts) -> None:
    """Where the broker has forgotten all, hashes and places of the ledger itself are left."""
    for number in range(3):
        recorded(parts, number)
    forgetful = replace(parts, kafka=replace(parts.kafka, embedded=True))
    assert found(verify(forgetful, None, [])) == []
    alter(parts, "UPDATE forecasts SET point = 999.5 WHERE as_of = '2026-01-03'")
    alter(parts, "DELETE FROM forecasts WHERE as_of = '2026-01-01'")
    assert sorted(kind for kind, _ in found(verify(forgetful, None, []))) == ["altered", "missing"]


def test_a_forecast_written_after_the_close_is_named(parts: Parts) -> None:
    """The broker's own time betrays it, whatever it says about itself: in the ledger too, or on the topic only."""
    recorded(parts, 0)
    recorded(parts, 1, ago=10)
    assert [kind for kind, _ in found(verify(parts, None, []))] == ["back-dated"]
    forged = an_issued(place=3, previous="0" * 64)
    value = encode_forecast(forged._replace(symbol="IBM", target_closes_at=forged.issued_at.replace(year=2025)))
    topic = topic_name(FORECASTS, parts.kafka, parts.origin)
    produce(parts.kafka, topic, [Outgoing("IBM", value)], {}, "forger")
    kinds = [kind for kind, _ in found(verify(parts, None, []))]
    assert sorted(kinds) == ["back-dated", "back-dated", "missing", "missing"]


def test_what_cannot_be_proved_is_no_error(parts: Parts) -> None:
    """Backfills and runs with a given instant are listed with their reason."""
    recorded(parts, 0, backfill=True, ago=10)
    recorded(parts, 1, given_now=True, ago=10)
    verdict = verify(parts, None, []).verdict
    assert ({one.why for one in verdict.unprovable}, verdict.findings) == ({BACKFILL, GIVEN_NOW}, ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"230.00 (-0.86 % from", b"", ""),
        (b"Forecast:      230.00", b"Forecast:      239.00", "says Forecast 239.00"),
        (b"228.90", b"218.90", "80 % interval 218.90"),
        (b"Subject: IBM 2", b"Subject: IBM 1", "is not what was sent"),
    ],
    ids=["nothing", "forecast", "interval", "subject"],
)
def test_an_altered_mail_is_named(parts: Parts, tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    """Another number in the text, or anything else in subject, text or HTML."""
    file = mailed(parts, recorded(parts, 0), tmp_path / "outbox")
    content = file.read_bytes()
    if said:
        assert old in content
        file.write_bytes(content.replace(old, new, 1))
    findings = verify(parts, None, [file]).verdict.findings
    assert [finding.kind for finding in findings] == (["mail"] if said else [])
    assert all(said in finding.what for finding in findings)


def test_a_mail_that_nobody_sent_is_named(parts: Parts, tmp_path: Path) -> None:
    """Its Message-ID is in no outbox, and its record nowhere."""
    file = mailed(parts, made := recorded(parts, 0), tmp_path / "outbox")
    content = file.read_bytes().replace(b"@nextclose.invalid", b"@elsewhere.invalid")
    file.write_bytes(content.replace(made.record_hash[:50].encode(), b"0" * 50))
    findings = verify(parts, None, [file]).verdict.findings
    assert ["neither on the topic nor" in findings[0].what, "none of the mails" in findings[1].what] == [True, True]
