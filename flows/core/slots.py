"""What can become of a scheduled slot, or of any run, and of each symbol in it."""

from enum import StrEnum


class Ended(StrEnum):
    """How a run ended; with a capital letter it is the name of the run's final state."""

    SENT = "sent"
    NOT_ALERTED = "not alerted"
    MAIL_UNKNOWN = "mail unknown"
    NOTHING_NEW = "nothing new"
    STALE = "stale"
    QUOTA = "quota"
    SUPERSEDED = "superseded"
    FAILED = "failed"

    @property
    def state_name(self) -> str:
        """The name of the final state in Prefect."""
        return self.value.capitalize()

    @property
    def is_success(self) -> bool:
        """Say whether the run did all that could be done."""
        return self in _SUCCESSES


_SUCCESSES = (Ended.SENT, Ended.NOT_ALERTED, Ended.NOTHING_NEW, Ended.STALE, Ended.SUPERSEDED)
FRESH = (Ended.SENT, Ended.NOT_ALERTED, Ended.NOTHING_NEW)
"""After a run that ended so, an older one has nothing to say any more."""
RUNNING = "Running"
"""What stands in place of an outcome while a run lasts, and for ever if it was killed."""
