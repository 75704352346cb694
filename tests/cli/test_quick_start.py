"""Kafka's linked classes: made once, never trusted when they are damaged, never in the way when they cannot be made."""

import os
from pathlib import Path
from threading import Event

import pytest

from cli import settings
from cli.stack import kafka, quick_start
from cli.stack.layout import Layout
from cli.stack.processes import Child, Program

STARTED: list[Program] = []


@pytest.fixture(autouse=True)
def nothing_started() -> None:
    STARTED.clear()


def start(program: Program) -> Child:
    STARTED.append(program)
    return Child(program)


def ensure(cache: Path, classes: str) -> Path | None:
    return quick_start.ensure(cache, classes, Layout(cache / "scratch"), start, Event())


def test_where_they_cannot_be_made_kafka_starts_without_and_it_is_not_tried_again(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jar"
    empty.touch()

    assert ensure(tmp_path, str(empty)) is None
    marks = list(tmp_path.glob("classes-*"))
    for mark in marks:
        os.utime(mark, ns=(0, 0))  # a mark that is written anew gets another time

    assert ensure(tmp_path, str(empty)) is None
    assert [path.stat().st_mtime_ns for path in tmp_path.glob("classes-*")] == [0] * len(marks) != []
    assert not (tmp_path / "scratch").exists()


@pytest.mark.full
def test_they_are_made_once_and_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    told = settings.load()
    classes = kafka.class_path(told.cache / "kafka", told.maven_url, lambda *_: None)

    made = ensure(tmp_path, classes)
    assert made is not None
    again = ensure(tmp_path, classes)
    assert (again, len(STARTED)) == (made, 1)

    with made.open("r+b") as file:
        file.seek(1 << 20)
        file.write(b"damaged")
    whole = ensure(tmp_path, classes)

    assert len(STARTED) == 2
    assert whole is not None
    assert whole.name.endswith(quick_start.digest(whole))
    assert [path.name for path in tmp_path.glob("classes*")] == [whole.name]
