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


def _columns(text: str) -> dict[str, str]:
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
    "CSV_COLUMNS": ("columns", _columns),
    "CSV_DELIMITER": ("delimiter", str),
    "CSV_TIMEZONE": ("timezone", str),
}
KAFKA: Mapping[str, Field] = {
    "KAFKA_BOOTSTRAP_SERVERS": ("bootstrap_servers", str),
    "KAFKA_SECURITY_PROTOCOL": ("security_protocol", str),
    "KAFKA_SASL_MECHANISM": ("sasl_mechanism", str),
    "KAFKA_SASL_USERNAME": ("sasl_username", str),
    "KAFKA_SASL_PASSWORD": ("sasl_password", str),
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
