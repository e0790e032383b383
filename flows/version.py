"""Which code made a forecast."""

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CORE = Path(__file__).with_name("core")
LIBRARIES = ("numpy", "scipy", "statsmodels", "statsforecast", "scikit-learn", "xgboost-cpu", "xgboost", "arch")


@lru_cache
def code_version() -> str:
    """Return the release, and a digest of the modules and the versions of the libraries that decide a forecast's numbers."""
    digest = hashlib.sha256()
    for path in sorted(CORE.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update("".join(map(_version_of, LIBRARIES)).encode())
    return f"{version('nextclose')}+{digest.hexdigest()[:12]}"


def _version_of(library: str) -> str:
    try:
        return f"|{library} {version(library)}"
    except PackageNotFoundError:
        return f"|{library} absent"
