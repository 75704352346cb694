"""The tables of the schema `audit`."""

from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from hub_db.models.columns import CODE, metadata, moment


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8: the number of a transaction, never used twice."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


ischema_names["xid8"] = TransactionId  # so that the type is known when a database is compared with the models

entry = Table(
    "entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("transaction", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    moment("at"),
    Column("actor", CODE, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("role", Text),
    Column("opd", Text),
    Column("act", CODE, nullable=False),
    Column("subject", CODE),
    Column("purpose", Text),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Index("entry_by_transaction", "transaction"),
    Index("entry_by_time", "at"),
    Index("entry_by_act", "act", "at"),
    Index("entry_by_actor", "actor", "at"),
    Index("entry_by_opd", "opd", "at"),
    Index("entry_by_subject", "subject", "at", postgresql_where=text("subject is not null")),
    Index("entry_by_owner", text("(details ->> 'owner')"), "at", postgresql_where=text("details ? 'owner'")),
    Index("entry_by_grant", text("(details ->> 'grant')"), "at", postgresql_where=text("details ? 'grant'")),
    schema="audit",
)

link = Table(
    "link",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, nullable=False, unique=True),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("settled", TransactionId, nullable=False),
    moment("sealed_at"),
    schema="audit",
)
