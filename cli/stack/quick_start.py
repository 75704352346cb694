"""Kafka's classes, loaded and linked once and kept in the user's cache folder (the JVM's AOT cache, JEP 483 and 514):
the broker answers after 1.0 s instead of 2.5, and its folder is made in 0.6 s instead of 1.3.

One short run of a broker of its own makes the file. It fits one JVM and one set of jars; what does not fit, is damaged
or could not be made is left out, and Kafka starts as it does without.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from cli.stack import kafka, ports, processes
from cli.stack.errors import StackError
from cli.stack.layout import Layout
from cli.stack.processes import Child, Program

PREFIX = "classes"
NONE = "none"  # in the place of the checksum: it could not be made here, and is not tried at each start
WRITTEN_WITHIN_S = 60.0  # the JVM writes the file when it stops: 7 s of both cores

Start = Callable[[Program], Child]


def ensure(cache: Path, classes: str, scratch: Layout, start: Start, stopping: Event) -> Path | None:
    """The file, made if there is none for this JVM and these jars; None when it could not be made.

    `scratch` is a folder for the broker that makes it. `start` starts a program and remembers the process, so that a
    killed start leaves no broker behind.
    """
    wanted = f"{PREFIX}-{fingerprint(classes)}"
    for found in cache.glob(f"{wanted}-*"):
        if found.name.endswith(NONE):
            return None
        if found.name == f"{wanted}-{digest(found)}":
            return found
    for old in cache.glob(f"{PREFIX}-*"):
        old.unlink(missing_ok=True)
    draft = cache / f"{PREFIX}.{os.getpid()}.part"
    try:
        try:
            practise(draft, classes, scratch, start, stopping)
        except StackError:  # another program may have taken its port
            practise(draft, classes, scratch, start, stopping)
        made = cache / f"{wanted}-{digest(draft)}"
        draft.replace(made)
    except (StackError, OSError):
        if stopping.is_set():
            raise
        (cache / f"{wanted}-{NONE}").touch()
        return None
    finally:
        for rest in cache.glob(f"{draft.name}*"):  # the JVM puts a second file beside it
            rest.unlink(missing_ok=True)
    return made


def practise(draft: Path, classes: str, scratch: Layout, start: Start, stopping: Event) -> None:
    """Start and stop an empty broker, which notes the classes that it meets and writes them to `draft`."""
    shutil.rmtree(scratch.home, ignore_errors=True)
    scratch.make()
    try:
        chosen = ports.choose(scratch.ports, {})
        kafka.prepare(scratch, chosen, classes)
        child = start(kafka.program(scratch, classes, f"-XX:AOTCacheOutput={draft}"))
        try:
            kafka.wait(kafka.settings(scratch, chosen["kafka"], kafka.ADMIN), child, stopping, WRITTEN_WITHIN_S)
            child.ask_to_stop()
            deadline = time.monotonic() + WRITTEN_WITHIN_S
            while child.is_running() and not stopping.is_set() and time.monotonic() < deadline:
                time.sleep(processes.POLL_S)
        finally:
            child.kill()
    finally:
        shutil.rmtree(scratch.home, ignore_errors=True)


def fingerprint(classes: str) -> str:
    """Of what the file depends on: the JVM and its options, and of each jar what the JVM itself looks at."""
    parts = [(kafka.java_home() / "release").read_text(encoding="utf-8"), *kafka.JVM]
    for path in classes.split(os.pathsep):
        about = Path(path).stat()
        parts.append(f"{path} {about.st_size} {about.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    """SHA-256, as the jars have theirs: the JVM would trust a damaged file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
