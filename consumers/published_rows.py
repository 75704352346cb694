"""The records of a round, entity by entity: each changed key with what is published of it, for all its readers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers.published_form import Form
from consumers.reader_forms import ReaderForm
from hub_db import round_rows
from hub_db.rounds import RoundNumber
from schemas.names import TopicName

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
    if form.reader is not None:
        yield from _said(conn, form, number, fed, head)
    besides = form.schema_id if form.reader is not None else None
    for key, row in round_rows.rows(conn, form.entity, form.key, form.columns, number, besides=besides):
        told = _told(head, form.successor(row))
        yield Outgoing(form.topic, key.encode(), form.value(row), told)
        for written in fed:
            yield Outgoing(
                written.topic, key.encode(), written.value(form.columns, row), _seen(form, written, head, told)
            )


def _said(
    conn: Connection[TupleRow], form: Form, number: RoundNumber, fed: Sequence[ReaderForm], head: Headers
) -> Iterator[Outgoing]:
    """The rows that are what an event says: of the entity's topic nothing is decoded or encoded."""
    for text, value, successor in round_rows.said(
        conn, form.entity, form.key, form.schema_id, form.replaced_by, number
    ):
        key, told = text.encode(), head
        if value is not None and successor is not None:
            told = _told(head, str(successor).encode())
        yield Outgoing(form.topic, key, value, told)
        if fed:
            body = None if value is None else form.body(value)
            for written in fed:
                yield Outgoing(written.topic, key, written.said(body), _seen(form, written, head, told))


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
