"""Where the files of one local stack lie: the state folder and what is in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.stack.errors import StackError

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class Layout:
    """The state folder. Two stacks differ in this folder and share nothing but the cache of jars."""

    home: Path

    @property
    def ports(self) -> Path:
        return self.home / "ports.json"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def kafka(self) -> Path:
        return self.home / "kafka"

    @property
    def anchors(self) -> Path:
        return self.home / "anchors"

    @property
    def issuers(self) -> Path:
        """Certificates of issuers whose signatures on papers count."""
        return self.home / "issuers"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def processes(self) -> Path:
        return self.run / "processes.json"

    @property
    def ready(self) -> Path:
        """Exists while everything that `up` starts has answered once."""
        return self.run / "ready"

    def log_of(self, process: str) -> Path:
        return self.log / f"{process}.log"

    def make(self) -> None:
        """Make the folders, closed to other users: they hold passwords and, later, personal data. Raises StackError."""
        try:
            self.home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            for folder in (self.secrets, self.run, self.log, self.kafka):
                folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            (self.run / "written").touch()  # a folder that is there may be closed to us
            (self.run / "written").unlink()
        except OSError as error:
            raise StackError(
                f"Folder keadaan {self.home} tidak dapat ditulisi: {error.strerror}. "
                "Perbaiki izinnya, atau pilih folder lain (SIMPUL_HOME; untuk peragaan SIMPUL_DEMO_HOME)."
            ) from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def properties(values: Mapping[str, object]) -> str:
    """The text of a Java properties file. Values are ours (paths, numbers, hex): only backslashes need escaping."""
    return "".join(f"{key}={str(value).replace(chr(92), chr(92) * 2)}\n" for key, value in values.items())
