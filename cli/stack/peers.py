"""What the others of `./simpul bench --peers` run on: a Python environment and jars of their own, locked and hashed."""

import hashlib
from pathlib import Path

from cli import bootstrap, settings
from cli.screen import Download
from cli.settings import Settings
from cli.stack import jars, kafka
from cli.stack.errors import StackError

PACKAGES = settings.ROOT / "bench" / "peers.lock"
JARS = settings.ROOT / "bench" / "jars.lock"
PROGRAMS = settings.ROOT / "bench" / "peers" / "programs"


def python(told: Settings) -> Path:
    """The interpreter of the environment, made when the lock is new. Raises StackError."""
    name = hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:16]
    folder = told.cache / f"peers-{name}"
    if not bootstrap.is_current(folder, PACKAGES):
        try:
            told.cache.mkdir(parents=True, exist_ok=True)
            bootstrap.make(folder, PACKAGES)
        except (bootstrap.Failed, OSError) as error:
            raise StackError(f"Lingkungan pembanding tidak dapat disiapkan: {error}") from error
    return bootstrap.python_of(folder)


def plugins(told: Settings) -> Path:
    """The folder of Kafka Connect's plugins: one plugin, with Debezium's sink and Apicurio's converter."""
    folder = told.cache / "peers"
    with Download("Mengunduh Debezium dan Apicurio") as downloaded:
        jars.ensure(folder / "sink", told.maven_url, downloaded, JARS)
    return folder


def java(told: Settings, options: tuple[str, ...], logging: Path, main: str, *arguments: str) -> list[str]:
    """A Java command line with Kafka's own class path."""
    classes = kafka.class_path(told.cache / "kafka", told.maven_url, lambda _done, _total: None)
    return [
        str(kafka.java_home() / "bin" / "java"),
        *options,
        f"-Dlog4j2.configurationFile={logging}",
        "-cp",
        classes,
        main,
        *arguments,
    ]
