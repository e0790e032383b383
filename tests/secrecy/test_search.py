"""Tests that a secret is found in whatever form it stands somewhere: a search that finds nothing proves nothing."""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import pickle
import quopri
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.secrecy.planted import ALL, API_KEY, FOREIGN
from tests.secrecy.search import hits
from tests.secrecy.wrappings import below, opened

Write = Callable[[str], bytes]


def text(write: Callable[[str], str]) -> Write:
    """Return a way of writing whose text is UTF-8."""
    return lambda secret: write(secret).encode()


def login(user: str) -> Write:
    """Return the way in which SASL PLAIN writes a password behind a user's name."""
    return lambda secret: base64.b64encode(f"\0{user}\0{secret}".encode())


def pickled(secret: str) -> bytes:
    """Write as Prefect keeps results: a pickle in base64, broken into lines, in JSON."""
    return json.dumps({"result": base64.encodebytes(pickle.dumps({"x" * 40: secret})).decode()}).encode()


def packed_pickle(secret: str) -> bytes:
    """Write as Prefect keeps compressed results."""
    return json.dumps({"result": base64.encodebytes(bz2.compress(pickle.dumps(secret))).decode()}).encode()


def zipped(secret: str) -> bytes:
    """Write into a ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", secret)
    return target.getvalue()


WRITINGS: dict[str, Write] = {
    "plain": text(str),
    "Latin-1": lambda secret: secret.encode("latin-1"),
    "UTF-16": lambda secret: secret.encode("utf-16-le"),
    "UTF-16, the other way": lambda secret: secret.encode("utf-16-be"),
    "base64": lambda secret: base64.b64encode(secret.encode()),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(b"??" + secret.encode()),
    **{f"SASL PLAIN of {'abc'[:size]}": login("abc"[:size]) for size in (1, 2, 3)},
    "base64 in lines": lambda secret: base64.encodebytes(b"x" * 45 + secret.encode()),
    "URL": text(lambda secret: quote(secret, safe="")),
    "URL in small letters": text(lambda secret: quote(secret, safe="").lower()),
    "form": text(quote_plus),
    "hex": text(lambda secret: secret.encode().hex()),
    "JSON": text(json.dumps),
    "JSON with slashes escaped": text(lambda secret: json.dumps(secret).replace("/", "\\/")),
    "JSON in UTF-8": text(lambda secret: json.dumps(secret, ensure_ascii=False)),
    "JSON in JSON": text(lambda secret: json.dumps(json.dumps(secret))),
    "URL in JSON": text(lambda secret: json.dumps({"url": quote_plus(secret)})),
    "HTML": text(html.escape),
    "HTML, only what must be": text(lambda secret: html.escape(secret, quote=False)),
    "HTML in JSON": text(lambda secret: json.dumps(html.escape(secret))),
    "repr": text(repr),
    "repr of bytes": text(lambda secret: repr(secret.encode())),
    "broken into lines": text(lambda secret: secret[:9] + "\n     " + secret[9:]),
    "a result": pickled,
    "a compressed result": packed_pickle,
    "gzip": lambda secret: b"before" + gzip.compress(secret.encode()),
    "zlib": lambda secret: b"before" + zlib.compress(secret.encode()),
    "xz": lambda secret: lzma.compress(secret.encode()),
    "gzip in base64 in JSON": lambda secret: json.dumps(
        base64.b64encode(gzip.compress(secret.encode())).decode()
    ).encode(),
    "zip": zipped,
}


@pytest.mark.parametrize("secret", ALL)
@pytest.mark.parametrize("writing", WRITINGS)
def test_a_secret_is_found_in_every_writing(writing: str, secret: str) -> None:
    """Among other bytes, with or without signs that the writing changes."""
    data = b"\xff\x00 some words, " + WRITINGS[writing](secret) + b" and others\n"
    assert hits([secret], opened("file", data)) != []
    assert hits(["another-secret-0123456789"], opened("file", data)) == []


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_secret_is_found_in_a_mail(tmp_path: Path, encoding: str) -> None:
    """In a part of its own, however it is encoded for the way."""
    mail = EmailMessage()
    mail["Subject"] = "hello"
    mail.set_content("x" * 70 + FOREIGN, cte=encoding)
    mail.add_alternative(f"<p>{html.escape(FOREIGN)}</p>", subtype="html")
    (tmp_path / "one.eml").write_bytes(mail.as_bytes())
    assert len(hits([FOREIGN], below(tmp_path))) > 1


def test_a_secret_is_found_in_a_mails_subject(tmp_path: Path) -> None:
    """Encoded words are read."""
    mail = EmailMessage()
    mail["Subject"] = f"ééé {FOREIGN}"
    (tmp_path / "one.eml").write_bytes(mail.as_bytes())
    assert hits([FOREIGN], below(tmp_path)) != []


@pytest.mark.parametrize("write", [str, lambda secret: gzip.compress(secret.encode())])
def test_a_secret_is_found_in_a_database(tmp_path: Path, write: Callable[[str], object]) -> None:
    """In a row so long that it stands on several pages, and in a blob that is compressed."""
    with closing(sqlite3.connect(tmp_path / "some.db")) as database:
        database.execute("CREATE TABLE t (a, b)")
        database.executemany(
            "INSERT INTO t VALUES (?, ?)", [("x" * size, write(FOREIGN)) for size in range(3000, 4100, 9)]
        )
        database.commit()
    found = hits([FOREIGN], below(tmp_path))
    assert any("a row of t" in one for one in found)


def test_a_secret_is_found_in_a_files_name(tmp_path: Path) -> None:
    """A name is something that is left behind too."""
    (tmp_path / f"mail-{API_KEY}.eml").write_bytes(b"")
    assert hits([API_KEY], below(tmp_path)) != []


def test_quoted_printable_is_undone_in_mails_only(tmp_path: Path) -> None:
    """Elsewhere nobody writes it, and an equals sign means something else."""
    (tmp_path / "one.txt").write_bytes(quopri.encodestring(FOREIGN.encode()))
    assert hits([FOREIGN], below(tmp_path)) == []
