"""Being told to stop, between two bars."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_log = logging.getLogger("nextclose")


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Hand out what says whether SIGTERM or SIGINT has come meanwhile; outside the main thread neither is heard."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told.is_set
        return

    def hear(number: int, _frame: FrameType | None) -> None:
        _log.info("%s: the stream ends behind the bar it is at", signal.Signals(number).name)
        told.set()

    before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
