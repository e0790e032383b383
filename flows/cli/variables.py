"""The environment variables that configure understands, and the block fields that they become."""

from collections.abc import Callable, Mapping
from typing import Any

Field = tuple[str, Callable[[str], Any]]


def _number(text: str) -> int | None:
    return int(text) if text else None


def _rate(text: str) -> float | None:
    return float(text) if text else None


def _optional(text: str) -> str | None:
    return text or None


def _addresses(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): heading.strip() for name, _, heading in pairs}


ALPHA_VANTAGE: Mapping[str, Field] = {
    "ALPHAVANTAGE_API_KEY": ("api_key", str),
    "ALPHAVANTAGE_BASE_URL": ("base_url", str),
    "ALPHAVANTAGE_DAILY_REQUESTS": ("daily_requests", _number),
    "ALPHAVANTAGE_REQUESTS_PER_SECOND": ("requests_per_second", _rate),
    "ALPHAVANTAGE_OUTPUTSIZE": ("outputsize", str),
    "ALPHAVANTAGE_ADJUSTED": ("adjusted", str),
    "ALPHAVANTAGE_ENTITLEMENT": ("entitlement", _optional),
}
CSV: Mapping[str, Field] = {
    "CSV_LOCATION": ("location", str),
    "CSV_COLUMNS": ("columns", _pairs),
    "CSV_DELIMITER": ("delimiter", str),
    "CSV_TIMEZONE": ("timezone", str),
}
KAFKA: Mapping[str, Field] = {
    "KAFKA_BOOTSTRAP_SERVERS": ("bootstrap_servers", str),
    "KAFKA_SECURITY_PROTOCOL": ("security_protocol", str),
    "KAFKA_SASL_MECHANISM": ("sasl_mechanism", _optional),
    "KAFKA_SASL_USERNAME": ("sasl_username", _optional),
    "KAFKA_SASL_PASSWORD": ("sasl_password", str),
    "KAFKA_OAUTH_CLIENT_SECRET": ("oauth_client_secret", str),
    "KAFKA_SSL_CA": ("ssl_ca", _optional),
    "KAFKA_SSL_CERTIFICATE": ("ssl_certificate", _optional),
    "KAFKA_SSL_KEY": ("ssl_key", str),
    "KAFKA_SSL_KEY_PASSWORD": ("ssl_key_password", str),
    "KAFKA_TOPIC_PREFIX": ("topic_prefix", str),
    "KAFKA_TOPIC_PARTITIONS": ("topic_partitions", int),
    "KAFKA_TOPIC_REPLICATION": ("topic_replication", _number),
    "KAFKA_SETTINGS": ("settings", _pairs),
    "KAFKA_SCHEMA_REGISTRY_URL": ("schema_registry_url", _optional),
    "KAFKA_SCHEMA_REGISTRY_USERNAME": ("schema_registry_username", _optional),
    "KAFKA_SCHEMA_REGISTRY_PASSWORD": ("schema_registry_password", str),
}
SMTP: Mapping[str, Field] = {
    "SMTP_HOST": ("smtp_server", str),
    "SMTP_PORT": ("smtp_port", int),
    "SMTP_TYPE": ("smtp_type", str),
    "SMTP_USERNAME": ("username", str),
    "SMTP_PASSWORD": ("password", str),
}
MAIL: Mapping[str, Field] = {
    "MAIL_FROM": ("sender", str),
    "MAIL_TO": ("recipients", _addresses),
    "MAIL_TIMEZONE": ("timezone", str),
}
