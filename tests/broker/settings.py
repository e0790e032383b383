"""The broker of the tests: its listeners, its users and what they may do."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from secrets import token_hex

from flows.embedded.apache_kafka import Listener, Server, is_free
from tests.broker.certificates import CLIENT, Certificates

USERS = ("writer", "reader", "stranger")
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
MECHANISMS = ("PLAIN", *SCRAM, "OAUTHBEARER")
SCOPE = "nextclose"
"""What an OAUTHBEARER token must hold, since anybody can make an unsecured one."""
LOGIN = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one node."""

    plaintext: int
    tls: int
    sasl_ssl: int
    sasl_plaintext: int
    proxied: int
    proxy: int
    controller: int


def free_ports() -> Ports:
    """Choose free ports below those that the system gives to outgoing connections.

    Otherwise a client that tries again and again to reach a broker that is down would one day take its port.
    """
    candidates = random.SystemRandom().sample(range(12_000, 32_000), 200)
    free = (port for port in candidates if is_free(port))
    return Ports(*(next(free) for _ in fields(Ports)))


@dataclass(frozen=True, slots=True)
class Passwords:
    """A password for each user, new in every session."""

    by_user: Mapping[str, str] = field(default_factory=lambda: {user: token_hex(12) for user in USERS}, repr=False)

    @property
    def scram_words(self) -> tuple[str, ...]:
        """The words for StorageTool that give each user a password for SCRAM."""
        users = [(mechanism, user, word) for mechanism in SCRAM for user, word in self.by_user.items()]
        pairs = [("--add-scram", f"{mechanism}=[name={user},password={word}]") for mechanism, user, word in users]
        return tuple(word for pair in pairs for word in pair)

    @property
    def sasl(self) -> dict[str, str]:
        """The settings of a SASL listener."""
        plain = " ".join(f'user_{user}="{word}"' for user, word in self.by_user.items())
        scram = {f"{name.lower()}.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;" for name in SCRAM}
        return {
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
            "plain.sasl.jaas.config": f"{LOGIN}.plain.PlainLoginModule required {plain};",
            **scram,
            "oauthbearer.sasl.jaas.config": f"{LOGIN}.oauthbearer.OAuthBearerLoginModule required "
            f'unsecuredLoginStringClaim_sub="broker" unsecuredValidatorRequiredScope="{SCOPE}";',
            "oauthbearer.sasl.server.callback.handler.class": f"{LOGIN}.oauthbearer.internals.unsecured."
            "OAuthBearerUnsecuredValidatorCallbackHandler",
        }


def listeners(ports: Ports, passwords: Passwords) -> tuple[Listener, ...]:
    """Return every door of the broker; the first is its own."""
    return (
        Listener("PLAINTEXT", ports.plaintext),
        Listener("TLS", ports.tls, "SSL", settings={"ssl.client.auth": "required"}),
        Listener("SASL_TLS", ports.sasl_ssl, "SASL_SSL", settings=passwords.sasl),
        Listener("SASL", ports.sasl_plaintext, "SASL_PLAINTEXT", settings=passwords.sasl),
        Listener("PROXIED", ports.proxied, advertised_port=ports.proxy),
    )


def server(folder: Path, jars: Path, ports: Ports, passwords: Passwords, certificates: Certificates) -> Server:
    """Return a broker with all listeners, where whoever is not a super user needs an ACL."""
    return Server(
        folder,
        jars,
        listeners(ports, passwords),
        ports.controller,
        {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:ANONYMOUS;User:writer;User:CN={CLIENT}",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(certificates.server),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(certificates.authority),
        },
    )
