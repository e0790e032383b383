"""One house and one cluster for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.broker.certificates import make_certificates
from tests.broker.node import Node, jars_or_skip
from tests.broker.settings import Passwords
from tests.operating.site import free_port
from tests.prefect_server import put_database
from tests.secrecy.house import House
from tests.secrecy.offices import office, vendor
from tests.secrecy.planted import KAFKA_PASSWORD, KAFKA_USER


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server, a worker and deployments, with the vendor's key and a mail server's password planted."""
    with vendor() as market, office() as mail:
        made = House(tmp_path_factory.mktemp("house"), free_port(), market, mail)
        put_database(made.folder / ".nextclose" / "prefect" / "prefect.db", tmp_path_factory)
        try:
            for words in (("up", "--port", str(made.port)), ("configure",)):
                done = made.nextclose(*words)
                assert done.returncode == 0, done.stderr
            yield made
        finally:
            made.end()


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real broker with one user, whose password is planted."""
    folder = tmp_path_factory.mktemp("cluster")
    passwords = Passwords({KAFKA_USER: KAFKA_PASSWORD})
    made = Node(folder / "node", jars_or_skip(), make_certificates(folder / "certificates"), passwords=passwords)
    made.start()
    made.wait_until_ready()
    yield made
    made.kill()
