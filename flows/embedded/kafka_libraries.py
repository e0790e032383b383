"""Java, and Apache Kafka's jars: resolved once by Maven from the pom in ``kafka/``."""

import contextlib
import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.core.errors import FixConfiguration
from flows.core.redaction import redact

POM = Path(__file__).with_name("kafka") / "pom.xml"
OLDEST_JAVA = 17
JAVA_SECONDS = 30
MAVEN_SECONDS = 900
PACKAGES = "On Debian: apt-get install openjdk-17-jre-headless maven"


def libraries(folder: Path) -> Path:
    """Return the place of the jars below `folder`; a changed pom has another place."""
    return folder / "libs" / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]


def java() -> str:
    """Return the path of a Java that can run Kafka.

    Raises:
        FixConfiguration: There is none, or it is too old.
    """
    found = shutil.which("java")
    version = _java_version(found) if found else None
    if found is None or version is None:
        raise FixConfiguration(
            f"kafka, request: no Java was found, and Apache Kafka needs Java {OLDEST_JAVA} or newer. {PACKAGES}"
        )
    if version < OLDEST_JAVA:
        raise FixConfiguration(
            f"kafka, request: {found} is Java {version}, and Apache Kafka needs {OLDEST_JAVA} or newer. {PACKAGES}"
        )
    return found


def _java_version(executable: str) -> int | None:
    command = (executable, "-version")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=JAVA_SECONDS)  # noqa: S603 - a fixed word
    # Java 8 calls itself 1.8.
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def resolve(target: Path) -> None:
    """Fetch the jars into `target`, whole or not at all; harmless where they are already.

    Raises:
        FixConfiguration: Maven is missing, or could not fetch them.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".partial-") as partial:
        jars = Path(partial) / "jars"
        _maven(jars)
        # Another process may have been faster.
        with contextlib.suppress(OSError):
            jars.rename(target)
    if not target.exists():
        raise FixConfiguration(
            f"kafka, request: the jars could not be kept in {target}. Is there space, and the right?"
        )


def _maven(jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise FixConfiguration(f"kafka, request: Maven (mvn) was not found, and it fetches Apache Kafka. {PACKAGES}")
    goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}")
    command = (maven, "-q", "-B", "-Dstyle.color=never", "-f", str(POM), *goal)
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=MAVEN_SECONDS)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired:
        raise _not_fetched(f"it took longer than {MAVEN_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise _not_fetched(_reason(error.stdout + error.stderr)) from None


def _not_fetched(reason: str) -> FixConfiguration:
    return FixConfiguration(
        f"kafka, request: Maven did not fetch Apache Kafka: {reason}. Can Maven reach its repository? "
        "A mirror or proxy belongs into its settings.xml"
    )


def _reason(output: str) -> str:
    """Return the line in which Maven says what went wrong; the last ones only point to its help."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    return redact((errors or lines[-1:] or ["it said nothing"])[0].rstrip("."))
