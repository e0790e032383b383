"""What Prefect logs of an error of ours: its sentence, which says what was found and what to do, and no traceback below it."""

import logging

from flows.core.errors import NextcloseError

LOGGERS = ("prefect.task_runs", "prefect.flow_runs", "prefect.engine")


class SentenceAlone(logging.Filter):
    """Takes the traceback from what is logged about an error of ours; an error that nobody has foreseen keeps it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        if record.exc_info and isinstance(record.exc_info[1], NextcloseError):
            record.exc_info = None
        return True


def speak_plainly() -> None:
    """Have Prefect's loggers of runs leave these tracebacks out."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_ALONE)


_ALONE = SentenceAlone()
"""A logger takes the same filter once only."""
