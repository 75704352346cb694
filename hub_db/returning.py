"""Writes dead letters, with their original bytes and every reason."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.copying import copy_rows
from hub_db.events import DeadLetter, Stretch
from hub_db.letters import REPLAY_TYPES, replay_columns
from hub_db.parking import stored_headers
from hub_db.sandbox import round_of
from hub_db.statements import load

SQL = load("hub_db", "sql/settle.sql")
DEAD_LETTER_TYPES = (
    *("int4", "int4", "int8", "bytea", "bytea", "jsonb"),  # place, original bytes
    *("text", "text", "text", "text", "text", "text", "jsonb"),  # the first reason, the others
    *("bytea", "timestamptz", "int8"),  # SHA-256 of the value, log time, round
    *REPLAY_TYPES,
)


def add(conn: Connection[TupleRow], letters: Sequence[tuple[Stretch, DeadLetter]]) -> None:
    """Write dead letters, each with the stretch that it comes from."""
    if letters:
        rows = (_dead_letter_row(stretch, letter) for stretch, letter in letters)
        copy_rows(conn, SQL["copy_dead_letters"], DEAD_LETTER_TYPES, rows)


def _dead_letter_row(stretch: Stretch, letter: DeadLetter) -> tuple[object, ...]:
    first, *others = letter.reasons
    return (
        stretch.topic_no,
        stretch.partition,
        letter.offset,
        letter.key,
        letter.value,
        Jsonb(stored_headers(letter.headers)),
        first.fault.value,
        first.code,
        first.field,
        first.found,
        first.expected,
        first.remedy,
        Jsonb([asdict(other) for other in others]),
        hashlib.sha256(letter.value or b"").digest(),
        letter.appended_at,
        round_of(stretch.topic),
        *replay_columns(letter),
    )
