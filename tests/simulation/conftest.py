"""What makes a simulated time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import tasks
from flows.cli.configure import apply
from flows.embedded.broker import ADDRESS_FILE, embedded_broker
from flows.publishers import mail, pages
from tests.simulation.play import Simulation
from tests.simulation.post import post
from tests.world import world


@pytest.fixture
def simulation(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulation]:
    """A world with one broker, one mail server and one vendor for all runs, whose retries do not wait."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    for name in ("fetch", "ask_about", "notify"):
        quick = getattr(tasks, name).with_options(retry_delay_seconds=0.01, retry_jitter_factor=None)
        monkeypatch.setattr(tasks, name, quick)
    # Pictures are tested elsewhere; drawing four for each forecast would take most of a year.
    for module in (mail, pages):
        for name in ("draw", "draw_record"):
            monkeypatch.setattr(module, name, lambda *_: b"a picture")
    simulation = Simulation(tmp_path)
    with world(tmp_path, simulation.answer) as made, embedded_broker() as broker, post() as (office, port):
        file = tmp_path / ".nextclose" / ADDRESS_FILE
        file.parent.mkdir(parents=True)
        file.write_text(broker.address, encoding="ascii")
        apply({"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"})
        simulation.begin(made, office, broker)
        yield simulation
