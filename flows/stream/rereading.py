"""The bars topic once more from its beginning: what had been read of it when a forecast was made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flows.core.bars import BarRevision, SeriesId
from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration
from flows.stream.consume import reading
from flows.stream.reading import read_batch


class Placed(NamedTuple):
    """A bar on the topic, and where it stands."""

    partition: int
    offset: int
    revision: BarRevision


class Reread(NamedTuple):
    """The bars of some series, in the order in which they stand on the topic."""

    cluster: str
    topic_id: str
    bars: Mapping[SeriesId, Sequence[Placed]]


def reread(
    connection: KafkaConnection,
    topic: str,
    wanted: Iterable[SeriesId],
    tell: Callable[[int], None] = lambda _: None,
) -> Reread:
    """Read a topic from its beginning; keep the bars of the series that are wanted.

    Args:
        connection: The cluster.
        topic: The topic's full name.
        wanted: The series.
        tell: Told from time to time how many records were read.

    Raises:
        FixConfiguration: The broker is an embedded one, which forgets.
        NextcloseError: The topic cannot be read.
    """
    if connection.embedded:
        raise FixConfiguration(
            "replay: the embedded broker forgets its records when it ends, so nothing can be made again from it. Start a Kafka "
            "cluster with `make kafka`, or replay without --from-kafka"
        )
    found: dict[SeriesId, list[Placed]] = {series: [] for series in wanted}
    count = 0
    with reading(connection, topic, (), "replay") as opened:
        for messages in opened.messages():
            for message in messages:
                for bar in read_batch([message]).bars:
                    series = SeriesId(*bar[:3])
                    if series in found:
                        found[series].append(Placed(message.partition() or 0, message.offset() or 0, bar))
            count += len(messages)
            tell(count)
    return Reread(opened.cluster, opened.topic_id, found)


def read_then(topic: Reread, series: SeriesId, bars_read: Mapping[str, Any] | None) -> tuple[list[BarRevision], str]:
    """Return the bars that had been read when a forecast was made, and what has become of the topic since.

    Args:
        topic: What stands on it now.
        series: Which bars.
        bars_read: What the forecast's row says of how far it had been read.
    """
    placed = topic.bars[series]
    told = (bars_read or {}).get("read", ())
    here = [one for one in told if one["cluster"] == topic.cluster]
    if not here:
        return [
            one.revision for one in placed
        ], "its row names no offsets on this cluster: all that stands there was read"
    if any(one["topic_id"] and topic.topic_id and one["topic_id"] != topic.topic_id for one in here):
        return [one.revision for one in placed], "the topic was made anew since: all that stands there was read"
    ends = {one["partition"]: one["next_offset"] for one in here}
    return [one.revision for one in placed if one.offset < ends.get(one.partition, 0)], ""
