"""Put blocks, work pool and deployments onto a Prefect server, and keep what a person has set there."""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from prefect.variables import Variable

import blocks
from flows.core.errors import FixConfiguration
from flows.yaml_files import read_list

POOL = "nextclose"
DEPLOYED = "nextclose_deployed"
"""The variable with a digest of everything as it was deployed last: what differs from it was set by a person."""

Facts = dict[str, Any]


def register_blocks() -> None:
    """Make the server know the types of our blocks, so that its forms can show them."""
    for name in blocks.__all__:
        kind: type[Block] = getattr(blocks, name)
        kind.register_type_and_schema()


def ensure_pool() -> None:
    """Create the work pool where there is none."""
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(POOL)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))


def deploy_all(file: Path) -> list[str]:
    """Deploy all that a prefect.yaml names.

    Args:
        file: The prefect.yaml.

    Returns:
        A line for each field that a person has set on the server, and that stays as it is.

    Raises:
        FixConfiguration: The file is not what it should be, or Prefect refuses it.
    """
    given = read_list(file, "deployments", ("name", "entrypoint"))
    names = [full_name(wanted) for wanted in given["deployments"]]
    there, last = _facts_of(names), last_deployed("deployments")
    kept: dict[str, dict[str, str]] = {}
    for name, wanted in zip(names, given["deployments"], strict=True):
        if name in there:
            kept[name] = set_by_a_person(there[name], last.get(name, {}))
            _lay_over(wanted, {field: there[name][field] for field in (*kept[name], "paused")})
    _prefect_deploy(given, file.parent)
    now = {name: {**digests(facts), **kept.get(name, {})} for name, facts in _facts_of(names).items()}
    remember("deployments", now)
    return [f"{name}: {field} stays as it was set on the server" for name, fields in kept.items() for field in fields]


def full_name(wanted: Mapping[str, Any]) -> str:
    """Return a deployment's name with its flow's in front: our flows are called like their functions."""
    return f"{wanted['entrypoint'].rpartition(':')[2].replace('_', '-')}/{wanted['name']}"


def _facts_of(names: Sequence[str]) -> dict[str, Facts]:
    """Return what the server says of each of these deployments, in the words of a prefect.yaml."""
    return {name: _facts(found) for name, found in deployed(names).items()}


def deployed(names: Sequence[str]) -> dict[str, DeploymentResponse]:
    """Return those of these deployments that the server has; it may have many of other projects."""
    found = {}
    with get_client(sync_client=True) as client:
        for name in names:
            with suppress(ObjectNotFound):
                found[name] = client.read_deployment_by_name(name)
    return found


def _facts(found: DeploymentResponse) -> Facts:
    limit, options = found.global_concurrency_limit, found.concurrency_options
    schedule = {"schedule", "active", "parameters", "slug", "max_scheduled_runs"}
    return {
        "description": found.description,
        "tags": sorted(found.tags),
        "parameters": found.parameters,
        "schedules": [one.model_dump(mode="json", include=schedule) for one in found.schedules],
        "concurrency_limit": None
        if limit is None
        else {"limit": limit.limit, **(options.model_dump(mode="json", exclude_none=True) if options else {})},
        "work_pool": {
            "name": found.work_pool_name,
            "work_queue_name": found.work_queue_name,
            "job_variables": found.job_variables,
        },
        "paused": found.paused,
    }


def digests(facts: Facts) -> dict[str, str]:
    """Return a short SHA-256 of each value."""
    texts = {name: json.dumps(value, sort_keys=True, default=str) for name, value in facts.items()}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}


def set_by_a_person(there: Facts, last: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that differ from what was deployed last, with the digest that they had then."""
    return {name: last.get(name, "") for name, digest in digests(there).items() if digest != last.get(name)}


def last_deployed(kind: str) -> dict[str, dict[str, str]]:
    """Return the digests of what was deployed last, by name and field."""
    stored = Variable.get(DEPLOYED)
    found: dict[str, dict[str, str]] = stored.get(kind, {}) if isinstance(stored, dict) else {}
    return found


def remember(kind: str, now: Mapping[str, Mapping[str, str]]) -> None:
    """Keep the digests of what has been deployed just now."""
    stored = Variable.get(DEPLOYED)
    before = stored if isinstance(stored, dict) else {}
    Variable.set(DEPLOYED, {**before, kind: now}, overwrite=True)


def _lay_over(wanted: Facts, theirs: Facts) -> None:
    """Put a person's values in place of the file's; schedules that are not named are left alone by Prefect."""
    for field, value in theirs.items():
        if field == "schedules" or value is None:
            wanted.pop(field, None)
        else:
            wanted[field] = value


def _prefect_deploy(given: Facts, root: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as merged:
        yaml.safe_dump(given, merged)
        merged.flush()
        words = ("--no-prompt", "deploy", "--all", "--prefect-file", merged.name)
        command = (sys.executable, "-m", "prefect", *words)
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        why = said.splitlines()[-1] if "Traceback (most recent call last)" in said else f"\n{said}"
        raise FixConfiguration(f"deploy, request: `prefect deploy --all` refuses prefect.yaml: {why}")


def workers_online() -> list[str]:
    """Return the names of the workers that the server has heard of lately; none where there is no work pool."""
    with get_client(sync_client=True) as client:
        if POOL not in {pool.name for pool in client.read_work_pools()}:
            return []
        return [worker.name for worker in client.read_workers_for_work_pool(POOL) if worker.status == "ONLINE"]
