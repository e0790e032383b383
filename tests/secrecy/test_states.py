"""Tests that no secret is found in anything that is left behind, whatever has happened before.

Each of the first tests lets something happen, and makes sure that it did; the last one looks for the secrets.
"""

import re
from threading import Thread
from urllib.parse import quote

import pytest

from flows.embedded.apache_kafka import HOST
from tests.broker.connections import plaintext
from tests.broker.node import Node
from tests.secrecy.house import KILLED, House
from tests.secrecy.job import Step
from tests.secrecy.offices import MOODS
from tests.secrecy.planted import (
    ALL,
    API_KEY,
    FOREIGN,
    KAFKA_PASSWORD,
    KAFKA_USER,
    LEDGER_PASSWORD,
    SMTP_PASSWORD,
    SMTP_USER,
    WRONG_PASSWORD,
)

RECIPIENT, SCHEMA, PICKLED = "you@example.test", "nextclose.bar.v1", "flows.core.cleaning"
"""Words that are no secrets, and stand in many places."""
CONFIGURE = ("configure",)
_KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "KAFKA_SASL_PASSWORD": WRONG_PASSWORD}
BAD_VALUES = (
    Step(CONFIGURE, {**_KAFKA, "KAFKA_SECURITY_PROTOCOL": "MAGIC"}),
    Step(CONFIGURE, {**_KAFKA, "KAFKA_SETTINGS": f"sasl.password={WRONG_PASSWORD}"}),
    Step(CONFIGURE, {"SMTP_TYPE": "TELEPATHY", "SMTP_PASSWORD": FOREIGN}),
    Step(CONFIGURE, {"LEDGER_URL": f"postgresql://me:{LEDGER_PASSWORD}@127.0.0.1:1/x"}),
)


def forecast(*symbols: str) -> tuple[str, ...]:
    """Return the words that forecast these symbols at little cost."""
    return ("forecast", *symbols, "--contest", "cheap")


def codes(said: str) -> str:
    """Return the exit code of each step of a job."""
    return "".join(re.findall(r"^\w+ ended with (\d)$", said, re.MULTILINE))


def test_a_run_on_the_worker_and_one_that_is_killed(site: House) -> None:
    """One goes well, and its mail is sent behind a login; the other ends in the middle of its request.

    Before that, configure names what it refuses, and does not show its value.
    """
    killing = Thread(target=site.killed, args=(*BAD_VALUES, Step(forecast("SLOW"))))
    killing.start()
    done = site.shell("prefect deployment run 'forecast-symbol/ad-hoc' -p symbol=IBM --watch")
    killing.join()
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.market.keys == {API_KEY}
    assert site.mail.logins == [f"\0{SMTP_USER}\0{SMTP_PASSWORD}"]
    assert [b"Subject: IBM" in mail for mail in site.mail.mails] == [True]
    said = dict(site.said)[KILLED].decode()
    assert codes(said) == "1111"
    for words in ("security_protocol does not fit", "settings does not fit", "smtp_type does not fit", "no database"):
        assert words in said


def test_a_vendor_and_a_mail_server_that_repeat_what_they_are_told(site: House) -> None:
    """The key comes back in sentences, pages, headers and data, the login in its refusal."""
    site.mail.mood = "refuses the login"
    said = site.job(Step(forecast(*MOODS)))
    assert codes(said) == "5"
    for words in ("requests of today are used up", "is not JSON", "fault of its own", "refuses the key", "HTTP 302"):
        assert words in said
    assert "it calls ***" in said
    assert "the mail server refuses the user name or the password" in said


def test_a_vendor_a_mail_server_and_a_ledger_that_are_not_there(site: House) -> None:
    """Nobody listens where the vendor and the ledger should be, and the mail server breaks off inside the mail."""
    site.mail.mood = "breaks off inside DATA"
    ledger = f"postgresql://me:{quote(LEDGER_PASSWORD, safe='')}@127.0.0.1:1/x"
    said = site.job(
        Step(CONFIGURE, {"ALPHAVANTAGE_BASE_URL": "http://127.0.0.1:1/query"}),
        Step(forecast("GONE")),
        Step(CONFIGURE, {"ALPHAVANTAGE_BASE_URL": site.market.url, "LEDGER_URL": ledger}),
        Step(forecast("LEDGER")),
        Step(CONFIGURE, {"LEDGER_URL": f"sqlite:///{site.folder / '.nextclose' / 'ledger.db'}"}),
    )
    assert codes(said) == "04040"
    assert "no answer from http://127.0.0.1:1/query" in said
    assert "the mail server broke off; whether" in said
    assert "postgresql://me:***@127.0.0.1:1/x" in said


def test_errors_that_nobody_has_foreseen(site: House) -> None:
    """Libraries break, and say the secret that they were given; a login fails on a sign that it cannot write."""
    site.mail.mood = "well"
    said = site.job(
        Step(forecast("FETCH"), {}, [("requests:get", f"what is {API_KEY}?")]),
        Step(forecast("MAIL"), {}, [("smtplib:SMTP.login", f"what is {SMTP_PASSWORD}?")]),
        Step(forecast("ITSELF"), {}, [("flows.story:_record", f"what are {API_KEY} and {SMTP_PASSWORD}?")]),
        Step(CONFIGURE, {"SMTP_PASSWORD": FOREIGN}),
        Step(forecast("FOREIGN")),
    )
    assert codes(said) == "45405"
    assert said.count("KeyError: 'what is ***?'") >= 4
    assert "KeyError: 'what are *** and ***?'" in said
    assert "has a sign that is not in ASCII" in said


@pytest.mark.torture
def test_a_cluster_that_wants_a_password(site: House, cluster: Node) -> None:
    """It takes one and refuses another, librdkafka tells how, and then the block itself is broken."""
    place = {"KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{cluster.ports.sasl_plaintext}", "KAFKA_SASL_USERNAME": KAFKA_USER}
    protocol = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SETTINGS": "debug=security"}
    plain = {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_PASSWORD": KAFKA_PASSWORD}
    said = site.job(
        Step(CONFIGURE, {**place, **protocol, **plain}),
        Step(forecast("KAFKA")),
        Step(CONFIGURE, {"KAFKA_SASL_PASSWORD": WRONG_PASSWORD}),
        Step(forecast("REFUSED")),
        Step(("doctor",)),
    )
    assert codes(said) == "00041"
    assert "refuses the login" in said
    assert "rdkafka" in said
    site.break_block("kafka", security_protocol="MAGIC")
    assert "the kafka block cannot be used" in site.job(Step(forecast("BROKEN")))
    site.kafkas.append(plaintext(cluster))


def test_no_secret_is_found_anywhere(site: House) -> None:
    """Not in a file, a database, a record, a mail or in what a command has said, in no writing; other words are."""
    found = site.found((*ALL, RECIPIENT, SCHEMA, PICKLED))
    assert {secret: found[secret] for secret in ALL} == {secret: [] for secret in ALL}
    for place in ("ledger.db, a row of", "prefect.db, a row of log", "logs/worker.log", "job "):
        assert any(place in one for one in found[RECIPIENT]), place
    assert any(one.startswith("nextclose.bars.v1") for one in found[SCHEMA])
    assert any("prefect/storage" in one for one in found[PICKLED])
