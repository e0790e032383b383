"""Looking into the product's functions from outside, by their names: the product has no hooks for this."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message

from flows.stream.bar_codec import decode_bar
from flows.stream.deliveries import Deliveries
from flows.stream.topics import BARS

Key = tuple[str, str]
"""A bar's symbol and time."""
Action = Callable[[], None]


@contextmanager
def acknowledgements(heard: Callable[[Key], object]) -> Iterator[None]:
    """Tell of each bar that the broker acknowledges, right after the product has heard of it."""
    original = Deliveries.__call__

    def call(self: Deliveries, error: KafkaError | None, message: Message) -> None:
        original(self, error, message)
        if error is None and str(message.topic()).endswith(BARS):
            value = message.value()
            assert isinstance(value, bytes)
            found = decode_bar(value)
            heard((found.symbol, found.bar.time))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deliveries, "__call__", call)
        yield


@contextmanager
def calls(place: object, name: str, before: Action | None = None, after: Action | None = None) -> Iterator[None]:
    """Act before or after each call of a function of the product."""
    original = getattr(place, name)

    def call(*given: Any, **named: Any) -> Any:
        if before is not None:
            before()
        result = original(*given, **named)
        if after is not None:
            after()
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, call)
        yield


class Count:
    """Counts calls, and acts at some of them."""

    def __init__(self, actions: Mapping[int, Action]) -> None:
        """Begin at zero; the first call is number one."""
        self._actions, self._number = actions, 0

    def __call__(self) -> None:
        """Take one more call."""
        self._number += 1
        action = self._actions.get(self._number)
        if action is not None:
            action()
