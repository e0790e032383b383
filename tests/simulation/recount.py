"""The mails' figures once more, from the exported tables alone: nothing here knows the product's code."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean

Row = Mapping[str, str]
NUMBER = r"([-+\d.]+%?|n/a)"
LABELS = (
    "Forecasts scored", "MSE", "MAE", "MASE", "Skill against naive", "Direction right", "Closes that rose",
    "Inside the 80 % interval", "Inside the 95 % interval",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What one mail says of one symbol."""

    symbol: str
    as_of: str
    target: str
    facts: Mapping[str, str]
    """Forecast, both intervals, and the figures of the record, as they are written."""


def told_in(text: str) -> list[Told]:
    """Return what a mail's text says, symbol by symbol."""
    plain = text.replace("\r", "")
    heads = [*re.finditer(r"^([A-Z.]+): [\d.]+ at the close of (\S+)\n=+$", plain, re.MULTILINE)]
    # A mail about failures alone has no forecast in it.
    ends = [*(head.start() for head in heads[1:]), len(plain)][: len(heads)]
    return [_section(head[1], head[2], plain[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def _section(symbol: str, target: str, said: str) -> Told:
    as_of = _first(r"As of: +the close of \w+ (\S+):", said)
    facts = {"point": _first(r"^Forecast: +([\d.]+)", said)}
    for level in (80, 95):
        facts[f"lower{level}"], facts[f"upper{level}"] = re.search(
            rf"^{level} % interval: +([\d.]+) \W ([\d.]+)", said, re.MULTILINE
        ).groups()  # type: ignore[union-attr]
    for label in LABELS:
        found = re.search(rf"^ +{re.escape(label)} +{NUMBER}", said, re.MULTILINE)
        if found:
            facts[label] = found[1]
    return Told(symbol, as_of, target, facts)


def _first(pattern: str, said: str) -> str:
    found = re.search(pattern, said, re.MULTILINE)
    assert found, f"no {pattern} in {said[:400]}"
    return found[1]


class Tables:
    """The exported tables."""

    def __init__(self, folder: Path) -> None:
        """Read them."""
        self.forecasts = [row for row in _rows(folder / "forecasts.csv") if row["backfill"] == "False"]
        self.placed = _rows(folder / "placed_splits.csv")
        self.outcomes = _rows(folder / "outcomes.csv")
        self.runs = _rows(folder / "runs.csv")
        self.bars: dict[tuple[str, str], list[Row]] = {}
        for bar in _rows(folder / "bars.csv"):
            self.bars.setdefault((bar["symbol"], bar["time"]), []).append(bar)
        self.first: dict[tuple[str, str], Row] = {}
        for made in sorted(self.forecasts, key=lambda row: (row["issued_at"], int(row["place"] or 0))):
            self.first.setdefault((made["symbol"], made["target"]), made)

    def close(self, made: Row, now: datetime) -> float | None:
        """Return the close of a forecast's target as it was known at an instant, in the forecast's own shares."""
        known = [
            bar
            for bar in self.bars.get((made["symbol"], made["target"]), ())
            if datetime.fromisoformat(bar["received_at"]) <= now
        ]
        if not known:
            return None
        close = float(max(known, key=lambda bar: int(bar["revision"]))["close"])
        for split in self.placed:
            if split["symbol"] == made["symbol"] and made["as_of"] < split["time"] <= made["target"]:
                close *= float(split["factor"])
        return close

    def record(self, symbol: str, as_of: str, now: datetime) -> list[tuple[Row, float]]:
        """Return the forecasts that counted at an instant, with their closes."""
        counted = [
            (made, close)
            for (name, target), made in self.first.items()
            if name == symbol and target <= as_of and made["issued_at"] < made["target_closes_at"]
            if (close := self.close(made, now)) is not None
        ]
        return sorted(counted, key=lambda one: one[0]["target"])


def _rows(file: Path) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def expected(tables: Tables, told: Told, now: datetime) -> dict[str, float]:
    """Return what a mail should say of a symbol, as numbers."""
    made = next(row for row in tables.forecasts if (row["symbol"], row["as_of"]) == (told.symbol, told.as_of))
    facts = {name: float(made[name]) for name in ("point", "lower80", "upper80", "lower95", "upper95")}
    record = tables.record(told.symbol, told.as_of, now)
    return facts | (_figures(record) if record else {})


def _figures(record: Sequence[tuple[Row, float]]) -> dict[str, float]:
    errors = [float(made["point"]) - close for made, close in record]
    naive = [float(made["naive"]) - close for made, close in record]
    moved = [(float(made["point"]) - float(made["naive"]), close - float(made["naive"])) for made, close in record]
    moved = [
        (0.0 if abs(told) <= 1e-12 * close else told, came)
        for (told, came), (_, close) in zip(moved, record, strict=True)
    ]
    right = [(told > 0) == (came > 0) for told, came in moved if told and came]
    rose = [came > 0 for _, came in moved if came]
    found = {
        "Forecasts scored": float(len(record)),
        "MSE": mean(error**2 for error in errors),
        "MAE": mean(abs(error) for error in errors),
        "MASE": mean(abs(error) / float(made["scale"]) for error, (made, _) in zip(errors, record, strict=True)),
        "Skill against naive": 1 - mean(error**2 for error in errors) / mean(error**2 for error in naive),
    }
    for level in (80, 95):
        found[f"Inside the {level} % interval"] = mean(
            float(made[f"lower{level}"]) <= close <= float(made[f"upper{level}"]) for made, close in record
        )
    if right:
        found["Direction right"] = mean(right)
    if rose:
        found["Closes that rose"] = mean(rose)
    return found


def differences(told: Told, wanted: Mapping[str, float]) -> list[str]:
    """Return where a mail's figures are not what they should be, to the last digit that is written."""
    found = []
    for name, text in told.facts.items():
        value = wanted.get(name)
        if (value is None) != (text == "n/a") or (value is not None and abs(_number(text) - value) > _unit(text)):
            found.append(f"{told.symbol} {told.as_of}: {name} is {text}, not {value}")
    missing = set(wanted) - set(told.facts)
    return [*found, *(f"{told.symbol} {told.as_of}: {name} is missing" for name in sorted(missing))]


def _number(text: str) -> float:
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def _unit(text: str) -> float:
    """Return half of the last digit that is written, and a little more."""
    digits = text.rstrip("%").partition(".")[2]
    return float(0.5000001 * 10.0 ** -len(digits) / (100 if text.endswith("%") else 1))
