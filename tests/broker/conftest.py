"""One real broker for all tests of this folder."""

from collections.abc import Iterator
from secrets import token_hex

import pytest

from flows.core.connections import KafkaConnection
from tests.broker.connections import plaintext
from tests.broker.node import Node, start_node


@pytest.fixture(scope="session")
def session_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The broker of the session; tests ask for `node`, which is sure to be up."""
    node = start_node(tmp_path_factory.mktemp("kafka"))
    yield node
    node.kill()


@pytest.fixture
def node(session_node: Node) -> Node:
    """The broker, up and answering whatever the test before did to it."""
    session_node.bring_up()
    return session_node


@pytest.fixture
def kafka(node: Node) -> KafkaConnection:
    """A way to the broker, with topics that no other test has."""
    return plaintext(node, prefix=f"{token_hex(6)}.")
