"""Which code made a forecast."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

CORE = Path(__file__).with_name("core")


@lru_cache
def code_version() -> str:
    """Return the release, and a digest of the modules that decide a forecast's numbers."""
    digest = hashlib.sha256()
    for path in sorted(CORE.rglob("*.py")):
        digest.update(path.read_bytes())
    return f"{version('nextclose')}+{digest.hexdigest()[:12]}"
