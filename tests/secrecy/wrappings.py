"""What is inside of something: files of a folder, rows of a database, parts of a mail, what is compressed or encoded."""

import base64
import bz2
import io
import lzma
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from email import message_from_bytes, policy
from pathlib import Path

from tests.secrecy.search import Place

DEEPEST = 4
"""How many wrappings around each other are opened."""
MOST = 64 * 1024 * 1024
"""More bytes than this are not unpacked from one place."""
SQLITE = b"SQLite format 3\0"
PACKED = re.compile(rb"(?P<gzip>\x1f\x8b\x08)|(?P<zlib>\x78[\x01\x5e\x9c\xda])|(?P<bz2>BZh[1-9])|(?P<xz>\xfd7zXZ)")
"""How packed bytes begin; a deflated stream without a head cannot be told from noise."""
ENCODED = re.compile(rb"(?:[A-Za-z0-9+/_-]{20,}=*(?:\\+n|\r?\n)?)+[A-Za-z0-9+/_-]*=*")
BETWEEN = re.compile(rb"\\+n|[\r\n=]")
PNG = b"\x89PNG"


def below(folder: Path) -> Iterator[Place]:
    """Return every file below a folder, its name too, and whatever is inside of it."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield f"the name {name}", name.encode()
        if path.is_file() and not path.is_symlink():
            yield from opened(name, path.read_bytes())
            yield from cells(name, path)


def opened(name: str, data: bytes, depth: int = 0) -> Iterator[Place]:
    """Return data, and what is inside of it."""
    yield name, data
    if depth < DEEPEST:
        for how, inner in (*_unpacked(data), *_decoded(data), *_parts(name, data)):
            yield from opened(f"{name} > {how}", inner, depth + 1)


def cells(name: str, path: Path) -> Iterator[Place]:
    """Return every row of an SQLite database as text, because a page may end in the middle of a word; blobs opened too."""
    with path.open("rb") as file:
        if file.read(len(SQLITE)) != SQLITE:
            return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
        database.text_factory = bytes
        tables = [row[0].decode() for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names of its own
                cell = b"\0\0".join(value for value in row if isinstance(value, bytes))
                yield from opened(f"{name}, a row of {table}", cell)


def _unpacked(data: bytes) -> Iterator[Place]:
    if data.startswith(SQLITE):
        # Its rows are looked at one by one.
        return
    for found in PACKED.finditer(data):
        how = str(found.lastgroup)
        with suppress(EOFError, OSError, ValueError, zlib.error, lzma.LZMAError):
            yield f"{how} at {found.start()}", UNPACK[how](data[found.start() : found.start() + MOST])
    if zipfile.is_zipfile(io.BytesIO(data)):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((f"zip {name}", archive.read(name)) for name in archive.namelist())


def _inflated(data: bytes, bits: int = zlib.MAX_WBITS) -> bytes:
    return zlib.decompressobj(bits).decompress(data, MOST)


UNPACK: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: _inflated(data, 16 + zlib.MAX_WBITS),
    "zlib": _inflated,
    "bz2": lambda data: bz2.BZ2Decompressor().decompress(data, MOST),
    "xz": lambda data: lzma.LZMADecompressor().decompress(data, MOST),
}


def _decoded(data: bytes) -> Iterator[Place]:
    """Return what looks like base64 or hex; a secret in it is found without, but not what is compressed in it."""
    if data.startswith(SQLITE):
        return
    for found in ENCODED.finditer(data):
        text = BETWEEN.sub(b"", found[0]).translate(bytes.maketrans(b"-_", b"+/"))
        inner = base64.b64decode(text + b"=" * (-len(text) % 4)) if len(text) % 4 != 1 else b""
        if PACKED.search(inner) and not inner.startswith(PNG):
            yield f"base64 at {found.start()}", inner
        with suppress(ValueError):
            inner = bytes.fromhex(text.decode())
            if PACKED.search(inner):
                yield f"hex at {found.start()}", inner


def _parts(name: str, data: bytes) -> Iterator[Place]:
    """Return a mail's headers and parts as a reader sees them."""
    if not name.endswith(".eml"):
        return
    mail = message_from_bytes(data, policy=policy.default)
    yield "headers", "\n".join(f"{key}: {value}" for key, value in mail.items()).encode()
    for number, part in enumerate(mail.walk()):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield f"part {number}, {part.get_content_type()}", content
