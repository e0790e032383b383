"""The Kafka cluster: Confluent Cloud, Apache Kafka, or anything that speaks its protocol."""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, field_validator

from flows.core.connections import KafkaConnection
from flows.core.kafka_settings import fault_in_setting

PEM = "-----BEGIN"
REGISTRY_SECONDS = 5


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

    # What was refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "Kafka Cluster"
    _block_type_slug = "kafka-cluster"
    _documentation_url = HttpUrl(
        "https://docs.confluent.io/platform/current/clients/librdkafka/html/md_CONFIGURATION.html"
    )
    _description = "Where bars and forecasts are published."

    bootstrap_servers: str = Field(
        min_length=1, title="Bootstrap servers", description="One or more of host:port, separated by commas."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        title="Security protocol",
        description="SASL_SSL for Confluent Cloud; PLAINTEXT for a broker on your own machine.",
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = Field(
        default=None, title="SASL mechanism", description="PLAIN for Confluent Cloud; empty without SASL."
    )
    sasl_username: str | None = Field(
        default=None, title="SASL user name", description="For Confluent Cloud, the API key."
    )
    sasl_password: SecretStr | None = Field(
        default=None, title="SASL password", description="For Confluent Cloud, the API key's secret."
    )
    oauth_client_secret: SecretStr | None = Field(
        default=None,
        title="OAuth client secret",
        description="For OAUTHBEARER with sasl.oauthbearer.method=oidc; what is not secret about it belongs into the "
        "settings below.",
    )
    ssl_ca: str | None = Field(
        default=None,
        title="Certificate authority",
        description="Whose certificates to trust, as a file's path or as PEM text; empty for the system's own.",
    )
    ssl_certificate: str | None = Field(
        default=None,
        title="Client certificate",
        description="For clusters that ask for one, as a file's path or as PEM text.",
    )
    ssl_key: SecretStr | None = Field(
        default=None, title="Client key", description="The certificate's private key, as a file's path or as PEM text."
    )
    ssl_key_password: SecretStr | None = Field(
        default=None, title="Client key's password", description="Empty if the key has none."
    )
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=150,
        title="Topic prefix",
        description="Put in front of every topic's name, for a cluster that is shared.",
    )
    topic_partitions: int = Field(
        default=4,
        ge=1,
        le=1000,
        title="Partitions a topic",
        description="How many partitions each topic gets when it is created.",
    )
    topic_replication: int | None = Field(
        default=None,
        ge=1,
        le=20,
        title="Copies of a topic",
        description="How many copies of each topic are kept; empty for the cluster's own default.",
    )
    settings: dict[str, str] = Field(
        default_factory=dict,
        title="More settings",
        description='Any other setting of librdkafka that is no secret, such as {"socket.timeout.ms": "30000"}.',
    )
    schema_registry_url: str | None = Field(
        default=None,
        title="Schema Registry",
        description="Its address, if values shall be written with its JSON serializer; empty for plain JSON.",
    )
    schema_registry_username: str | None = Field(
        default=None, title="Schema Registry user name", description="For Confluent Cloud, the registry's API key."
    )
    schema_registry_password: SecretStr | None = Field(
        default=None, title="Schema Registry password", description="For Confluent Cloud, that API key's secret."
    )

    @field_validator("topic_prefix")
    @classmethod
    def _not_sample(cls, value: str) -> str:
        """Keep the names that sample data has to itself."""
        if value.startswith("sample."):
            raise ValueError("topics of sample data begin so; choose another prefix")
        return value

    @field_validator("settings")
    @classmethod
    def _allowed(cls, value: dict[str, str]) -> dict[str, str]:
        """Refuse secrets, which would be readable here, and what has a field or is not to be changed."""
        faults = [fault for name, text in value.items() if (fault := fault_in_setting(name, text)) is not None]
        if faults:
            raise ValueError("; ".join(faults))
        return value

    @field_validator("ssl_ca", "ssl_certificate")
    @classmethod
    def _absolute(cls, value: str | None) -> str | None:
        """Make a file's path mean the same in every folder."""
        return value if not value or PEM in value else str(Path(value).expanduser().resolve())

    @field_validator("ssl_key")
    @classmethod
    def _absolute_key(cls, value: SecretStr | None) -> SecretStr | None:
        """Make a file's path mean the same in every folder."""
        return None if value is None else SecretStr(cls._absolute(value.get_secret_value()) or "")

    @field_validator("schema_registry_url")
    @classmethod
    def _without_password(cls, value: str | None) -> str | None:
        """Refuse an address with a password in it, which would be readable here."""
        if value:
            url = HttpUrl(value)
            if url.username or url.password:
                raise ValueError("the address may hold no user name or password; they have fields of their own")
        return value or None

    def connection(self) -> KafkaConnection:
        """Return the plain configuration that Kafka's clients take."""
        given = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": _open(self.sasl_password),
            "sasl.oauthbearer.client.secret": _open(self.oauth_client_secret),
            **_file_or_text("ssl.ca", self.ssl_ca),
            **_file_or_text("ssl.certificate", self.ssl_certificate),
            **_file_or_text("ssl.key", _open(self.ssl_key)),
            "ssl.key.password": _open(self.ssl_key_password),
        }
        return KafkaConnection(
            {**self.settings, **{name: value for name, value in given.items() if value}},
            prefix=self.topic_prefix,
            secrets=self._secrets(),
            partitions=self.topic_partitions,
            replication=self.topic_replication or -1,
            registry=self._registry(),
        )

    def _secrets(self) -> tuple[str, ...]:
        fields = (self.sasl_password, self.oauth_client_secret, self.ssl_key_password, self.schema_registry_password)
        key = _open(self.ssl_key)
        return (*(field.get_secret_value() for field in fields if field), *([key] if key and PEM in key else []))

    def _registry(self) -> dict[str, str | int]:
        if not self.schema_registry_url:
            return {}
        login = f"{self.schema_registry_username}:{_open(self.schema_registry_password) or ''}"
        named = {"basic.auth.user.info": login} if self.schema_registry_username else {}
        return {"url": self.schema_registry_url, "timeout": REGISTRY_SECONDS, "max.retries": 1, **named}


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _file_or_text(name: str, value: str | None) -> dict[str, str | None]:
    return {f"{name}.{'pem' if value and PEM in value else 'location'}": value}
