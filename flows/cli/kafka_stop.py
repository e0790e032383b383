"""``nextclose kafka-stop``: end what ``nextclose kafka`` started."""

from flows.cli.processes import stop
from flows.cli.session import say
from flows.embedded.apache_kafka import MAIN
from flows.embedded.state import state_directory


def kafka_stop() -> None:
    """End the Apache Kafka of this folder; its records are kept."""
    if stop(state_directory() / "run" / "kafka.pid", MAIN):
        say("nextclose: Apache Kafka ended; its records are kept")
    else:
        say("nextclose: no Apache Kafka of `make kafka` is running")
