"""Tests of the outbox: a mail goes out at most once, and never silently not at all."""

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Engine

from flows.core.alerts import Alerting, MailForm
from flows.core.connections import MailSettings
from flows.core.errors import Unreachable
from flows.embedded.mailbox import mailbox
from flows.ledger.outbox import Claim, begin_sending, claim, draft, mark, release
from flows.publishers import outbox
from flows.publishers.outbox import deliver, items_of
from tests.publishers.posting import AUDIENCE, FAILURE, HELLO, ITEM, REPORT, SETTINGS, script, state, to


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


def test_a_claim_of_a_dead_run_is_taken_over(engine: Engine, tmp_path: Path) -> None:
    """A run that was killed before it began to send leaves the mail to the next one, half a minute later."""
    made = draft(engine, AUDIENCE, items_of(REPORT), again=False)
    assert claim(engine, made, "s", "dead", datetime.now(UTC) - timedelta(seconds=29), "")
    with mailbox(tmp_path) as port:
        assert deliver(engine, REPORT, SETTINGS, to(port)).state == "sent"


@pytest.mark.parametrize("sending", [False, True])
def test_a_claim_of_a_living_run_is_waited_for(engine: Engine, sending: bool) -> None:
    """What another run is at just now is respected: this run looks again until the other has sent its mail."""
    made = draft(engine, AUDIENCE, items_of(REPORT), again=False)
    assert claim(engine, made, "s", "other", datetime.now(UTC), "")
    assert not sending or begin_sending(engine, made, datetime.now(UTC))
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
