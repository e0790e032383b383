"""Tests of the demo: the whole product over sample prices, twice, as a person runs it."""

import os
import re
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from tests.prefect_server import put_database

SHORT = 4
"""Sessions."""
Played = tuple[Path, str, int]


def play(folder: Path, sessions: int) -> str:
    """Run the demo in a folder, and return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = (sys.executable, "-m", "flows.cli", "demo", "--sessions", str(sessions))
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=220)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=[SHORT, pytest.param(20, marks=pytest.mark.torture)])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo, run twice in the same folder; the long form makes Prefect's tables too, as the first run anywhere does."""
    folder = tmp_path_factory.mktemp("demo")
    if request.param == SHORT:
        put_database(folder / ".nextclose" / "demo" / "prefect" / "prefect.db", tmp_path_factory)
    play(folder, request.param)
    return folder / ".nextclose" / "demo", play(folder, request.param), request.param


def mails(place: Path) -> dict[str, str]:
    """Return each mail's text by its subject."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (place / "outbox").glob("*.eml")]
    return {str(mail["Subject"]): mail.get_body(("plain",)).get_content() for mail in found}  # type: ignore[union-attr]


def test_each_session_has_one_mail_even_after_a_second_run(played: Played) -> None:
    """As many sessions as mails, no as-of twice, all marked as sample."""
    place, _, sessions = played
    files, texts = list((place / "outbox").iterdir()), mails(place)
    as_ofs = {re.search(r"As of:\s+the close of \w+ (\S+):", said).group(1) for said in texts.values()}  # type: ignore[union-attr]
    assert (len(files), len(texts), len(as_ofs)) == (sessions, sessions, sessions)
    assert all(subject.startswith("[SAMPLE] IBM") for subject in texts)


def test_the_last_mails_record_equals_the_ledgers(played: Played) -> None:
    """The track record can be recomputed from forecasts and bars alone, without our view or our code."""
    place, shown, sessions = played
    query = """SELECT f.point, f.naive, f.lower80, f.upper80, b.close FROM forecasts f
               JOIN bars b ON b.symbol = f.symbol AND b.time = f.target ORDER BY f.target"""
    with create_engine(f"sqlite:///{place / 'ledger.db'}").connect() as connection:
        rows = np.array([tuple(row) for row in connection.execute(text(query))])
    point, naive, lower, upper, actual = rows.T
    mse = np.mean((point - actual) ** 2)
    skill = 1 - mse / np.mean((naive - actual) ** 2)
    inside = np.mean((lower <= actual) & (actual <= upper))
    last = max(mails(place).values(), key=lambda said: said.split("at the close of ")[1][:10])
    assert len(rows) == sessions - 1
    for fact in (
        f"{len(rows)} forecasts scored",
        rf"MSE +{re.escape(f'{mse:#.4g}')}\s",
        rf"Skill against naive +{re.escape(f'{skill:+.1%}')}\s",
        rf"Inside the 80 % interval +{inside:.0%}\s",
    ):
        assert re.search(fact, last)
        assert re.search(fact, shown)


def test_the_last_mail_is_also_a_page(played: Played) -> None:
    """The HTML copy needs nothing from outside: its chart is inside."""
    place, shown, _ = played
    page = (place / "last-mail.html").read_text(encoding="utf-8")
    assert "data:image/png;base64," in page
    assert "cid:" not in page
    assert str(place / "last-mail.html") in shown
