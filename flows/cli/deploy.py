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
        prepare_server()
        deploy_files(root)


def prepare_server() -> None:
    """Register blocks, store what every installation needs, and create the work pool."""
    say("nextclose: registering blocks and work pool …")
    from flows.cli.configure import begin
    from flows.deploying import ensure_pool, register_blocks

    register_blocks()
    begin()
    ensure_pool()


def deploy_files(root: Path) -> None:
    """Apply prefect.yaml and automations.yaml, and say what stays as a person has set it."""
    say("nextclose: deploying …")
    from flows.alarming import apply_automations, automations_in
    from flows.deploying import deploy_all

    # Both files are read before anything is changed.
    automations = automations_in(root / "automations.yaml")
    for line in (*deploy_all(root / "prefect.yaml"), *apply_automations(automations)):
        say(f"nextclose: {line}")
