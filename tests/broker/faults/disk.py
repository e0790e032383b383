"""A disk without space under the ledger."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

LEFT = 200_000
"""Bytes that are left when the ledger's tables are there."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a file system of its own; yield None where that is not allowed."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    folder.mkdir()
    if mount is None or umount is None or not _succeeds(mount, "-t", "tmpfs", "-o", "size=128m", "tmpfs", str(folder)):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run([umount, "--lazy", folder], check=True)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill a disk, but for LEFT bytes, with another file."""
    other = folder / "other"
    with other.open("wb") as file:
        # A write that the disk has no space for fails, and says so.
        file.write(bytes(shutil.disk_usage(folder).free - LEFT))
    yield
    other.unlink()


@contextmanager
def few_pages(engine: Engine) -> Iterator[None]:
    """Let SQLite's file grow by LEFT bytes, and no more."""
    with engine.connect() as connection:
        pages, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
    most = pages + LEFT // size

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(engine, "connect", limit)
    engine.dispose()
    yield
    event.remove(engine, "connect", limit)
    engine.dispose()
