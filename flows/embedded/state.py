"""Where nextclose keeps what it makes: ``.nextclose/``."""

from pathlib import Path

NAME = ".nextclose"
MARKS = ("prefect.yaml", "flows", "blocks")


def state_directory(start: Path | None = None) -> Path:
    """Return the state directory's absolute path: in the project's root, elsewhere in the working directory."""
    here = (start or Path.cwd()).resolve()
    root = next((place for place in (here, *here.parents) if all((place / mark).exists() for mark in MARKS)), here)
    return root / NAME
