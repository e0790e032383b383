"""``nextclose record``: how good the earlier forecasts were, and whether their record is as it was written."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.session import prefect_ready, say
from flows.embedded.state import state_directory

if TYPE_CHECKING:
    from flows.core.bars import SeriesId
    from flows.core.figures import Figures
    from flows.core.skill import TrackRecord
    from flows.parts import Parts
    from flows.proving import Proof

SHOWN = 20
EXIT_WRONG = 1


def record(
    symbol: Annotated[str | None, typer.Argument(help="Only this symbol; all where none is given.")] = None,
    check: Annotated[
        bool, typer.Option("--verify", help="Check the ledger against the forecasts topic and the mails.")
    ] = False,
    mail: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            help="With --verify: a mail to check, as a file, or a folder of them; the files in .nextclose/outbox where "
            "none is given.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the facts as CSV: a row for all, for the last 20, and for each model.")
    ] = False,
) -> None:
    """Show the track record of the forecasts that were made before their target closed, or check it.

    Each series has a record of its own: prices of different symbols, origins or intervals do not add up. With --verify,
    exits with 1 if anything does not fit.
    """
    if as_csv and (as_json or check):
        raise typer.BadParameter("--csv goes with neither --json nor --verify")
    chosen = symbol.strip().upper() if symbol else None
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use

        with parts_in_use() as parts:
            if check:
                _verify(parts, chosen, _mails(mail), as_json=as_json)
            else:
                _show(_records(parts, chosen), "json" if as_json else "csv" if as_csv else "text", chosen)


def _mails(given: Iterable[Path] | None) -> list[Path]:
    places = list(given) if given is not None else [state_directory() / "outbox"]
    return [
        file
        for place in places
        for file in (sorted(place.glob("*.eml")) if place.is_dir() else [place])
        if file.exists()
    ]


def _records(parts: "Parts", symbol: str | None) -> "list[tuple[SeriesId, TrackRecord]]":
    from flows.core.skill import track_record
    from flows.ledger.forecasts import scored, series_forecast
    from flows.ledger.store import open_ledger

    engine = open_ledger(parts.ledger, parts.origin)
    return [(series, track_record(scored(engine, series, "9999"))) for series in series_forecast(engine, symbol)]


def _show(found: "Sequence[tuple[SeriesId, TrackRecord]]", form: str, symbol: str | None) -> None:
    from flows.core.skill import record_facts

    if form == "json":
        rows = [{**series._asdict(), **record_facts(made)} for series, made in found]
        print(json.dumps(rows, indent=2, allow_nan=False))
    elif form == "csv":
        _print_csv(found)
    else:
        blocks = [_block(series, made) for series, made in found]
        print("\n\n".join(blocks) or f"No forecast{f' of {symbol}' if symbol else ''} is in the ledger yet.")


def _print_csv(found: "Sequence[tuple[SeriesId, TrackRecord]]") -> None:
    from flows.core.figures import Figures

    names = list(_flat(Figures()))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("origin", "symbol", "interval", "selection", *names))
    for series, made in found:
        for selection, one in made.selections:
            writer.writerow((*series, selection, *("" if value is None else value for value in _flat(one).values())))


def _flat(found: "Figures") -> dict[str, object]:
    """Return figures by name, each band as its two ends."""
    from flows.core.skill import figure_facts

    flat: dict[str, object] = {}
    for name, value in figure_facts(found).items():
        if "band" in name:
            low, high = value if isinstance(value, list) else (None, None)
            flat |= {f"{name}_low": low, f"{name}_high": high}
        else:
            flat[name] = value
    return flat


def _block(series: "SeriesId", made: "TrackRecord") -> str:
    from flows.publishers.record_words import mixture, record_table
    from flows.publishers.text import table_text

    head = f"{series.symbol} {series.interval}, origin {series.origin}"
    table = record_table(made)
    if table is None:
        return f"{head}: no forecast has been scored yet"
    span = f"{made.n} scored, for the closes of {made.first_target} to {made.last_target}"
    return "\n".join((f"{head}: {span}", table_text(table), *(f"  - {line}" for line in mixture(made))))


def _verify(parts: "Parts", symbol: str | None, mails: list[Path], *, as_json: bool) -> None:
    from flows.proving import verify

    say("nextclose: reading the forecasts topic …")
    proof = verify(parts, symbol, mails)
    if as_json:
        verdict = proof.verdict
        facts = {
            "topic": proof.topic,
            "proven": list(verdict.proven),
            "unprovable": [found._asdict() for found in verdict.unprovable],
            "findings": [found._asdict() for found in verdict.findings],
            **{name: getattr(proof, name) for name in ("mails", "unseen", "foreign", "older")},
        }
        print(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_words(proof)))
    if proof.verdict.findings:
        raise typer.Exit(EXIT_WRONG)


def _words(proof: "Proof") -> list[str]:
    verdict = proof.verdict
    lines = [
        f"{found.kind}: {found.forecast}{': ' if found.forecast else ''}{found.what}" for found in verdict.findings
    ]
    reasons: dict[str, list[str]] = {}
    for unprovable in verdict.unprovable:
        reasons.setdefault(unprovable.why, []).append(unprovable.forecast)
    lines += [f"unprovable: {_listed(names)}: {why}" for why, names in reasons.items()]
    lines.append(
        f"{_forecasts(len(verdict.proven))} proven: on {proof.topic} as in the ledger, before the target closed"
    )
    lines.append(
        f"{proof.mails} {'mail' if proof.mails == 1 else 'mails'} looked at"
        + (f", {proof.unseen} more were sent (give them with --mail)" if proof.unseen else "")
    )
    if proof.foreign:
        lines.append(f"{proof.foreign} records of other ledgers on the topic were not looked at")
    if proof.older:
        lines.append(f"{proof.older} records on the topic are from before forecasts were chained")
    count = len(verdict.findings)
    lines.append(f"{count} finding{'' if count == 1 else 's'}" if count else "nothing is wrong")
    return lines


def _forecasts(count: int) -> str:
    return "1 forecast" if count == 1 else f"{count} forecasts"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{_forecasts(len(names))} ({', '.join(names[:SHOWN])}{more})"
