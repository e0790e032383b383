"""The producers of one run, used again: each waits half a second for its number when it is made, and none shares its queue."""

from collections.abc import Iterator
from contextlib import contextmanager

from flows.core.connections import KafkaConnection
from flows.stream.produce import Sender


class Senders:
    """Senders that are open already, each used by one task at a time.

    One that failed is not used again: after some errors a producer is dead for good.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        """Begin with none to this cluster."""
        self._connection = connection
        self._idle: list[Sender] = []

    def make_ready(self) -> None:
        """Open a sender ahead, so that the broker gives it its number while something else is done."""
        if not self._idle:
            self._idle.append(Sender(self._connection, "produce"))

    @contextmanager
    def one(self, who: str) -> Iterator[Sender]:
        """Hand out a sender, a new one where none is idle.

        Args:
            who: The symbol and step that head an error's message.
        """
        # Taking from a list and adding to it are atomic, so that tasks in other threads may do it at the same time.
        try:
            sender = self._idle.pop()
        except IndexError:
            sender = Sender(self._connection, who)
        sender.who = who
        yield sender
        self._idle.append(sender)

    def close(self) -> None:
        """Close all that are idle, while the cluster is still there."""
        self._idle.clear()
