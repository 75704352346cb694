"""The verdicts of Apache Avro's own compatibility tests, on every level; and fastavro reads what is called readable."""

import io
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import fastavro
import pytest
from fastavro.utils import generate_many

from cli.stack import kafka
from registry.avro_resolution import Definitions, mismatches
from registry.compatibility import Level, OldVersion, breaches
from tests.registry.connect import locked_jars
from tests.registry.test_compatibility import READABLE, UNREADABLE

TABLE = json.loads((Path(__file__).parent / "avro_pairs.json").read_text(encoding="utf-8"))
SCRIPT = Path(__file__).parent / "java" / "verdicts.js"
JAVA_WITHIN_S = 120
VALUES = 20  # written and read again for each pair


class Pair(NamedTuple):
    """A reader, a writer, and whether the one reads the other; `row` is where that is said."""

    row: str
    reader: Any
    writer: Any
    readable: bool


def distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """Each two schemas once, under the first row that has them."""
    return list({json.dumps([each.reader, each.writer]): each for each in reversed(list(pairs))}.values())


FROM_AVRO = distinct(
    [
        *(Pair(each["row"], each["reader"], each["writer"], each["readable"]) for each in TABLE["pairs"]),
        *(
            Pair(f"{each['row']}, reversed", each["writer"], each["reader"], each["reversed"])
            for each in TABLE["pairs"]
        ),
    ]
)
PAIRS = distinct(
    [
        *FROM_AVRO,
        *(Pair("specification", reader, writer, readable=True) for reader, writer in READABLE),
        *(Pair("specification", reader, writer, readable=False) for reader, writer, _ in UNREADABLE),
    ]
)
VERDICTS = {json.dumps([each.reader, each.writer]): each.readable for each in PAIRS}
LOGICAL = "logicalType"
# Avro's Java and Python checkers compare no logical types; the specification does.
READ_BY_FASTAVRO = [each for each in PAIRS if each.readable and each.writer != []]


def found(level: Level, new: Any, old: Any) -> bool:
    return breaches(level, Definitions.of(new), [OldVersion(1, "", Definitions.of(old))]) == []


def in_ascii(value: Any) -> Any:
    """The value with bytes that are text: promotion to string is for those that are UTF-8."""
    match value:
        case bytes():
            return bytes(byte & 0x7F for byte in value)
        case list():
            return [in_ascii(item) for item in value]
        case dict():
            return {name: in_ascii(item) for name, item in value.items()}
        case _:
            return value


def test_there_are_at_least_150_pairs_with_a_row_of_avros_own() -> None:
    assert len(FROM_AVRO) >= 150
    assert all(each.row.startswith("test_") for each in FROM_AVRO)


@pytest.mark.parametrize("level", list(Level))
def test_every_pair_has_its_verdict_on_every_level(level: Level) -> None:
    wrong = []
    for pair in PAIRS:
        backward = VERDICTS.get(json.dumps([pair.writer, pair.reader]))  # the other way round, where a table says it
        if level is Level.NONE:
            cases = [(pair.reader, pair.writer, True)]
        elif level.new_reads_old and level.old_reads_new:
            known = pair.readable and backward is not False
            cases = [(pair.reader, pair.writer, known)] if backward is not None or not pair.readable else []
        elif level.new_reads_old:
            cases = [(pair.reader, pair.writer, pair.readable)]
        else:
            cases = [(pair.writer, pair.reader, pair.readable)]
        wrong += [(pair.row, new, old) for new, old, fine in cases if found(level, new, old) != fine]

    assert wrong == []


@pytest.mark.parametrize("pair", READ_BY_FASTAVRO, ids=lambda pair: f"{pair.row} {json.dumps(pair.reader)[:60]}")
def test_what_is_called_readable_is_read_by_another_library(pair: Pair) -> None:
    writer, reader = fastavro.parse_schema(pair.writer), fastavro.parse_schema(pair.reader)
    values = [] if "next" in json.dumps(pair.writer) else list(generate_many(writer, VALUES))

    for value in values:
        written = io.BytesIO()
        fastavro.schemaless_writer(written, writer, in_ascii(value))
        fastavro.schemaless_reader(io.BytesIO(written.getvalue()), writer, reader)

    assert mismatches(Definitions.of(pair.reader), Definitions.of(pair.writer)) == []


@pytest.mark.full
def test_apache_avro_says_the_same(tmp_path: Path) -> None:
    """Of all but decimals, which its checker does not compare: the specification does."""
    asked = [each for each in PAIRS if LOGICAL not in json.dumps(each.reader)]

    said = verdicts_of_avro(asked, tmp_path / "pairs.json")

    assert said == ["COMPATIBLE" if each.readable else "INCOMPATIBLE" for each in asked]


def verdicts_of_avro(pairs: Sequence[Pair], file: Path) -> list[str]:
    """The words of `org.apache.avro:avro` on the bundled Java runtime."""
    file.write_text(json.dumps([{"reader": each.reader, "writer": each.writer} for each in pairs]), encoding="utf-8")
    java = str(kafka.java_home() / "bin" / "java")
    classes = os.pathsep.join(str(jar) for jar in locked_jars("avro"))
    command = [java, *kafka.JVM, "-cp", classes, "org.mozilla.javascript.tools.shell.Main", str(SCRIPT), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=JAVA_WITHIN_S)
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said
