"""What a broker confirms of the records that are sent to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException, Message


class Deliveries:
    """Collects the broker's answers; the first error is kept."""

    __slots__ = ("count", "error", "offsets", "sent")

    def __init__(self) -> None:
        """Begin with nothing confirmed."""
        self.offsets: dict[int, tuple[int, int]] = {}
        self.sent, self.count = 0, 0
        self.error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take one answer, as librdkafka's delivery callback."""
        if error is not None:
            self.error = self.error or error
            return
        partition, offset = message.partition(), message.offset()
        if partition is None or offset is None:
            raise TypeError("a delivered message has a partition and an offset")
        self.count += 1
        known = self.offsets.get(partition)
        if known is None:
            self.offsets[partition] = (offset, offset)
        elif offset > known[1]:
            self.offsets[partition] = (known[0], offset)
        elif offset < known[0]:
            self.offsets[partition] = (offset, known[1])

    @contextmanager
    def fatal(self) -> Iterator[None]:
        """Take an error after which the producer is dead: it comes out of whatever serves the callbacks.

        Where confluent-kafka calls one of ours meanwhile, Python wraps the error.
        """
        try:
            yield
        except (KafkaException, SystemError) as error:
            found = error if isinstance(error, KafkaException) else error.__cause__
            if not isinstance(found, KafkaException):
                raise
            # What was still in the queue has been told as purged by then, which explains nothing.
            self.error = found.args[0]
