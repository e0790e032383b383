"""Tests that a mail is claimed before it is sent, and by one run only."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from flows.core.bars import Interval, Origin
from flows.ledger import tables
from flows.ledger.outbox import (
    ABANDONED,
    LONGEST_DIALOGUE,
    Audience,
    Claim,
    MailItem,
    State,
    begin_sending,
    claim,
    draft,
    mark,
    release,
    settle_abandoned,
    told_of,
    unsure_mails,
)
from tests.core.examples import NOW
from tests.ledger.ledgers import a_ledger, at_once, rows

AUDIENCE = Audience(("ann@example.test", "bob@example.test"), Origin.LIVE, Interval.DAILY)
IBM = MailItem("IBM", "forecast", "2026-11-20")
MSFT = MailItem("MSFT", "forecast", "2026-11-20")
FAILED = MailItem("IBM", "data", "2026-11-20")
ITEMS = (IBM, MSFT, FAILED)


def claimed(ledger: Engine, *items: MailItem, audience: Audience = AUDIENCE, again: bool = False) -> Claim | None:
    """Claim a mail about these items."""
    made = draft(ledger, audience, items, again=again)
    return made if claim(ledger, made, "subject", "run-1", NOW, "0" * 64) else None


def states_of(ledger: Engine, audience: Audience, items: Sequence[MailItem]) -> dict[MailItem, State]:
    """Return how far the newest mail about each item has come."""
    return {item: told.state for item, told in told_of(ledger, audience, items).items()}


def must(found: Claim | None) -> Claim:
    """Return a claim that was granted."""
    assert found is not None
    return found


def test_a_claimed_mail_is_pending_until_it_is_marked(ledger: Engine) -> None:
    """Its state goes with it, item by item; items that no mail is about have none."""
    made = must(claimed(ledger, IBM, FAILED))
    states: tuple[State, ...] = ("SENDING", "UNKNOWN", "SENT")
    assert states_of(ledger, AUDIENCE, ITEMS) == {IBM: "PENDING", FAILED: "PENDING"}
    for state in states:
        mark(ledger, made, state, NOW + timedelta(seconds=1))
        assert {IBM: state, FAILED: state} == states_of(ledger, AUDIENCE, ITEMS)


def test_a_claim_is_known_by_its_content(ledger: Engine) -> None:
    """The same mail has the same Message-ID, in whatever order its items stand."""
    first = must(claimed(ledger, IBM, MSFT))
    release(ledger, first)
    second = must(claimed(ledger, MSFT, IBM))
    assert (first.key, first.message_id) == (second.key, second.message_id)
    assert first.message_id.startswith("<")
    assert first.message_id.endswith("@nextclose.invalid>")


@pytest.mark.parametrize("items", [(IBM,), (MSFT,), (IBM, MSFT), (MSFT, FAILED)])
def test_no_item_is_claimed_twice(ledger: Engine, items: tuple[MailItem, ...]) -> None:
    """A mail that shares one item with an earlier one is not granted, and leaves nothing behind."""
    must(claimed(ledger, IBM, MSFT))
    assert claimed(ledger, *items) is None
    assert (rows(ledger, tables.outbox), rows(ledger, tables.outbox_items)) == (1, 2)


@pytest.mark.parametrize(
    "audience",
    [
        Audience(("ann@example.test",), Origin.LIVE, Interval.DAILY),
        Audience(AUDIENCE.recipients, Origin.CUSTOM, Interval.DAILY),
    ],
    ids=["recipients", "origin"],
)
def test_another_audience_is_mailed_for_itself(ledger: Engine, audience: Audience) -> None:
    """Other readers, and readers of other data, have not had this mail yet."""
    must(claimed(ledger, IBM))
    assert states_of(ledger, audience, ITEMS) == {}
    must(claimed(ledger, IBM, audience=audience))


def test_the_order_and_case_of_the_recipients_do_not_matter(ledger: Engine) -> None:
    """The same people are the same audience."""
    must(claimed(ledger, IBM))
    same = Audience((" Bob@Example.test", "ANN@example.test "), Origin.LIVE, Interval.DAILY)
    assert claimed(ledger, IBM, audience=same) is None
    assert states_of(ledger, same, ITEMS) == {IBM: "PENDING"}


def test_a_released_mail_can_be_claimed_again(ledger: Engine) -> None:
    """What has certainly not gone out may go out later."""
    release(ledger, must(claimed(ledger, IBM, MSFT)))
    assert (rows(ledger, tables.outbox), rows(ledger, tables.outbox_items)) == (0, 0)
    assert must(claimed(ledger, IBM)).attempts == {IBM: 0}


def test_a_mail_can_be_sent_again_on_request(ledger: Engine) -> None:
    """Each attempt is a mail of its own, and the newest one's state is what counts."""
    first = must(claimed(ledger, IBM))
    mark(ledger, first, "SENT", NOW)
    second, third = must(claimed(ledger, IBM, again=True)), must(claimed(ledger, IBM, MSFT, again=True))
    assert len({first.key, second.key, third.key}) == 3
    mark(ledger, second, "UNKNOWN", NOW)
    assert states_of(ledger, AUDIENCE, ITEMS) == {IBM: "PENDING", MSFT: "PENDING"}
    mark(ledger, third, "SENT", NOW)
    assert states_of(ledger, AUDIENCE, ITEMS) == {IBM: "SENT", MSFT: "SENT"}


def test_a_released_first_attempt_does_not_bar_the_next(ledger: Engine) -> None:
    """A resend goes out though an earlier attempt was given back meanwhile."""
    first = must(claimed(ledger, IBM))
    must(claimed(ledger, IBM, again=True))
    release(ledger, first)
    must(claimed(ledger, IBM, again=True))


@pytest.mark.parametrize("again", [False, True])
def test_of_threads_that_claim_the_same_mail_one_wins(ledger: Engine, again: bool) -> None:
    """However many runs come at once, nobody mails twice without being asked to."""
    won = [found for found in at_once(6, lambda _: claimed(ledger, IBM, MSFT, again=again)) if found]
    assert (len(won) if again else 1) == len({found.key for found in won}) == rows(ledger, tables.outbox)
    assert again or len(won) == 1


def test_of_threads_that_share_one_item_one_wins(ledger: Engine) -> None:
    """Different mails about one symbol exclude each other."""
    others = [MailItem(symbol, "forecast", "2026-11-20") for symbol in ("A", "B", "C", "D")]
    won = [found for found in at_once(4, lambda number: claimed(ledger, others[number], IBM)) if found]
    assert (len(won), rows(ledger, tables.outbox_items)) == (1, 2)


@settings(max_examples=20)
@given(st.lists(st.sets(st.sampled_from(ITEMS), min_size=1), max_size=6))
def test_granted_mails_never_share_an_item(wishes: list[set[MailItem]]) -> None:
    """Whatever is asked for in whatever order, each item is in one mail at most."""
    with a_ledger() as ledger:
        granted = [found for wish in wishes if (found := claimed(ledger, *wish))]
        mailed = [item for found in granted for item in found.attempts]
        assert len(set(mailed)) == len(mailed)
        assert set(mailed) == set(states_of(ledger, AUDIENCE, ITEMS))


def test_a_mail_begins_to_go_out_once(ledger: Engine) -> None:
    """Only a claim that is still there and waits may be used."""
    made = must(claimed(ledger, IBM))
    assert begin_sending(ledger, made, NOW)
    assert not begin_sending(ledger, made, NOW)
    release(ledger, made)
    assert not begin_sending(ledger, made, NOW)


@pytest.mark.parametrize("past", [True, False], ids=["a while ago", "in the future: the clock was set back"])
def test_a_dead_runs_claim_is_free_again(ledger: Engine, past: bool) -> None:
    """It has certainly not gone out, and what is free cannot begin to go out."""
    made = must(claimed(ledger, IBM, MSFT))
    age = ABANDONED + timedelta(seconds=1)
    settle_abandoned(ledger, NOW + age if past else NOW - age)
    assert (rows(ledger, tables.outbox), rows(ledger, tables.outbox_items)) == (0, 0)
    assert not begin_sending(ledger, made, NOW)


def test_a_living_runs_claim_stays(ledger: Engine) -> None:
    """Within a moment of the claim nothing is settled."""
    begin_sending(ledger, must(claimed(ledger, IBM)), NOW)
    must(claimed(ledger, MSFT))
    settle_abandoned(ledger, NOW + ABANDONED)
    assert states_of(ledger, AUDIENCE, ITEMS) == {IBM: "SENDING", MSFT: "PENDING"}


def test_of_a_mail_whose_run_died_while_sending_nobody_knows(ledger: Engine) -> None:
    """It is not free again; its state says so once no dialogue can last that long."""
    begin_sending(ledger, must(claimed(ledger, IBM)), NOW)
    mark(ledger, must(claimed(ledger, MSFT)), "SENT", NOW + timedelta(minutes=1))
    settle_abandoned(ledger, NOW + LONGEST_DIALOGUE + timedelta(seconds=1))
    assert states_of(ledger, AUDIENCE, ITEMS) == {IBM: "UNKNOWN", MSFT: "SENT"}
    assert [one.state for one in unsure_mails(ledger, AUDIENCE)] == ["UNKNOWN"]


def test_what_is_not_known_is_told_until_a_later_mail_has_gone_out(ledger: Engine) -> None:
    """The next mail to the same readers names it, the one after that does not; the list of all does."""
    lost, later = must(claimed(ledger, IBM)), must(claimed(ledger, MSFT))
    other = must(claimed(ledger, IBM, audience=Audience(("eve@example.test",), Origin.LIVE, Interval.DAILY)))
    for made in (lost, other):
        mark(ledger, made, "UNKNOWN", NOW)
    assert [(one.state, one.at, one.subject) for one in unsure_mails(ledger, AUDIENCE)] == [("UNKNOWN", NOW, "subject")]
    mark(ledger, later, "SENT", NOW + timedelta(days=1))
    assert unsure_mails(ledger, AUDIENCE) == []
    assert len(unsure_mails(ledger)) == 2


def test_what_cannot_be_a_symbol_is_mailed_about_cut(ledger: Engine) -> None:
    """The mail tells it whole; the outbox remembers its beginning."""
    must(claimed(ledger, MailItem.about("X" * 99, "symbol", "2026-11-20")))
    assert claimed(ledger, MailItem.about("X" * 99, "symbol", "2026-11-20")) is None
