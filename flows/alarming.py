"""The automations: who is told when a run fails, comes late or disappears, and when there is none. Prefect itself mails."""

from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound

from flows.deploying import Facts, digests, last_deployed, remember, set_by_a_person

ALERTS, SMTP = ("mail-alerts", "alerts"), "email-server-credentials"
BLOCK = "block_document"
"""In place of a block's id, which every server makes its own of: its type and name, such as mail-alerts/alerts."""


def apply_automations(file: Path) -> list[str]:
    """Create the automations of a file, or bring those of the same name up to date.

    Args:
        file: An automations.yaml in Prefect's own form, with the names of blocks in place of their ids.

    Returns:
        Lines about what was not applied: an automation that a person has changed on the server stays as it is, and none
        is created while there is no block to mail through.
    """
    if not file.exists():
        return [f"no automation mails when something goes wrong, because there is no {file.name} beside prefect.yaml"]
    given = yaml.safe_load(file.read_text(encoding="utf-8"))["automations"]
    lines, now, last = [], {}, last_deployed("automations")
    with get_client(sync_client=True) as client:
        missing = _missing_block(client)
        if missing:
            return [missing]
        for wanted in given:
            automation = AutomationCore.model_validate(_with_ids(wanted, client))
            there = client.read_automations_by_name(automation.name)
            theirs = set_by_a_person(_facts(there[0]), last.get(automation.name, {})) if there else {}
            if theirs:
                lines.append(f"automation {automation.name}: {', '.join(theirs)} stays as it was set on the server")
            now[automation.name] = {**digests(_applied(client, automation, there, theirs)), **theirs}
    remember("automations", now)
    return lines


def _applied(client: SyncPrefectClient, wanted: AutomationCore, there: list[Automation], theirs: Facts) -> Facts:
    if not there:
        client.create_automation(wanted)
    else:
        merged = wanted.model_copy(update={field: getattr(there[0], field) for field in theirs})
        if _facts(merged) != _facts(there[0]):
            # Any update begins its waiting times anew.
            client.update_automation(there[0].id, merged)
    return _facts(client.read_automations_by_name(wanted.name)[0])


def _facts(found: AutomationCore) -> Facts:
    fields = {"description", "enabled", "trigger", "actions", "actions_on_trigger", "actions_on_resolve", "tags"}
    return found.model_dump(mode="json", include=fields, exclude={"trigger": {"id"}})


def _with_ids(wanted: Any, client: SyncPrefectClient) -> Any:
    """Return what a file says, with the ids of this server's blocks."""
    if isinstance(wanted, list):
        return [_with_ids(one, client) for one in wanted]
    if not isinstance(wanted, dict):
        return wanted
    rest = {name: _with_ids(value, client) for name, value in wanted.items() if name != BLOCK}
    if BLOCK in wanted:
        slug, _, name = wanted[BLOCK].partition("/")
        rest["block_document_id"] = str(client.read_block_document_by_name(name, slug).id)
    return rest


def _missing_block(client: SyncPrefectClient) -> str:
    """Say which block is missing to mail through; nothing where both are there."""
    slug, name = ALERTS
    try:
        alerts = client.read_block_document_by_name(name, slug)
        client.read_block_document_by_name(alerts.data.get("smtp_block", "smtp"), SMTP)
    except ObjectNotFound:
        return (
            "no automation mails when something goes wrong, because there is no alerts block with a mail server behind it. "
            "Name SMTP_HOST, MAIL_FROM and MAIL_TO (and more, see `nextclose configure --show`), run `nextclose configure`, "
            "and deploy again"
        )
    return ""
