"""The Kafka cluster: Confluent Cloud, Apache Kafka, or anything that speaks its protocol."""

from typing import Literal

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from flows.core.connections import KafkaConnection


class KafkaCluster(Block):
    """Where bars and forecasts are published.

    Example:
        Load a stored block:
        ```python
        from blocks import KafkaCluster
        cluster = KafkaCluster.load("BLOCK_NAME")
        connection = cluster.connection()
        ```
    """

    _block_type_name = "Kafka Cluster"
    _block_type_slug = "kafka-cluster"
    _documentation_url = HttpUrl(
        "https://docs.confluent.io/platform/current/clients/librdkafka/html/md_CONFIGURATION.html"
    )
    _description = "Where bars and forecasts are published."

    bootstrap_servers: str = Field(
        title="Bootstrap servers", description="One or more of host:port, separated by commas."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="SASL_SSL for Confluent Cloud; PLAINTEXT for a broker on your own machine."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        default=None, title="SASL mechanism", description="PLAIN for Confluent Cloud; empty without SASL."
    )
    sasl_username: str | None = Field(
        default=None, title="SASL user name", description="For Confluent Cloud, the API key."
    )
    sasl_password: SecretStr | None = Field(
        default=None, title="SASL password", description="For Confluent Cloud, the API key's secret."
    )
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Put in front of every topic's name, for a cluster that is shared.",
    )

    def connection(self) -> KafkaConnection:
        """Return the plain configuration that Kafka's clients take."""
        password = self.sasl_password.get_secret_value() if self.sasl_password else None
        settings = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": password,
        }
        return KafkaConnection(
            {name: value for name, value in settings.items() if value is not None},
            prefix=self.topic_prefix,
            secrets=(password,) if password else (),
        )
