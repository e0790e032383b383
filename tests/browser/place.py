"""A site to look at: bars, mail, watchlist and automations, as after the README's steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.operating.site import Site, free_port, post

SYMBOLS = ("IBM", "MSFT", "AAPL")
KEY = "planted-key-0123456789"


@contextmanager
def place(folder: Path, market_url: str, **more: str) -> Iterator[Site]:
    """Configure a site, bring it up, and end it.

    Args:
        folder: Where it is; an empty folder.
        market_url: Who is asked for bars.
        more: More of the environment that it is configured with.
    """
    with post() as letters:
        made = Site(folder, free_port(), market_url)
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(letters.port), "SMTP_TYPE": "INSECURE"}
        addresses = {"MAIL_TO": "you@example.org", "MAIL_FROM": "nextclose@example.org"}
        made.environment |= {**mail, **addresses, "NEXTCLOSE_SYMBOLS": " ".join(SYMBOLS), **more}
        assert made.environment["ALPHAVANTAGE_API_KEY"] == KEY
        try:
            for words in (("configure",), ("up", "--port", str(made.port))):
                done = made.nextclose(*words)
                assert done.returncode == 0, done.stderr
            yield made
        finally:
            made.nextclose("down")
