"""``nextclose demo``: the real flow over real prices of a few years ago."""

import base64
import os
from contextlib import ExitStack
from datetime import UTC, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.session import play, prefect_ready, say
from flows.core.forecast import Prediction
from flows.core.report import Report
from flows.embedded.state import state_directory

SESSIONS = 20
PLAYED_AT = time(15, 30, tzinfo=UTC)
"""15:30 in Casablanca in the winter of 2013: New York is open, and the day's close is still to come."""


def demo(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="AAPL, GOOG, IBM or MSFT; IBM where none is given.")
    ] = None,
    count: Annotated[int, typer.Option("--sessions", min=1, max=400, help="How many sessions to play.")] = SESSIONS,
) -> None:
    """Play the last sessions of the bundled sample, one after the other, each with its forecast and mail."""
    place = state_directory() / "demo"
    chosen = _known(symbols or ["IBM"])
    # The demo has a Prefect of its own: nothing in it can meet real blocks, and nothing is sent anywhere.
    os.environ["PREFECT_HOME"] = str(place / "prefect")
    os.environ.pop("PREFECT_API_URL", None)
    # Nor does it have a UI in which its logs could be read.
    os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"
    say("nextclose: playing sample data; nothing outside this machine is contacted")
    with prefect_ready(quiet=True):
        before = len(list((place / "outbox").glob("*.eml")))
        reports = _play_all(chosen, place, count)
    new = len(list((place / "outbox").glob("*.eml"))) - before
    say(f"nextclose: {new} new mails" if new else "nextclose: no new mail, because each of these was mailed before")
    _show(reports, place)


def _known(symbols: list[str]) -> list[str]:
    from flows.embedded.market import symbols as bundled

    chosen = [symbol.upper() for symbol in symbols]
    for symbol in chosen:
        if symbol not in bundled():
            raise typer.BadParameter(f"{symbol} is not among the sample's {', '.join(bundled())}")
    return chosen


def _play_all(symbols: list[str], place: Path, count: int) -> list[Report]:
    from rich.console import Console
    from rich.progress import track

    from flows.embedded.mailbox import mailbox
    from flows.embedded.market import market_server, sessions
    from flows.forecast_watchlist import forecast_watchlist

    with ExitStack() as stack:
        market = stack.enter_context(market_server())
        port = stack.enter_context(mailbox(place / "outbox"))
        _configure(market.url, port, place)
        played, reports = sessions(symbols[0])[-count:], []
        for before, day in track(
            list(zip(sessions(symbols[0])[-count - 1 :], played, strict=False)),
            description="sessions",
            console=Console(stderr=True),
        ):
            market.last_day = before
            now = datetime.combine(datetime.fromisoformat(day), PLAYED_AT)
            reports.append(play(Report, forecast_watchlist, symbols=symbols, now=now)[0])
    return reports


def _configure(market_url: str, smtp_port: int, place: Path) -> None:
    """Point the demo's own blocks at the demo's own servers; without a kafka block, each run embeds a broker."""
    from blocks import AlphaVantageCredentials, EmailServerCredentials, Ledger, MailAlerts
    from flows.parts import default_ledger

    AlphaVantageCredentials(base_url=market_url, outputsize="full", daily_requests=None, requests_per_second=None).save(
        "alpha-vantage", overwrite=True
    )
    EmailServerCredentials(smtp_server="127.0.0.1", smtp_port=smtp_port, smtp_type="INSECURE").save(
        "smtp", overwrite=True
    )
    MailAlerts(recipients=["you@localhost"]).save("alerts", overwrite=True)
    Ledger(url=default_ledger(place).url).save("ledger", overwrite=True)


def _show(reports: list[Report], place: Path) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table(reports))
    found = _mail_about(reports[-1], place / "outbox")
    if found is None:
        print("No mail about the last session: its forecasts had been mailed before, in other company.")
        return
    latest, mail = found
    page = place / "last-mail.html"
    page.write_text(_page(mail), encoding="utf-8")
    text = mail.get_body(("plain",))
    console.rule(f"the last mail: {mail['Subject']}")
    print(text.get_content() if text else "")
    console.rule()
    places = (
        ("all mails", place / "outbox"),
        ("last mail", latest),
        ("as HTML", page),
        ("ledger", place / "ledger.db"),
    )
    for label, path in places:
        print(f"{label + ':':<11}{path}")


def _mail_about(report: Report, outbox: Path) -> tuple[Path, EmailMessage] | None:
    from flows.core.report import subject

    mails = (
        (path, message_from_bytes(path.read_bytes(), policy=policy.default)) for path in sorted(outbox.glob("*.eml"))
    )
    return next(((path, mail) for path, mail in mails if mail["Subject"] == subject(report)), None)


def _table(reports: list[Report]) -> object:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(title="SAMPLE: each session's forecast, made before it closed, and how it closed", box=SIMPLE)
    for column in ("target", "symbol", "model"):
        table.add_column(column, no_wrap=True)
    for column in ("forecast", "80 % interval", "closed at", "held"):
        table.add_column(column, no_wrap=True, justify="right")
    for report in reports:
        for entry in report.entries:
            table.add_row(*_row(entry.forecast.prediction))
    return table


def _row(p: Prediction) -> tuple[str, ...]:
    from flows.core.report import money
    from flows.embedded.market import close_of

    actual = close_of(p.symbol, p.target.label)
    band = f"{money(p.lower80, p.naive)} – {money(p.upper80, p.naive)}"  # noqa: RUF001 - a range
    inside = "yes" if p.lower80 <= actual <= p.upper80 else "no"
    return (p.target.label, p.symbol, p.model, money(p.point, p.naive), band, money(actual, p.naive), inside)


def _page(mail: EmailMessage) -> str:
    """Return the mail's HTML with its images inside, so that a browser shows it as a mail reader does."""
    html = mail.get_body(("html",))
    page = str(html.get_content()) if html else ""
    for part in mail.walk():
        name = str(part["Content-ID"] or "")[1:-1]
        if name:
            content = base64.b64encode(bytes(part.get_content())).decode()
            page = page.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{content}")
    return page
