"""Reading prefect.yaml and automations.yaml, before anything on a server is changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from flows.core.errors import FixConfiguration


def read_list(file: Path, key: str, needs: Sequence[str]) -> dict[str, Any]:
    """Return what a YAML file holds, in which `key` names a list.

    Args:
        file: The file.
        key: The name of its list.
        needs: The fields that each entry of the list must have.

    Raises:
        FixConfiguration: The file is not YAML, has no such list, or an entry lacks a field.
    """
    try:
        given = yaml.safe_load(file.read_bytes())
    except yaml.YAMLError as error:
        raise _wrong(file, f"is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(given, dict) or not isinstance(given.get(key), list):
        raise _wrong(file, f"has no list called {key}")
    for number, entry in enumerate(given[key], 1):
        missing = [name for name in needs if not isinstance(entry, dict) or not isinstance(entry.get(name), str)]
        if missing:
            raise _wrong(file, f"has no {' and no '.join(missing)} in entry {number} of {key}")
    return given


def _wrong(file: Path, what: str) -> FixConfiguration:
    return FixConfiguration(
        f"deploy, request: {file.name} {what}. Nothing was deployed; mend the file, or take it as it was: git checkout {file.name}"
    )
