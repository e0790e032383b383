"""Checking the record: the ledger against the forecasts topic against the mails."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flows.core.inside import check_chain, unplaced
from flows.core.issued import Kept
from flows.core.proof import FORGOTTEN, UNCHAINED, Finding, Place, Unprovable, Verdict, compare
from flows.ledger.forecasts import kept_forecasts
from flows.ledger.outbox import mails_sent
from flows.ledger.store import ledger_name, open_ledger, unchained_at_first
from flows.parts import Parts
from flows.publishers.mail_check import check_mails
from flows.stream.codec import encode_forecast, hash_of
from flows.stream.forecasts import Evidence, read_evidence
from flows.stream.topics import FORECASTS, topic_name


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of checking the whole record."""

    topic: str
    verdict: Verdict
    mails: int
    """How many mails were looked at."""
    unseen: int
    """How many mails went out whose files were not there to look at."""
    foreign: int
    """Records of other ledgers on the topic, which were not looked at."""
    older: int
    """Records on the topic from before forecasts were chained."""


def verify(parts: Parts, symbol: str | None, mails: Sequence[Path]) -> Proof:
    """Check every forecast, or one symbol's, and these mails.

    Raises:
        NextcloseError: The ledger or the topic cannot be read.
    """
    engine = open_ledger(parts.ledger, parts.origin)
    topic = topic_name(FORECASTS, parts.kafka, parts.origin)
    before = frozenset(kept.issued.forecast_id for kept in kept_forecasts(engine))
    evidence = Evidence() if parts.kafka.embedded else read_evidence(parts.kafka, topic, ledger_name(engine))
    # Once more: what a run has recorded meanwhile stands on the topic already.
    everything = kept_forecasts(engine)
    if parts.kafka.embedded:
        verdict = _forgotten(everything, symbol)
    else:
        place = Place(evidence.cluster, topic, datetime.now(UTC), before)
        verdict = _about(compare(everything, evidence.records, place), symbol, evidence)
    recorded = {kept.record_hash: kept.issued for kept in everything if kept.record_hash}
    # Where both tell of a forecast, the topic's word counts.
    recorded |= {record.record_hash: record.issued for record in reversed(evidence.records)}
    sent = mails_sent(engine)
    wrong = check_mails(mails, recorded, {message_id: content for message_id, (_, content) in sent.items()})
    gone = sum(state == "SENT" for state, _ in sent.values())
    strange = [] if symbol else unplaced(everything, unchained_at_first(engine))
    whole = replace(verdict, findings=(*verdict.findings, *strange, *wrong))
    return Proof(topic, whole, len(mails), max(gone - len(mails), 0), evidence.foreign, evidence.older)


def _forgotten(kept: Sequence[Kept], symbol: str | None) -> Verdict:
    chosen = [one for one in kept if symbol in (None, one.issued.symbol)]
    findings = tuple(check_chain(chosen, lambda issued: hash_of(encode_forecast(issued))))
    wrong = {found.forecast for found in findings}
    whys = (Unprovable(one.issued.name, FORGOTTEN if one.record_hash else UNCHAINED) for one in chosen)
    return Verdict((), tuple(why for why in whys if why.forecast not in wrong), findings)


def _about(verdict: Verdict, symbol: str | None, evidence: Evidence) -> Verdict:
    """Leave out what is not about a symbol, and add what could not be read at all."""
    unreadable = [
        Finding("altered", "", f"a record on the topic is no forecast: {what}") for what in evidence.unreadable
    ]
    if symbol is None:
        return replace(verdict, findings=(*verdict.findings, *unreadable))

    def mine(name: str) -> bool:
        return name.split(" ", 1)[0] == symbol

    return Verdict(
        tuple(name for name in verdict.proven if mine(name)),
        tuple(found for found in verdict.unprovable if mine(found.forecast)),
        tuple(found for found in verdict.findings if mine(found.forecast)),
    )
