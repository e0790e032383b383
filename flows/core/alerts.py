"""When a forecast is worth a mail."""

from dataclasses import dataclass
from enum import StrEnum

from flows.core.forecast import Prediction

DEFAULT_PERCENT = 2.0


class AlertWhen(StrEnum):
    """What a mail waits for; failures are mailed in every case."""

    ALWAYS = "always"
    MOVE = "move"
    EDGE = "edge"
    FAILURE = "failure"


class MailForm(StrEnum):
    """How a run's forecasts are mailed."""

    DIGEST = "digest"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Alerting:
    """A run's choice of which forecasts it mails, and how."""

    when: AlertWhen = AlertWhen.ALWAYS
    percent: float = DEFAULT_PERCENT
    """The bound on a move or an edge, in percent of the as-of close."""
    form: MailForm = MailForm.DIGEST

    def calls_for(self, prediction: Prediction) -> bool:
        """Say whether a forecast is mailed."""
        if self.when is AlertWhen.ALWAYS:
            return True
        if self.when is AlertWhen.FAILURE:
            return False
        return _percent_away(prediction, self.when) > self.percent

    def why_not(self, prediction: Prediction) -> str:
        """Return the reason why a forecast is not mailed."""
        if self.when is AlertWhen.FAILURE:
            return "this run mails failures only"
        what = "the forecast" if self.when is AlertWhen.MOVE else "the farther edge of the 80 % interval"
        away = _percent_away(prediction, self.when)
        return (
            f"{what} is {away:.2f} % away from the as-of close, and this run mails from more than {self.percent:g} % on"
        )


def _percent_away(p: Prediction, when: AlertWhen) -> float:
    """Return how far what matters lies from the as-of close, in percent."""
    prices = (p.point,) if when is AlertWhen.MOVE else (p.lower80, p.upper80)
    return max(100 * abs(price / p.naive - 1) for price in prices)
