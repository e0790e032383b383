"""Tests of producers that are made ahead."""

from flows.core.connections import KafkaConnection
from flows.stream import ready
from flows.stream.produce import SETTINGS, senders_ready

CLUSTER = KafkaConnection({"bootstrap.servers": "127.0.0.1:1"}, embedded=True)
OTHER = KafkaConnection({"bootstrap.servers": "127.0.0.1:2"}, embedded=True)


def test_each_is_used_once_and_for_its_own_cluster_only() -> None:
    """Two that wait are handed out one after the other; another cluster, or a third, gets a new one."""
    with senders_ready(CLUSTER, 2):
        waiting = [made for _, made in ready._waiting]
        assert ready.producer_for(OTHER, SETTINGS, "test") not in waiting
        assert [ready.producer_for(CLUSTER, SETTINGS, "test") for _ in waiting] == waiting
        assert ready.producer_for(CLUSTER, SETTINGS, "test") not in waiting


def test_what_nobody_used_is_given_up() -> None:
    """Nothing waits beyond the run, and what another run keeps ready stays."""
    with senders_ready(OTHER, 1):
        with senders_ready(CLUSTER, 2):
            ready.producer_for(CLUSTER, SETTINGS, "test")
        assert [way for way, _ in ready._waiting] == [OTHER]
    assert not ready._waiting


def test_settings_that_are_refused_are_told_by_who_needs_them() -> None:
    """Making ahead fails without a word."""
    with senders_ready(KafkaConnection({"bootstrap.servers": "127.0.0.1:1", "no.such.setting": "1"}), 2):
        assert not ready._waiting
