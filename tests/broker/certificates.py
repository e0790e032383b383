"""Certificates for one session: an authority with a server and a client, and a stranger with an authority of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    CertificateBuilder,
    DNSName,
    IPAddress,
    Name,
    NameAttribute,
    SubjectAlternativeName,
    random_serial_number,
)
from cryptography.x509.oid import NameOID

CLIENT = "nextclose-client"
"""The name in the client's certificate; Kafka knows it as ``User:CN=nextclose-client``."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: Certificate

    @property
    def key_pem(self) -> str:
        """The key as unencrypted PKCS 8."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def certificate_pem(self) -> str:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of one session."""

    authority: Path
    """Who is trusted."""
    server: Path
    """The broker's key and certificate in one file."""
    client: Path
    client_key: Path
    stranger: Path
    """The same name as the client, certified by another authority."""
    stranger_key: Path
    other_authority: Path


def issue(name: str, by: Identity | None = None, authority: bool = False) -> Identity:
    """Make an identity for this machine, signed by another one or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = Name([NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    here = SubjectAlternativeName([IPAddress(ip_address("127.0.0.1")), DNSName("localhost")])
    builder = (
        CertificateBuilder(issuer_name=by.certificate.subject if by else subject, subject_name=subject)
        .public_key(key.public_key())
        .serial_number(random_serial_number())
        .not_valid_before(now - HOUR)
        .not_valid_after(now + 24 * HOUR)
        .add_extension(BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(here, critical=False)
    )
    return Identity(key, builder.sign(by.key if by else key, hashes.SHA256()))


def make_certificates(folder: Path) -> Certificates:
    """Make all of them and write them into `folder`."""
    folder.mkdir(parents=True)
    authority, other = issue("nextclose-ca", authority=True), issue("other-ca", authority=True)
    server = issue("localhost", authority)
    client, stranger = issue(CLIENT, authority), issue(CLIENT, other)
    texts = {
        "authority": authority.certificate_pem,
        "server": server.key_pem + server.certificate_pem,
        "client": client.certificate_pem,
        "client_key": client.key_pem,
        "stranger": stranger.certificate_pem,
        "stranger_key": stranger.key_pem,
        "other_authority": other.certificate_pem,
    }
    for name, text in texts.items():
        (folder / f"{name}.pem").write_text(text, encoding="ascii")
    return Certificates(**{name: folder / f"{name}.pem" for name in texts})
