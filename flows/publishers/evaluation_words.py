"""An evaluation in words. Artifact and terminal show these and nothing else, so that both say the same."""

from dataclasses import dataclass

from flows.core.backtest import MARGIN, Contest
from flows.core.evaluation import Evaluation, Held, Standing, relative_mse
from flows.core.models import BASELINE
from flows.publishers.contest_words import MODEL_WORDS, Table, percent

GLOSSARY = (
    (
        "MSE / naive: a model's mean squared error divided by that of repeating the last close, on the same closes; below 1 is "
        "better. Over several symbols it is the geometric mean."
    ),
    "MASE: the average distance between forecast and close, in units of the average change in the history before these closes.",
    "Skill: how much lower the MSE is than naive's; below 0 % is worse. A few percent may be chance.",
    f"Winner: the model with the lowest MSE. The winner on record keeps its place unless another model is more than {MARGIN:.0%} better.",
    "Better than naive: by the Diebold-Mariano test, with 5 % risk a symbol that chance makes any of the models look so (Holm).",
    *MODEL_WORDS,
    "In 80 %, 95 %: the share of these closes that the intervals around the winner's forecasts would have held.",
    "What was best on past closes need not be best on the next ones.",
)
RECORDED = (
    "The winners are on record: forecasts with the contest recorded use them (`nextclose forecast --contest recorded`)."
)
SAMPLE = "SAMPLE: no live prices. Nothing here is about today."


@dataclass(frozen=True, slots=True)
class EvaluationWords:
    """A whole evaluation in words."""

    title: str
    banner: str
    verdict: tuple[str, ...]
    by_model: Table
    by_symbol: Table
    failures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    glossary: tuple[str, ...]
    parts: tuple[str, ...]
    made: str


def evaluation_words(made: Evaluation) -> EvaluationWords:
    """Return everything that an evaluation tells."""
    instant = "" if made.now is None else f", for {made.now:%Y-%m-%d %H:%M} UTC"
    return EvaluationWords(
        title=title(made),
        banner=SAMPLE if made.is_sample else "",
        verdict=(_sentence(made.verdict), *((_record_words(made),) if made.held else ())),
        by_model=Table(
            ("Model", "MSE / naive", "MASE", "Skill", "Wins", "Better than naive on", "Symbols"),
            tuple(_model_row(standing) for standing in made.standings),
        ),
        by_symbol=Table(
            (
                "Symbol",
                "As of",
                "Winner",
                "Winner before",
                "MSE / naive",
                "Better than naive",
                "In 80 %, 95 %",
                "Closes compared",
            ),
            tuple(_symbol_row(held) for held in made.held),
        ),
        failures=tuple((one.symbol, one.reason.removeprefix(f"{one.symbol}, ")) for one in made.failures),
        notes=(*made.notes, *_symbol_notes(made)),
        glossary=GLOSSARY if made.held else (),
        parts=made.parts,
        made=f"Run {made.run_id}{instant}.",
    )


def title(made: Evaluation) -> str:
    """Return what an evaluation is about."""
    where = made.symbols[0] if len(made.symbols) == 1 else f"{len(made.symbols)} symbols"
    return f"Which model? {made.interval} closes of {where}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _record_words(made: Evaluation) -> str:
    if made.named:
        return (
            f"Only {', '.join(made.named)} (and what they need) were compared, because they were named: the winners are not "
            "put on record."
        )
    return RECORDED


def _model_row(standing: Standing) -> tuple[str, ...]:
    there = str(standing.symbols)
    return (
        standing.name,
        ratio(standing.relative_mse),
        ratio(standing.mase),
        percent(standing.skill),
        str(standing.wins),
        str(standing.better) if standing.name != BASELINE else "",
        f"{there} ({standing.failed} failed)" if standing.failed else there,
    )


def _symbol_row(held: Held) -> tuple[str, ...]:
    contest = held.contest
    return (
        held.symbol,
        held.as_of,
        contest.winner,
        contest.incumbent or "",
        ratio(relative_mse(contest, contest.score(contest.winner))),
        ", ".join(contest.better) or "none",
        _held_by(contest),
        str(contest.origins),
    )


def _held_by(contest: Contest) -> str:
    """Return the shares of closes that the winner's two intervals would have held."""
    if contest.coverage80 is None or contest.coverage95 is None:
        return "n/a"
    return f"{contest.coverage80:.0%}, {contest.coverage95:.0%}"


def _symbol_notes(made: Evaluation) -> tuple[str, ...]:
    failed: dict[str, list[str]] = {}
    for held in made.held:
        for score in held.contest.scores:
            if score.failed is not None:
                failed.setdefault(score.failed, []).append(held.symbol)
    notes = tuple(f"{held.symbol}: {note}" for held in made.held for note in held.notes)
    return (*notes, *(f"did not take part on {', '.join(names)}: {reason}" for reason, names in failed.items()))


def ratio(value: float | None) -> str:
    """Return a ratio with three decimals, or fewer where it is large."""
    if value is None:
        return "n/a"
    return f"{value:.3f}" if value < 10 else f"{value:,.0f}"
