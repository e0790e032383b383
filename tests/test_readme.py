"""The README is tested: what it tells people to type exists, and its code runs."""

import configparser
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from typer.main import get_command
from typer.testing import CliRunner

from flows.cli.main import app
from flows.core.skill import track_record
from flows.ledger.bars import keep_bars
from flows.ledger.forecasts import scored
from tests.core.examples import a_forecast, a_session
from tests.ledger.ledgers import LIVE, a_ledger, a_revision, kept_forecast

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README + OPERATING, re.DOTALL)
COMMANDS = [line[2:] for block in BLOCKS for line in block.splitlines()]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_every_make_command_has_its_target(command: str) -> None:
    """What the README tells to make, the Makefile makes."""
    assert command.split()[1] in TARGETS


@pytest.mark.parametrize("command", [command for command in COMMANDS if ".venv/bin/nextclose " in command])
def test_every_nextclose_command_exists_with_its_options(command: str) -> None:
    """Each command answers to --help and knows the options that the README uses."""
    words = command.partition("bin/nextclose ")[2].split()
    known: Any = get_command(app)
    options = {option for parameter in known.commands[words[0]].params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_command_has_help() -> None:
    """`nextclose COMMAND --help` explains each."""
    known: Any = get_command(app)
    for name in known.commands:
        done = CliRunner().invoke(app, [name, "--help"])
        assert (done.exit_code, "Usage: " in done.stdout) == (0, True)
    whole = (sys.executable, "-m", "flows.cli", "--help")
    assert "Usage: " in subprocess.run(whole, capture_output=True, text=True, check=True).stdout


def test_the_example_model_works() -> None:
    """The model in the README is a model."""
    scope: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(code, scope)  # noqa: S102 - our own README
    model = scope["Halfway"]()
    assert list(model.walk(np.array([1.0, 2.0, 4.0]), np.array([2, 3]))) == [1.5, 3.0]


def test_every_link_leads_to_a_file() -> None:
    """Pictures and files that the README and its companion name are there."""
    for folder, page in ((ROOT, README), (ROOT / "docs", OPERATING)):
        for target in re.findall(r"\]\(([^)#]+)\)", page):
            assert target.startswith("http") or (folder / target).exists()


def test_every_variable_that_is_exported_is_understood() -> None:
    """By `nextclose configure`, or by Prefect itself."""
    from flows.cli.variables import ALPHA_VANTAGE, CSV, KAFKA, MAIL, SMTP

    known = {*ALPHA_VANTAGE, *CSV, *KAFKA, *SMTP, *MAIL, "LEDGER_URL", "NEXTCLOSE_SYMBOLS"}
    exported = {name for line in COMMANDS for name in re.findall(r"\b([A-Z]+_[A-Z_]+)=", line)}
    assert {name for name in exported if not name.startswith("PREFECT_")} <= known


def test_the_unit_of_systemd_names_commands_that_exist() -> None:
    """What starts, what ends, and the file with the process that is watched."""
    unit = configparser.ConfigParser()
    unit.read(ROOT / "docs" / "nextclose.service", encoding="utf-8")
    service = unit["Service"]
    known: Any = get_command(app)
    for name in ("ExecStart", "ExecStop"):
        program, command = service[name].split()
        assert (Path(program).name, command in known.commands) == ("nextclose", True)
    assert service["PIDFile"].endswith("/.nextclose/run/supervisord.pid")


def test_the_first_two_commands_are_demo_and_test() -> None:
    """Who has just cloned this can begin."""
    assert COMMANDS[:2] == ["make demo", "make test"]


def test_the_query_in_the_readme_gives_the_record() -> None:
    """Whoever types it into a database has the figures that the mails have."""
    (query,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    with a_ledger() as engine:
        for number, day in enumerate(("2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")):
            target = a_session(day)
            made = a_forecast(
                issued_at=target.closes_at - timedelta(hours=6), target=target, as_of=f"2026-11-{16 + number}"
            )
            kept_forecast(engine, made)
            keep_bars(engine, [a_revision(day, 230.0 + 3 * number)])
        record = track_record(scored(engine, LIVE, "9999"))
        with engine.connect() as connection:
            (row,) = connection.execute(text(query))
    assert row.symbol == "IBM"
    figures = (record.n, record.mse, record.mae, record.skill, record.coverage80)
    assert figures == pytest.approx((row.n, row.mse, row.mae, row.skill, row.coverage80))
