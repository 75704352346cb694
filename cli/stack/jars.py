"""The jars of Apache Kafka: a locked list, fetched once into the user's cache folder, each checked by SHA-256."""

import errno
import fcntl
import hashlib
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cli.stack.errors import StackError

LOCK = Path(__file__).with_name("kafka.jars.lock")
PARALLEL = 8  # connections to the repository; more gave nothing
CHUNK = 1 << 16
TIMEOUT_S = 30.0
ATTEMPTS = 3

Progress = Callable[[int, int], None]  # bytes done, bytes in all; called from several threads


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int  # bytes

    @property
    def file_name(self) -> str:
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{tail}.jar"

    @property
    def path(self) -> str:
        """Its place under the base of a Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file_name}"


def locked(lock: Path = LOCK) -> list[Jar]:
    """The locked list, in the order of the class path."""
    jars = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256, size = line.split()
            group, artifact, version, *classifier = coordinates.split(":")
            jars.append(Jar(group, artifact, version, "".join(classifier), sha256, int(size)))
    return jars


def default_repository() -> str:
    """Maven Central, by the address that the package jgo knows; asked for only when something is to be fetched."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a desktop's runtime folder, which servers do not have
        from jgo.constants import MAVEN_CENTRAL_URL  # a third of a second, and most starts have all jars

    return str(MAVEN_CENTRAL_URL)


def ensure(folder: Path, repository: str | None, progress: Progress, lock: Path = LOCK) -> list[Path]:
    """All jars of the lock as checked files in `folder`; what is there already is checked and kept.

    `repository` is the base address of a Maven repository; None = `default_repository`.
    `progress(done, total)` is told the bytes of the download, from several threads; not called when all is there.
    Raises StackError in one line; finished jars stay, so the next try goes on where this one ended.
    """
    jars = locked(lock)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lock").touch()
    except OSError as error:
        raise StackError(
            f"Folder unduhan {folder} tidak dapat ditulisi: {error.strerror}. Pilih folder lain (SIMPUL_CACHE)."
        ) from error
    with (folder / ".lock").open("w") as turn, ThreadPoolExecutor(PARALLEL) as pool:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two first starts at once: the second finds all there
        present = list(pool.map(lambda jar: is_present(folder, jar), jars))
        missing = [jar for jar, there in zip(jars, present, strict=True) if not there]
        if missing:
            fetch = Fetch(folder, repository or default_repository(), progress, sum(jar.size for jar in missing))
            futures = [pool.submit(fetch.one, jar) for jar in missing]
            try:
                finished, _ = wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                fetch.stopped.set()  # also on Ctrl-C: the threads end at their next chunk
                pool.shutdown(wait=True, cancel_futures=True)
            for future in finished:
                future.result()
    return [folder / jar.file_name for jar in jars]


def is_present(folder: Path, jar: Jar) -> bool:
    """Whether the jar lies there whole. One with a wrong checksum is removed and named: we did not write it so."""
    path = folder / jar.file_name
    if not path.exists():
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != jar.sha256:
        path.unlink(missing_ok=True)
        raise wrong_checksum(jar)
    return True


def wrong_checksum(jar: Jar) -> StackError:
    return StackError(
        f"Berkas {jar.file_name} rusak: sidik jari SHA-256-nya tidak cocok, jadi berkas itu dihapus. "
        "Jalankan perintah ini sekali lagi; bila terulang, periksa alamat SIMPUL_MAVEN_URL."
    )


class Fetch:
    """One download of several jars with a common count of bytes."""

    def __init__(self, folder: Path, repository: str, progress: Progress, total: int) -> None:
        self.folder, self.repository, self.progress, self.total = folder, repository.rstrip("/"), progress, total
        self.done = 0
        self.stopped = Event()

    def one(self, jar: Jar) -> None:
        """Fetch one jar into a `.part` file, go on where an earlier try ended, check it, and give it its name."""
        part = self.folder / f"{jar.file_name}.part"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self.receive(jar, part)
                break
            except (urllib.error.URLError, OSError) as error:
                if self.stopped.is_set():
                    return
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    self.stopped.set()
                    raise StackError(
                        f"Disk penuh saat mengunduh ke {self.folder}. Kosongkan sebagian, atau pilih folder lain "
                        "(SIMPUL_CACHE), lalu jalankan lagi; yang sudah terunduh tetap disimpan."
                    ) from error
                refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if attempt == ATTEMPTS or refused:
                    self.stopped.set()
                    raise self.unreachable(jar, error) from error
        if self.stopped.is_set():
            return
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != jar.sha256:
            part.unlink()
            self.stopped.set()
            raise wrong_checksum(jar)
        part.replace(self.folder / jar.file_name)

    def receive(self, jar: Jar, part: Path) -> None:
        """Append what is still missing of the jar to its part file."""
        have = part.stat().st_size if part.exists() else 0
        if have >= jar.size:
            part.unlink()
            have = 0
        request = urllib.request.Request(f"{self.repository}/{jar.path}", headers={"User-Agent": "simpul"})  # noqa: S310
        if have:
            request.add_header("Range", f"bytes={have}-")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310 - the address is a setting
            resumed = reply.status == 206
            with part.open("ab" if resumed else "wb") as file:
                self.count(have if resumed else 0)
                while not self.stopped.is_set() and (chunk := reply.read(CHUNK)):
                    file.write(chunk)
                    self.count(len(chunk))

    def count(self, size: int) -> None:
        self.done += size
        self.progress(min(self.done, self.total), self.total)

    def unreachable(self, jar: Jar, error: Exception) -> StackError:
        reason = getattr(error, "reason", None) or error
        return StackError(
            f"Berkas Apache Kafka ({jar.file_name}) tidak dapat diunduh dari {self.repository}: {reason}. "
            "Periksa jaringan (atau SIMPUL_MAVEN_URL), lalu jalankan lagi; yang sudah terunduh tetap disimpan."
        )
