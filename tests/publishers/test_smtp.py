"""Tests of the dialogue with a mail server: what has certainly not gone out, and what nobody knows."""

import socket
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows.core.errors import FixConfiguration, Unreachable
from flows.embedded.mailbox import mailbox
from flows.publishers.outbox import deliver
from tests.publishers.posting import FAILURE, HELLO, REPORT, SETTINGS, script, state, to


def test_an_unreachable_server_leaves_the_mail_for_later(engine: Engine, tmp_path: Path) -> None:
    """No connection, no claim: the next attempt sends the mail."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        deliver(engine, REPORT, SETTINGS, to(port))
    assert state(engine) == []
    with mailbox(tmp_path / "outbox") as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "sent"


def test_a_dialogue_that_breaks_in_the_content_is_unknown_and_not_repeated(engine: Engine) -> None:
    """A server that hangs up then may have taken the mail: it is not sent again by itself, and that is said."""
    with script(*HELLO, b"354 go") as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "unknown"
    assert state(engine) == ["UNKNOWN"]
    again = deliver(engine, REPORT, SETTINGS, to(port))
    assert again.state == "unknown"
    assert "not known" in again.message


@pytest.mark.parametrize("lines", [(b"220 hi", b"250 hi"), (b"220 hi", b"250 hi", b"250 ok"), HELLO])
def test_a_server_that_dies_before_the_content_has_not_got_the_mail(engine: Engine, lines: tuple[bytes, ...]) -> None:
    """Nothing was sent, so the mail may be tried again."""
    with script(*lines) as port, pytest.raises(Unreachable, match="before it was given the mail"):
        deliver(engine, REPORT, SETTINGS, to(port))
    assert state(engine) == []


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ((*HELLO[:2], b"550 no", b"250 ok"), FixConfiguration),
        ((*HELLO[:3], b"550 no", b"250 ok"), FixConfiguration),
        ((*HELLO, b"554 no", b"250 ok"), FixConfiguration),
        ((*HELLO, b"451 later", b"250 ok"), Unreachable),
        ((*HELLO[:3], b"450 greylisted", b"250 ok"), Unreachable),
    ],
)
def test_a_refusal_gives_the_mail_back(engine: Engine, lines: tuple[bytes, ...], error: type[Exception]) -> None:
    """A server that says no has not taken the mail: it may be sent again."""
    with script(*lines) as port, pytest.raises(error, match="notify: the mail server"):
        deliver(engine, REPORT, SETTINGS, to(port))
    assert state(engine) == []


def test_lines_that_begin_with_a_dot_arrive_as_they_were(engine: Engine, tmp_path: Path) -> None:
    """A single dot would end the mail early."""
    dotted = replace(REPORT, failures=(replace(FAILURE, reason="IBM, fetch: see\n.\n..below"),))
    with mailbox(tmp_path) as port:
        assert deliver(engine, dotted, SETTINGS, to(port)).state == "sent"
    mail = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "see\n.\n..below" in body.get_content().replace("\r", "")
