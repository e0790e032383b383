"""A report in words. Mail, artifact and terminal show these and nothing else, so that they all say the same."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flows.core.backtest import MARGIN
from flows.core.bars import Origin
from flows.core.forecast import Forecast, Prediction, SymbolFailure
from flows.core.report import Entry, Report, money, named, subject
from flows.publishers.clocks import bar_in_words, closing_time, time_in_words
from flows.publishers.contest_words import MODEL_WORDS, Table, models_table, verdict
from flows.publishers.record_words import RECORD_WORDS, record_sentences, record_table

ORIGINS = {
    Origin.LIVE: "live: fetched from the vendor's own host",
    Origin.SAMPLE: "SAMPLE: real prices of 2010 to 2013 that come with nextclose, for demonstration only",
    Origin.CUSTOM: "custom: from another server than the vendor's, or from files",
}
GLOSSARY = (
    "Intervals: about 8 in 10 closes should lie inside the 80 % interval, and 19 in 20 inside the 95 % one.",
    "MSE: the average squared distance between forecast and close, in the squared currency of the price.",
    "MAE: the average distance, in the currency of the price. Prices are as the source gives them, and adjusted only where a note says so.",
    "Skill: how much lower the MSE is than that of repeating the last close; below 0 % is worse. A few percent may be chance.",
    "MASE: the MAE in units of the average change in the history before these closes.",
    "Direction: the share of closes that moved the way that was forecast (n/a where no move was); how many rose stands below the table.",
    "Better than naive: by the Diebold-Mariano test, with 5 % risk that chance makes any of the models look so (Holm).",
    *MODEL_WORDS,
    *RECORD_WORDS,
    "Recorded as: the hash of this forecast's record on Kafka, written before this mail; `nextclose record --verify` checks both.",
    "A forecast is a statement about probabilities, and no advice to buy or sell.",
)
PROOF = "Recorded as"
DASH = "–"  # noqa: RUF001 - a range is set with an en dash


@dataclass(frozen=True, slots=True)
class Section:
    """One symbol's forecast in words."""

    title: str
    facts: tuple[tuple[str, str], ...]
    models: Table
    verdict: tuple[str, ...]
    record: tuple[str, ...]
    figures: Table | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A whole report in words."""

    subject: str
    banner: str
    sections: tuple[Section, ...]
    failures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    glossary: tuple[str, ...]
    parts: tuple[str, ...]
    made: str


def in_words(report: Report) -> Words:
    """Return everything that a report tells, closing times on the exchange's and the reader's clock."""
    zone = report.zone
    banner = "SAMPLE: no live prices. Nothing here is about today." if report.origin is Origin.SAMPLE else ""
    return Words(
        subject=subject(report),
        banner=banner,
        sections=tuple(_section(entry, zone) for entry in report.entries),
        failures=tuple((failure.symbol, _failure(failure)) for failure in report.failures),
        notes=report.notes,
        glossary=GLOSSARY if report.entries else (),
        parts=report.parts,
        made=f"Run {report.run_id}, for {report.now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone}).",
    )


def _failure(failure: SymbolFailure) -> str:
    return failure.reason.removeprefix(f"{failure.symbol}, ")


def _section(entry: Entry, zone: str) -> Section:
    p = entry.forecast.prediction
    return Section(
        title=f"{named(p)}: {money(p.point, p.naive)} at the close of {p.target.short}",
        facts=(*_facts(p, zone), *_proof(entry.forecast)),
        models=models_table(p.contest, p.model),
        verdict=verdict(p),
        record=record_sentences(entry.record, p),
        figures=record_table(entry.record),
        notes=entry.notes,
    )


def _facts(p: Prediction, zone: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Symbol", f"{p.symbol}, {p.interval} bars"),
        ("As of", f"the close of {bar_in_words(p.as_of, p)}: {money(p.naive, p.naive)}"),
        ("Target", f"the close of {bar_in_words(p.target.label, p)}, {closing_time(p.target, zone)}"),
        ("Forecast", f"{money(p.point, p.naive)} ({p.change:+z.2%} from the as-of close)"),
        ("80 % interval", f"{money(p.lower80, p.naive)} {DASH} {money(p.upper80, p.naive)}"),
        ("95 % interval", f"{money(p.lower95, p.naive)} {DASH} {money(p.upper95, p.naive)}"),
        *((f"{100 * level:g} % interval", f"{money(a, p.naive)} {DASH} {money(b, p.naive)}") for level, a, b in p.more),
        ("Model", f"{p.model}, chosen by {_chooser(p)}"),
        ("History", f"{p.bars} bars from {time_in_words(p.first_bar, p)} to {time_in_words(p.as_of, p)}"),
        ("Origin", ORIGINS[p.origin]),
    )


def _proof(forecast: Forecast) -> tuple[tuple[str, str], ...]:
    return ((PROOF, f"SHA-256 {forecast.record_hash}"),) if forecast.record_hash else ()


def _chooser(p: Prediction) -> str:
    if p.chosen_by == "person":
        return "the person who asked"
    if p.chosen_by == "recorded":
        return "the comparison of all models that is on record"
    if p.model == p.contest.scores[0].name:
        return "the lowest MSE in the comparison below"
    return f"last time's comparison; {p.contest.scores[0].name} is less than {MARGIN:.0%} better, which is no reason to change"
