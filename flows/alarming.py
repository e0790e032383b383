"""The automations: who is told when a run fails, comes late or disappears, and when there is none. Prefect itself mails."""

from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from pydantic import ValidationError

from flows.core.errors import FixConfiguration
from flows.deploying import Facts, digests, last_deployed, remember, set_by_a_person
from flows.yaml_files import read_list

ALERTS, SMTP = ("mail-alerts", "alerts"), "email-server-credentials"
SETS = ("after", "expect", "for_each")
BLOCK = "block_document"
"""In place of a block's id, which every server makes its own of: its type and name, such as mail-alerts/alerts."""


def automations_in(file: Path) -> list[Any]:
    """Return what an automations.yaml says, in Prefect's own form with the names of blocks in place of their ids.

    Raises:
        FixConfiguration: The file is not what it should be.
    """
    given: list[Any] = read_list(file, "automations", ("name",))["automations"] if file.exists() else []
    return given


def apply_automations(given: list[Any]) -> list[str]:
    """Create automations, or bring those of the same name up to date.

    Args:
        given: What automations.yaml says.

    Returns:
        Lines about what was not applied: an automation that a person has changed on the server stays as it is, and none
        is created while there is no block to mail through.

    Raises:
        FixConfiguration: Prefect does not know such an automation, or there is no such block.
    """
    if not given:
        return ["no automation mails when something goes wrong, because automations.yaml names none"]
    lines, now, last = [], {}, last_deployed("automations")
    with get_client(sync_client=True) as client:
        missing = _missing_block(client)
        if missing:
            return [missing]
        for automation in [_checked(wanted, client) for wanted in given]:
            there = client.read_automations_by_name(automation.name)
            theirs = set_by_a_person(facts_of(there[0]), last.get(automation.name, {})) if there else {}
            if theirs:
                lines.append(f"automation {automation.name}: {', '.join(theirs)} stays as it was set on the server")
            now[automation.name] = {**digests(_applied(client, automation, there, theirs)), **theirs}
    remember("automations", now)
    return lines


def _checked(wanted: Any, client: SyncPrefectClient) -> AutomationCore:
    try:
        return AutomationCore.model_validate(_with_ids(wanted, client))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    raise FixConfiguration(
        f"deploy, request: automations.yaml: Prefect does not take the automation {wanted['name']!r}: {why}. Mend it there"
    )


def _applied(client: SyncPrefectClient, wanted: AutomationCore, there: list[Automation], theirs: Facts) -> Facts:
    if not there:
        client.create_automation(wanted)
    else:
        merged = wanted.model_copy(update={field: getattr(there[0], field) for field in theirs})
        if facts_of(merged) != facts_of(there[0]):
            # Any update begins its waiting times anew.
            client.update_automation(there[0].id, merged)
    return facts_of(client.read_automations_by_name(wanted.name)[0])


def facts_of(found: AutomationCore) -> Facts:
    """Return all of an automation that a person may set, the same in every process."""
    fields = {"description", "enabled", "trigger", "actions", "actions_on_trigger", "actions_on_resolve", "tags"}
    facts = found.model_dump(mode="json", include=fields, exclude={"trigger": {"id"}})
    # Sets, which each process lists in an order of its own.
    facts["trigger"] |= {name: sorted(facts["trigger"][name]) for name in SETS if name in facts["trigger"]}
    return facts


def _with_ids(wanted: Any, client: SyncPrefectClient) -> Any:
    """Return what a file says, with the ids of this server's blocks."""
    if isinstance(wanted, list):
        return [_with_ids(one, client) for one in wanted]
    if not isinstance(wanted, dict):
        return wanted
    rest = {name: _with_ids(value, client) for name, value in wanted.items() if name != BLOCK}
    if BLOCK in wanted:
        slug, _, name = wanted[BLOCK].partition("/")
        try:
            rest["block_document_id"] = str(client.read_block_document_by_name(name, slug).id)
        except ObjectNotFound:
            raise FixConfiguration(
                f"deploy, request: automations.yaml names the block {wanted[BLOCK]}, and there is none on the server. Correct "
                "the name, or make the block"
            ) from None
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
