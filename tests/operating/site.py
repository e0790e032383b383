"""A folder with the project in it, whose server is up; and a mail server beside it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.prefect_server import one_certificate
from tests.servers import mail_server

ROOT = Path(__file__).parents[2]
BUSY_TRIES = 20
COMMAND = (sys.executable, "-m", "flows.cli")


def processes() -> list[tuple[int, int, str]]:
    """Return every process of this machine: its number, its parent's, its command."""
    ps = shutil.which("ps")
    assert ps is not None
    shown = subprocess.run([ps, "-eo", "pid=,ppid=,command="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in shown.splitlines()]
    return [(int(row[0]), int(row[1]), row[2] if len(row) > 2 else "") for row in rows]


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Site:
    """A folder with the project in it, whose server is up."""

    def __init__(self, folder: Path, port: int, market_url: str) -> None:
        """Link the project into `folder`."""
        self.folder, self.port = folder, port
        for name in ("flows", "blocks", "prefect.yaml", "automations.yaml", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "KAFKA_", "SMTP_"))
        }
        self.environment = {
            **kept,
            "ALPHAVANTAGE_BASE_URL": market_url,
            "ALPHAVANTAGE_API_KEY": "planted-key-0123456789",
            "PREFECT_API_SSL_CERT_FILE": str(one_certificate(folder)),
        }

    def nextclose(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command in the folder."""
        return self._run((*COMMAND, *words))

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line in a shell that has read .nextclose/env."""
        return self._run(("sh", "-c", f". .nextclose/env && {line}"))

    def _run(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        environment, folder = self.environment, self.folder
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=180
        )

    def post(self, path: str, body: Mapping[str, object]) -> list[dict[str, Any]]:
        """Ask the server's API."""
        found: list[dict[str, Any]] = self.ask("POST", path, body)
        return found

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server's API with any method; return what it answers."""
        for _ in range(BUSY_TRIES):
            # Its database may be busy for a minute; Prefect's own client asks again too.
            try:
                answer = httpx.request(method, f"http://127.0.0.1:{self.port}/api/{path}", json=body, timeout=30)
            except (httpx.ReadTimeout, httpx.ConnectError):
                time.sleep(0.5)
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.is_success, answer.text
                return answer.json() if answer.content else None
            time.sleep(0.5)
        raise AssertionError(f"{method} {path}: the server was too busy {BUSY_TRIES} times")

    def edit(self, name: str, before: str, after: str) -> None:
        """Change one place of a file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(before) == 1
        (self.folder / name).write_text(text.replace(before, after), encoding="utf-8")

    def deployment(self, name: str) -> dict[str, Any]:
        """Return a deployment by its full name."""
        found: dict[str, Any] = self.ask("GET", f"deployments/name/{name}")
        return found

    def begin(self, name: str, **parameters: object) -> str:
        """Create a run of a deployment; return its id."""
        # By its key a run is created once, however often it is asked for.
        body = {"parameters": parameters, "idempotency_key": str(uuid4())}
        run = self.ask("POST", f"deployments/{self.deployment(name)['id']}/create_flow_run", body)
        return str(run["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        """Return a run."""
        found: dict[str, Any] = self.ask("GET", f"flow_runs/{run_id}")
        return found

    def wait_for_state(self, run_id: str, *names: str, seconds: float = 150) -> dict[str, Any]:
        """Return a run when its state has one of these names."""
        wait_until(
            lambda: self.run(run_id)["state"]["name"] in names, seconds, f"{names} of {self.run(run_id)['state']}"
        )
        return self.run(run_id)

    def answers(self) -> bool:
        """Say whether the server answers."""
        try:
            # More than /health, which is true before the database can be asked.
            return httpx.post(f"http://127.0.0.1:{self.port}/api/flow_runs/count", json={}, timeout=5).is_success
        except httpx.HTTPError:
            return False

    def pid(self, name: str) -> int:
        """Return the process of a program that `up` holds."""
        file = self.folder / ".nextclose" / "run" / f"{name}.pid"
        # It is empty for a moment when the program is started again.
        wait_until(file.read_text, 10, f"{file} names a process")
        return int(file.read_text())

    def engines(self) -> list[int]:
        """Return the processes in which runs of this site go on."""
        worker = self.pid("worker")
        return [pid for pid, parent, command in processes() if "prefect.engine" in command and parent == worker]

    def supervisor(self, *words: str) -> None:
        """Tell supervisord something."""
        settings = str(self.folder / ".nextclose" / "run" / "supervisord.conf")
        command = (sys.executable, "-m", "supervisor.supervisorctl", "-c", settings, *words)
        assert self._run(command).returncode == 0


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Return when something has become true."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.3)


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        """Begin without mails."""
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take a mail."""
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 kept"

    def subjects(self, words: str = "") -> list[str]:
        """Return the subjects so far in which these words stand."""
        return [str(mail["Subject"]) for mail in self.mails if words in str(mail["Subject"])]


@contextmanager
def post() -> Iterator[Post]:
    """Run a mail server on a free loopback port."""
    made = Post()
    with mail_server(made) as made.port:
        yield made
