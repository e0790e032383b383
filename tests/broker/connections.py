"""The ways to the broker of the tests, as a kafka block would hand them out."""

from flows.core.connections import KafkaConnection
from flows.embedded.apache_kafka import HOST
from tests.broker.node import Node
from tests.broker.settings import SCOPE


def plaintext(node: Node, prefix: str = "") -> KafkaConnection:
    """Without encryption or user: everything is allowed."""
    return KafkaConnection({"bootstrap.servers": node.address}, prefix)


def proxied(node: Node, prefix: str = "") -> KafkaConnection:
    """As `plaintext`, by way of the proxy that a test runs on `node.proxy_port`."""
    return KafkaConnection({"bootstrap.servers": f"{HOST}:{node.proxy_port}"}, prefix)


def tls(node: Node, prefix: str = "") -> KafkaConnection:
    """With the client's own certificate: everything is allowed."""
    files = node.certificates
    return KafkaConnection(
        {
            "bootstrap.servers": f"{HOST}:{node.ports.tls}",
            "security.protocol": "SSL",
            "ssl.ca.location": str(files.authority),
            "ssl.certificate.location": str(files.client),
            "ssl.key.location": str(files.client_key),
        },
        prefix,
    )


def sasl_ssl(node: Node, mechanism: str = "PLAIN", user: str = "writer", prefix: str = "") -> KafkaConnection:
    """As one of the users, encrypted.

    Args:
        node: The broker.
        mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.
        user: `writer` may do everything, `reader` only describe and read, `stranger` nothing.
        prefix: The prefix of the topics.
    """
    way = {
        "bootstrap.servers": f"{HOST}:{node.ports.sasl_ssl}",
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(node.certificates.authority),
    }
    return KafkaConnection({**way, **_login(node, mechanism, user)}, prefix, secrets=_secrets(node, user))


def sasl_plaintext(node: Node, mechanism: str = "PLAIN", user: str = "writer", prefix: str = "") -> KafkaConnection:
    """As one of the users, not encrypted; the arguments are those of `sasl_ssl`."""
    way = {"bootstrap.servers": f"{HOST}:{node.ports.sasl_plaintext}", "security.protocol": "SASL_PLAINTEXT"}
    return KafkaConnection({**way, **_login(node, mechanism, user)}, prefix, secrets=_secrets(node, user))


def _login(node: Node, mechanism: str, user: str) -> dict[str, str | bool]:
    if mechanism == "OAUTHBEARER":
        return {
            "sasl.mechanism": mechanism,
            "enable.sasl.oauthbearer.unsecure.jwt": True,
            "sasl.oauthbearer.config": f"principal={user} scope={SCOPE}",
        }
    password = node.passwords.by_user[user]
    return {"sasl.mechanism": mechanism, "sasl.username": user, "sasl.password": password}


def _secrets(node: Node, user: str) -> tuple[str, ...]:
    return (node.passwords.by_user[user],)
