"""``nextclose deploy``: blocks, work pool, deployments and automations onto the Prefect server in use."""

from pathlib import Path

from flows.cli.session import prefect_ready, say
from flows.core.errors import FixConfiguration
from flows.embedded.state import state_directory


def deploy() -> None:
    """Put the deployments of prefect.yaml and the automations of automations.yaml onto the Prefect server in use.

    Safe to repeat: what a person has set on the server stays, and is named.
    """
    root = state_directory().parent
    if not (root / "prefect.yaml").exists():
        raise FixConfiguration(
            "deploy, request: there is no prefect.yaml here. Run it in the folder that nextclose was cloned into"
        )
    with prefect_ready(quiet=True):
        deploy_everything(root)


def deploy_everything(root: Path) -> None:
    """Register blocks, create the work pool, deploy, and apply the automations."""
    say("nextclose: registering blocks and work pool …")
    from flows.alarming import apply_automations
    from flows.cli.configure import begin
    from flows.deploying import deploy_all, ensure_pool, register_blocks

    register_blocks()
    begin()
    ensure_pool()
    say("nextclose: deploying …")
    lines = [*deploy_all(root / "prefect.yaml"), *apply_automations(root / "automations.yaml")]
    for line in lines:
        say(f"nextclose: {line}")
