"""Tests of the outbox: a mail goes out at most once, and never silently not at all."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread, Timer

import pytest
from sqlalchemy import Engine, text

from flows.core.alerts import Alerting, MailForm
from flows.core.bars import Interval, Origin
from flows.core.connections import LedgerConnection, MailSettings
from flows.core.errors import FixConfiguration, Unreachable
from flows.core.forecast import SymbolFailure
from flows.core.report import Report
from flows.embedded.mailbox import mailbox
from flows.ledger.outbox import Audience, Claim, MailItem, begin_sending, claim, draft, mark, release
from flows.ledger.store import open_ledger
from flows.publishers import outbox
from flows.publishers.outbox import deliver, items_of
from tests.core.examples import NOW

SETTINGS = MailSettings("nextclose@localhost", ("you@localhost",))
FAILURE = SymbolFailure("IBM", "fetch", "quota", "IBM, fetch: no requests left", "2026-11-20", "QuotaSpent")
ITEM = MailItem("IBM", "quota", "2026-11-20")
AUDIENCE = Audience(SETTINGS.recipients, Origin.CUSTOM, Interval.DAILY)
REPORT = Report(Origin.CUSTOM, Interval.DAILY, NOW, "run", (), (), (FAILURE,))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A fresh ledger."""
    return open_ledger(LedgerConnection(f"sqlite:///{tmp_path / 'ledger.db'}"), Origin.CUSTOM)


def to(port: int) -> Callable[[], smtplib.SMTP]:
    """Return a way to connect to a server on this machine."""
    return lambda: smtplib.SMTP("127.0.0.1", port)


@contextmanager
def script(*lines: bytes) -> Iterator[int]:
    """Run a mail server that says these lines, one for each line it hears, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_say, args=(listener, lines), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def _say(listener: socket.socket, lines: tuple[bytes, ...]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as heard:
        for number, line in enumerate(lines):
            if number:
                heard.readline()
            connection.sendall(line + b"\r\n")
        heard.readline()


def state(engine: Engine) -> list[str]:
    """Return the states of all mails in the outbox."""
    with engine.connect() as connection:
        return [row.state for row in connection.execute(text("SELECT state FROM outbox"))]


def test_the_second_mail_stays_in(engine: Engine, tmp_path: Path) -> None:
    """Another run's same report: nothing goes out, and the reason is said."""
    with mailbox(tmp_path / "outbox") as port:
        first, again = (deliver(engine, REPORT, SETTINGS, to(port)) for _ in range(2))
        second = deliver(engine, replace(REPORT, run_id="another"), SETTINGS, to(port))
    assert (first.state, again.state, second.state) == ("sent", "sent", "nothing new")
    assert first.fates == again.fates == {ITEM: "sent"}
    assert second.fates == {ITEM: "nothing new"}
    assert "told of IBM (at 20" in second.message
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


def test_an_unreachable_server_leaves_the_mail_for_later(engine: Engine, tmp_path: Path) -> None:
    """No connection, no claim: the next attempt sends the mail."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        deliver(engine, REPORT, SETTINGS, to(port))
    assert state(engine) == []
    with mailbox(tmp_path / "outbox") as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "sent"


HELLO = (b"220 hi", b"250 hi", b"250 ok", b"250 ok")


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


def test_a_claim_of_a_dead_run_is_taken_over(engine: Engine, tmp_path: Path) -> None:
    """A run that was killed before it began to send leaves the mail to the next one, half a minute later."""
    made = draft(engine, AUDIENCE, items_of(REPORT), again=False)
    assert claim(engine, made, "s", "dead", datetime.now(UTC) - timedelta(seconds=29), "")
    with mailbox(tmp_path) as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "sent"


def test_a_claim_of_a_living_run_is_waited_for(engine: Engine) -> None:
    """A claim of this moment is respected: this run looks again until the other has sent its mail."""
    made = draft(engine, AUDIENCE, items_of(REPORT), again=False)
    assert claim(engine, made, "s", "other", datetime.now(UTC), "")
    later = Timer(0.5, mark, (engine, made, "SENT", datetime.now(UTC)))
    later.start()
    assert deliver(engine, REPORT, SETTINGS, to(1)).state == "nothing new"
    later.join()


def test_what_another_run_took_is_left_out_and_the_rest_is_mailed(engine: Engine, tmp_path: Path) -> None:
    """One symbol told already: the other one's mail goes out, and names what it leaves out."""
    other = replace(FAILURE, symbol="MSFT", reason="MSFT, fetch: no requests left")
    with mailbox(tmp_path) as port:
        deliver(engine, REPORT, SETTINGS, to(port))
        deliver(engine, replace(REPORT, failures=(FAILURE, other)), SETTINGS, to(port))
    texts = sorted(path.read_text() for path in tmp_path.glob("*.eml"))
    assert len(texts) == 2
    assert any("IBM: left out of this mail" in text and other.reason in text for text in texts)


def test_an_error_while_composing_frees_the_claim(engine: Engine) -> None:
    """A sender that no mail can have is an error now, and no silence later."""
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        deliver(engine, REPORT, MailSettings("a@b\nBcc: c@d", ("you@localhost",)), to(1))
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


def test_the_mail_says_the_same_in_text_and_html(engine: Engine, tmp_path: Path) -> None:
    """Both alternatives name the symbol and the reason; date and id are set."""
    with mailbox(tmp_path) as port:
        deliver(engine, REPORT, SETTINGS, to(port))
    mail = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=policy.default)
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    reason = FAILURE.reason.removeprefix("IBM, ")
    assert all(part is not None and reason in part.get_content() for part in parts)
    assert all(mail[name] for name in ("Date", "Message-ID", "From", "To", "Subject"))


def test_a_claim_that_was_taken_away_is_not_used(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that slept behind its claim until another took it for dead claims anew, and mails once."""
    original, slept = begin_sending, list[Claim]()

    def sleepy(engine: Engine, made: Claim, now: datetime) -> bool:
        if not slept:
            slept.append(made)
            release(engine, made)
        return original(engine, made, now)

    monkeypatch.setattr(outbox, "begin_sending", sleepy)
    with mailbox(tmp_path) as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "sent"
    assert (state(engine), len(list(tmp_path.glob("*.eml")))) == (["SENT"], 1)


def test_lines_that_begin_with_a_dot_arrive_as_they_were(engine: Engine, tmp_path: Path) -> None:
    """A single dot would end the mail early."""
    dotted = replace(REPORT, failures=(replace(FAILURE, reason="IBM, fetch: see\n.\n..below"),))
    with mailbox(tmp_path) as port:
        assert deliver(engine, dotted, SETTINGS, to(port)).state == "sent"
    mail = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "see\n.\n..below" in body.get_content().replace("\r", "")


def test_of_several_mails_one_that_fails_does_not_keep_the_others_back(engine: Engine, tmp_path: Path) -> None:
    """Each has its own dialogue; the next attempt has only the missing one to send."""
    other = replace(FAILURE, symbol="MSFT", reason="MSFT, fetch: no requests left")
    both, each = replace(REPORT, failures=(FAILURE, other)), Alerting(form=MailForm.EACH)
    with mailbox(tmp_path) as port, script(*HELLO[:2], b"450 later", b"250 ok") as busy:
        servers = iter((busy, port, port))
        with pytest.raises(Unreachable):
            deliver(engine, both, SETTINGS, lambda: smtplib.SMTP("127.0.0.1", next(servers)), alerting=each)
        assert state(engine) == ["SENT"]
        again = deliver(engine, both, SETTINGS, lambda: smtplib.SMTP("127.0.0.1", next(servers)), alerting=each)
    assert (again.state, set(again.fates.values())) == ("sent", {"sent"})
    assert len(list(tmp_path.glob("*.eml"))) == 2
