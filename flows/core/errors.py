"""Every error of nextclose, grouped by what to do about it.

::

    NextcloseError
    ├── Retryable              kind "retry": try again in seconds
    │   ├── Throttled            too many requests at once
    │   ├── Unreachable          no connection, time-out, a server's own fault
    │   │   └── NotConnected       the request never reached the server
    │   ├── NotDelivered         Kafka did not confirm a record
    │   └── LedgerFailed         the ledger's database did not do as it was told
    ├── WaitUntilTomorrow      kind "quota"
    │   └── QuotaSpent           the day's requests are used up
    ├── FixConfiguration       kind "configuration": a person has to change a setting
    │   ├── KeyRefused           the API key is missing, wrong or only for demonstration
    │   ├── PremiumOnly          the key's plan does not include this
    │   │   └── OnlyCompact        the key's plan gives the last 100 bars only
    │   ├── AccessRefused        a server refuses a password, a certificate or a right
    │   ├── OriginMixed          sample data and other data would meet in one ledger
    │   └── BeyondCalendar       the exchange's holidays are not known for this day
    ├── RejectSymbol           kind "symbol": the symbol is unknown
    └── RejectData             kind "data": what was received cannot be used
        ├── BrokenAnswer         not the shape that the vendor documents
        ├── StaleData            the newest bar is not the expected session's
        ├── TooLittleHistory     not enough bars to compare models
        └── ModelFailed          a model could not be fitted to these bars

Each takes one message that names the symbol, the step, what was found and what to do. One string only, so that every
error can be pickled between processes.
"""

from typing import ClassVar, Literal

FailureKind = Literal["retry", "quota", "configuration", "symbol", "data"]


class NextcloseError(Exception):
    """An error whose message may be shown to a person as it is."""

    kind: ClassVar[FailureKind] = "data"


class Retryable(NextcloseError):
    """The same request may succeed in seconds."""

    kind = "retry"


class Throttled(Retryable):
    """The vendor asks for more time between requests."""


class Unreachable(Retryable):
    """No answer arrived, or the server reported a fault of its own."""


class NotConnected(Unreachable):
    """The request never reached the server, which cannot have counted it."""


class NotDelivered(Retryable):
    """Kafka did not confirm that it keeps a record."""


class LedgerFailed(Retryable):
    """The ledger's database refused a statement for a reason of its own, such as a full disk; nothing is half-written."""


class WaitUntilTomorrow(NextcloseError):
    """Nothing helps before the vendor's next day."""

    kind = "quota"


class QuotaSpent(WaitUntilTomorrow):
    """The day's requests are used up."""


class FixConfiguration(NextcloseError):
    """A person has to change a setting."""

    kind = "configuration"


class KeyRefused(FixConfiguration):
    """The API key is missing, wrong, or only for demonstration."""


class PremiumOnly(FixConfiguration):
    """The key's plan does not include what was asked."""


class OnlyCompact(PremiumOnly):
    """The key's plan gives the last 100 bars only."""


class AccessRefused(FixConfiguration):
    """A server refuses the user, the certificate, or what they may do."""


class OriginMixed(FixConfiguration):
    """Sample data and other data would meet in one ledger."""


class BeyondCalendar(FixConfiguration):
    """The installed calendar of an exchange does not know this day's holidays."""


class RejectSymbol(NextcloseError):
    """The symbol is not known to the vendor or to our table of exchanges."""

    kind = "symbol"


class RejectData(NextcloseError):
    """What was received cannot be used."""

    kind = "data"


class BrokenAnswer(RejectData):
    """The answer has not the shape that the vendor documents."""


class StaleData(RejectData):
    """The newest usable bar is older than the session that is due."""


class TooLittleHistory(RejectData):
    """There are not enough bars to compare models."""


class ModelFailed(RejectData):
    """A model could not be fitted to these bars."""
