"""Which settings of librdkafka a person may add by name, and why not the others."""

import re
from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "bootstrap.servers": "bootstrap_servers",
    "metadata.broker.list": "bootstrap_servers",
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_username",
    "sasl.password": "sasl_password",
    "sasl.oauthbearer.client.secret": "oauth_client_secret",
    "ssl.ca.location": "ssl_ca",
    "ssl.ca.pem": "ssl_ca",
    "ssl.certificate.location": "ssl_certificate",
    "ssl.certificate.pem": "ssl_certificate",
    "ssl.key.location": "ssl_key",
    "ssl.key.pem": "ssl_key",
    "ssl.key.password": "ssl_key_password",
}
"""Settings that have a field of their own in the block."""
KEPT = frozenset(
    (
        "acks",
        "request.required.acks",
        "enable.idempotence",
        "partitioner",
        "transactional.id",
        "group.id",
        "group.instance.id",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "auto.offset.reset",
        "isolation.level",
        "enable.partition.eof",
        "test.mock.num.brokers",
    )
)
"""Settings that nextclose's promises rest on: no bar lost, none twice, each symbol in its partition."""
RUNS_CODE = frozenset(("plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location"))

_SECRET = re.compile(
    r"(?i)passw|secret|passphrase|private|credential|jaas|api[._-]?key|\.key\.pem|token(?!\.endpoint\.url)"
)
_SECRET_VALUE = re.compile(r"(?i)PRIVATE KEY|://[^/@\s]+@|(passw|secret|token|key)\w*\s*=")
_NO_TEXT = re.compile(r".*_cb|logger|on_delivery|default\.topic\.config")


def fault_in_setting(name: str, value: str) -> str | None:
    """Return why a setting cannot be added, without its value; None if it can."""
    if name in FIELDS:
        return f"{name} has a field of its own, {FIELDS[name]}: write it there"
    if name in KEPT:
        return f"{name} is chosen by nextclose and cannot be changed"
    if _NO_TEXT.fullmatch(name):
        return f"{name} is a matter of programs and no setting that text can make"
    if name in RUNS_CODE:
        return f"{name} would run code of its own and is not allowed"
    if _SECRET.search(name) or _SECRET_VALUE.search(value):
        return (
            f"{name} looks like a secret, which would be readable here; secrets have fields of their own: sasl_password, "
            "oauth_client_secret, ssl_key, ssl_key_password"
        )
    return None
