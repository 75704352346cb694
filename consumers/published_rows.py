"""The records of a round, entity by entity: each changed key with what is published of it, for all its readers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers.published_form import Form
from consumers.reader_forms import ReaderForm
from hub_db import round_rows
from hub_db.round_rows import Said
from hub_db.rounds import RoundNumber
from schemas.names import EventKey, TopicName

Headers = list[tuple[str, bytes]]


class Outgoing(NamedTuple):
    """A record on its way to a topic; no value is a tombstone."""

    topic: TopicName
    key: bytes
    value: bytes | None
    headers: Headers


def changed(
    conn: Connection[TupleRow], form: Form, number: RoundNumber, fed: Sequence[ReaderForm]
) -> Iterator[Outgoing]:
    """What the round changes of an entity, for its topic and for the topics of the grants that are `fed`."""
    head = _head(form, number)
    for text, row in _rows(conn, form, number):
        key = text.encode()
        if isinstance(row, Said):  # nothing is decoded or encoded for the entity's topic
            told = head if row.successor is None else _told(head, str(row.successor).encode())
            yield Outgoing(form.topic, key, row.value, told)
            body = form.body(row.value) if fed else {}
            values: list[bytes | None] = [written.said(body) for written in fed]
        else:
            told = _told(head, form.successor(row))
            yield Outgoing(form.topic, key, form.value(row), told)
            values = [written.value(form.columns, row) for written in fed]
        for written, value in zip(fed, values, strict=True):
            yield Outgoing(written.topic, key, value, _seen(form, written, head, told))


def _rows(
    conn: Connection[TupleRow], form: Form, number: RoundNumber
) -> Iterator[tuple[EventKey, Said | round_rows.Row | None]]:
    if form.reader is None:
        return round_rows.rows(conn, form.entity, form.key, form.columns, number)
    return round_rows.rows_said(conn, form.entity, form.key, form.columns, number, form.schema_id, form.replaced_by)


def whole(conn: Connection[TupleRow], form: Form, number: RoundNumber, written: ReaderForm) -> Iterator[Outgoing]:
    """Every row of an entity for a reader who begins, or reads by another schema from now on."""
    head = _head(form, number)
    for key, row in round_rows.every_row(conn, form.entity, form.key, form.columns):
        told = _told(head, form.successor(row))
        yield Outgoing(written.topic, key.encode(), written.value(form.columns, row), _seen(form, written, head, told))


def _head(form: Form, number: RoundNumber) -> Headers:
    return [("simpul_round", str(number).encode()), ("simpul_source", form.sources.encode())]


def _told(head: Headers, successor: bytes | None) -> Headers:
    """With the key of the record that replaced this one, where there is one."""
    return head if successor is None else [*head, ("simpul_replaced_by", successor)]


def _seen(form: Form, written: ReaderForm, head: Headers, told: Headers) -> Headers:
    """What a reader is told: who may not read which record replaces another hears of none."""
    return told if form.replaced_by in written.fields else head
