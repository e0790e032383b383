"""One embedded broker for all tests of the stream; each test has a topic of its own."""

from collections.abc import Iterator

import pytest

from flows.core.connections import KafkaConnection
from flows.embedded.broker import embedded_broker


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaConnection]:
    """Return the way to librdkafka's mock cluster."""
    with embedded_broker() as connection:
        yield connection


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """Return a topic's name that no other test uses."""
    name = "".join(sign if sign.isalnum() else "-" for sign in request.node.name)
    return f"test.{name}"[:200]
