"""Log set-up: JSON lines on stderr, UTC, without personal values from foreign error texts."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

TEXT_LIMIT = 16_384  # characters of one text in a line; longer ones are cut and say so
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
# A line per request, connection or service at INFO.
_CHATTY = (
    *("httpx", "httpcore", "psycopg.pool", "procrastinate"),
    *("kafka", "aiokafka", "faust", "mode", "consumers.transport"),
)
# json escapes all that is not ASCII and C0; DEL is the one control character that it leaves.
_DEL = "\x7f"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def configure(process: str, level: str = "INFO") -> None:
    """Send every record of this process to stderr as one JSON object a line, in place of earlier set-up.

    `process` is the process's role ("worker"); `level` a name of the logging module. Records below it are dropped.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, process, pid, logger, message, the record's extras, error."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": _cut(_message(record)),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[name if name not in line else f"extra_{name}"] = _plain(value)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _cut(_error_text(record.exc_info[1]))
        if record.stack_info:
            line["stack"] = _cut(record.stack_info)
        return json.dumps(line, default=lambda value: _cut(str(value))).replace(_DEL, "\\u007f")


def safe_text(error: BaseException) -> str:
    """The error's message without the row values that PostgreSQL and pydantic quote in theirs."""
    if isinstance(error, ValidationError):
        places = [f"{'.'.join(map(str, found['loc']))}: {found['type']}" for found in error.errors(include_input=False)]
        return f"{error.error_count()} validation errors for {error.title}: {'; '.join(places)}"
    sqlstate = getattr(error, "sqlstate", None)
    if not isinstance(sqlstate, str):
        return str(error)
    first = str(error).split("\n", 1)[0]  # DETAIL and CONTEXT, which quote rows, are the lines after it
    if sqlstate.startswith("22"):  # data exceptions show the value in the first line, quoted or after a colon
        first = _QUOTED.sub('"…"', first).split(":", 1)[0]
    return f"{first} (SQLSTATE {sqlstate})"


def _message(record: logging.LogRecord) -> str:
    args = record.args
    if isinstance(args, tuple) and any(isinstance(arg, BaseException) for arg in args):
        args = tuple(safe_text(arg) if isinstance(arg, BaseException) else arg for arg in args)
    text = safe_text(record.msg) if isinstance(record.msg, BaseException) else str(record.msg)
    return text % args if args else text


def _plain(value: object) -> object:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {_cut(safe_text(value))}"
    return _cut(value) if isinstance(value, str) else value


def _error_text(error: BaseException) -> str:
    """The chain of errors, oldest first, as Python prints it, but each with its safe text."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        kind = type(current)
        parts.append(f"{frames}{kind.__module__}.{kind.__qualname__}: {safe_text(current)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\n".join(reversed(parts))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… ({len(text)} characters)"
