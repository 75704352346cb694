"""Log lines: one JSON object each, and no value of a citizen in them."""

import json
import logging
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from base import logs


class DatabaseError(Exception):
    """Like psycopg's: a message with DETAIL and CONTEXT, and a SQLSTATE."""

    def __init__(self, text: str, sqlstate: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


class Person(BaseModel):
    nik: int


def line_of(message: object, *args: object, error: BaseException | None = None, **extra: object) -> dict[str, Any]:
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.getLogger("room").makeRecord(
        "room", logging.WARNING, "file.py", 1, message, args, exc_info, extra=extra
    )
    text = logs.JsonFormatter("worker").format(record)
    assert text.isascii()
    assert text.isprintable()  # so no line feed either
    line = json.loads(text)
    assert isinstance(line, dict)
    return line


def test_a_line_names_time_level_process_logger_message_and_extras() -> None:
    line = line_of("batch of %d settled", 7, topic="opd.a.b", dead=0)

    assert line.pop("time").endswith("+00:00")
    assert line.pop("pid") > 0
    assert line == {
        "level": "WARNING",
        "process": "worker",
        "logger": "room",
        "message": "batch of 7 settled",
        "topic": "opd.a.b",
        "dead": 0,
    }


def test_a_control_character_cannot_begin_a_line_or_steer_a_terminal() -> None:
    line = line_of('a\r\n{"level":"ERROR"}\x1b[31m\x7f\x85\u2028')

    assert line["message"] == 'a\r\n{"level":"ERROR"}\x1b[31m\x7f\x85\u2028'


def test_an_extra_cannot_take_the_place_of_the_lines_own_fields() -> None:
    line = line_of("x", level="none", logger="other")

    assert (line["level"], line["extra_level"], line["logger"]) == ("WARNING", "none", "room")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(
            DatabaseError('duplicate key value violates "p"\nDETAIL:  Key (nik)=(3518CANARY) exists.', "23505"),
            id="a unique violation quotes the key",
        ),
        pytest.param(
            DatabaseError('invalid input syntax for type date: "CANARY"\nCONTEXT:  COPY p, column d', "22007"),
            id="a data exception quotes the value",
        ),
        pytest.param(
            DatabaseError('invalid byte sequence for encoding "UTF8": CANARY', "22021"), id="a value without quotes"
        ),
        pytest.param(DatabaseError('value "CANARY" is out of range', "22003"), id="a value before any colon"),
        pytest.param(DatabaseError('bad "a\\"CANARY" text', "22P02"), id="a value with a quote in it"),
    ],
)
def test_database_errors_are_logged_without_row_values(error: DatabaseError) -> None:
    lines = [line_of("failed: %s", error), line_of(error), line_of("failed", error=error), line_of("f", cause=error)]

    assert "CANARY" not in json.dumps(lines)
    assert error.sqlstate in lines[0]["message"]


def test_pydantic_errors_are_logged_without_the_input() -> None:
    hostile = {"nik": "CANARY"}
    with pytest.raises(ValidationError) as caught:
        Person.model_validate(hostile)

    line = line_of("refused", error=caught.value)

    assert "CANARY" not in json.dumps(line)
    assert "nik: int_parsing" in line["error"]


def test_an_error_shows_its_chain_and_place() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        text = line_of("failed", error=error)["error"]

    assert text.index("KeyError: 'inner'") < text.index("RuntimeError: outer")
    assert "test_logs.py" in text


def test_a_long_text_is_cut() -> None:
    line = line_of("x" * 1_000_000)

    assert len(line["message"]) < logs.TEXT_LIMIT + 50
    assert line["message"].endswith("(1000000 characters)")
