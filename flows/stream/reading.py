"""What messages of the bars topic carry: bars, and poison with its reason."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from operator import methodcaller

from confluent_kafka import Message

from flows.core.bars import BarRevision, Origin
from flows.core.errors import RejectData
from flows.stream.bar_codec import FRAME, decode_bar, quick_bar
from flows.stream.codec import Headers, Poison
from flows.stream.records import BAR_SCHEMA

SHOWN = 40
"""Signs of a foreign text that a reason shows."""

HeaderList = list[tuple[str, str | bytes | None]]

_take_headers: Callable[[Message], HeaderList | None] = methodcaller("headers")
"""A direct call would be made without looking for the error, which would then come up anywhere."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, and from where to go on once they are kept."""

    bars: tuple[BarRevision, ...]
    next_offsets: Mapping[int, int]
    poison: tuple[Poison, ...] = ()


def read_batch(messages: Sequence[Message]) -> Batch:
    """Return what messages of the bars topic carry; no content of any kind raises an error."""
    bars: list[BarRevision] = []
    poison: list[Poison] = []
    last: dict[int | None, Message] = {}
    right: dict[Origin, HeaderList] = {}
    for message in messages:
        last[message.partition()] = message
        value = message.value() or b""
        try:
            found = quick_bar(value) or decode_bar(value)
            if message.key() != found[1].encode():
                raise _wrong_key(found, message.key())
            headers = _headers(message)
            if headers != right.get(found[0]):
                _require_headers(found, headers)
                right[found[0]] = headers
        except RejectData as error:
            poison.append(_poison(message, str(error)))
        else:
            bars.append(found)
    ends = ((partition, message.offset()) for partition, message in last.items())
    next_offsets = {p: offset + 1 for p, offset in ends if p is not None and offset is not None}
    return Batch(tuple(bars), next_offsets, tuple(poison))


def gathered(batches: Iterable[Batch], count: int) -> Iterator[Batch]:
    """Yield batches put together, `count` of them at a time: keeping many bars at once costs less than keeping few."""
    rest = iter(batches)
    while some := tuple(islice(rest, count)):
        yield Batch(
            tuple(chain.from_iterable(batch.bars for batch in some)),
            dict(chain.from_iterable(batch.next_offsets.items() for batch in some)),
            tuple(chain.from_iterable(batch.poison for batch in some)),
        )


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking through thousands of new bars, which have no cycles, again and again.

    It would take a third of the time; what a million bars leave behind meanwhile is a megabyte.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def unframed(value: bytes) -> bytes:
    """Return a value without the frame that a Schema Registry's serializer has written before it."""
    return value[FRAME:] if value[:1] == b"\x00" else value


def headers_of(message: Message) -> Headers:
    """Return a message's headers; none if their names are no text."""
    return tuple((name, _bytes(content)) for name, content in _headers(message))


def _headers(message: Message) -> HeaderList:
    """Return a message's headers, or none where a name is no text.

    confluent-kafka 2.16 leaves a hole in the pair of such a name, once with an error beside it, and whoever touches the
    hole ends the process.
    """
    try:
        found = _take_headers(message)
    except (SystemError, UnicodeDecodeError):
        return []
    return found if found and len(gc.get_referents(*found)) == 2 * len(found) else []


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content


def _wrong_key(found: BarRevision, key: str | bytes | None) -> RejectData:
    return RejectData(
        f"the record's key is {_shown(key)}, but its bar is {found.symbol}'s: the key decides the partition, and with it "
        "the order"
    )


def _require_headers(found: BarRevision, headers: HeaderList) -> None:
    for name, content in headers:
        if name == "schema" and content != BAR_SCHEMA.encode():
            raise RejectData(f"the record's header says that it follows {_shown(content)}, and not {BAR_SCHEMA}")
        if name == "origin" and content != str(found.origin).encode():
            raise RejectData(f"the record's header names the origin {_shown(content)}, its value {found.origin}")


def _shown(content: str | bytes | None) -> str:
    return "missing" if content is None else repr(content)[:SHOWN]


def _poison(message: Message, reason: str) -> Poison:
    key, value = message.key(), message.value()
    return Poison(
        topic=str(message.topic()),
        partition=int(message.partition() or 0),
        offset=int(message.offset() or 0),
        timestamp=message.timestamp()[1],
        reason=reason,
        key=_bytes(key),
        value=_bytes(value),
        headers=headers_of(message),
    )
