"""The tables of the schema `notice`: notices, what happened to them, their deliveries, and what the watch has seen."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    text,
)

from hub_db.models.columns import CODE, MOMENT, count, metadata
from hub_db.models.exchange import batch

NOT_CLOSED = text("state <> 'closed'")


def number() -> "Column[int]":
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def at(name: str, *, known: bool = True) -> "Column[object]":
    """A moment that the caller gives."""
    return Column(name, MOMENT, nullable=not known)


def words(name: str, default: str | None = None) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default=None if default is None else text(default))


def code(name: str, *, known: bool = True) -> "Column[str]":
    return Column(name, CODE, nullable=not known)


notice = Table(
    "notice",
    metadata,
    number(),
    code("cause"),
    code("kind"),
    words("severity"),
    count("level", SmallInteger, default=True),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    code("opd"),
    code("role"),
    code("at_opd"),
    code("at_role"),
    words("title"),
    words("body"),
    words("link", "''"),
    words("state", "'open'"),
    Column("count", Integer, nullable=False, server_default=text("1")),
    at("raised_at"),
    at("last_seen_at"),
    at("acknowledged_at", known=False),
    at("silent_until", known=False),
    count("escalations", SmallInteger, default=True),
    at("escalate_at", known=False),
    at("closed_at", known=False),
    Column("previous", ForeignKey("notice.notice.id")),
    code("matter", known=False),
    Index("notice_of_cause", "cause", unique=True, postgresql_where=NOT_CLOSED),
    Index("notice_closed_of_cause", "cause", "id", postgresql_where=text("state = 'closed'")),
    Index("notice_not_closed", "id", postgresql_where=NOT_CLOSED),
    Index("notice_of_office", "opd", "role", "id"),
    Index("notice_to_escalate", "escalate_at", postgresql_where=text("state = 'open'")),
    Index("notice_of_matter", "matter", postgresql_where=text("state <> 'closed' and matter is not null")),
    schema="notice",
)

step = Table(
    "step",
    metadata,
    number(),
    Column("notice", ForeignKey("notice.notice.id"), nullable=False),
    words("act"),
    at("at"),
    words("actor"),
    code("opd"),
    code("role"),
    words("note", "''"),
    at("planned_at", known=False),
    Index("step_of_notice", "notice", "id"),
    Index("step_unplanned", "id", postgresql_where=text("planned_at is null")),
    schema="notice",
)

webhook = Table(
    "webhook",
    metadata,
    number(),
    code("opd"),
    code("role", known=False),
    words("url"),
    Column("generation", Integer, nullable=False, server_default=text("1")),
    words("made_by"),
    at("made_at"),
    at("disabled_at", known=False),
    Index("webhook_of_office", "opd", postgresql_where=text("disabled_at is null")),
    schema="notice",
)

DUE = "state = 'due' and mode {} 'member'"

delivery = Table(
    "delivery",
    metadata,
    number(),
    Column("dedupe", CODE, nullable=False, unique=True),
    Column("notice", ForeignKey("notice.notice.id")),
    Column("step", ForeignKey("notice.step.id")),
    Column("person", BigInteger),
    Column("webhook", ForeignKey("notice.webhook.id")),
    code("opd", known=False),
    code("role", known=False),
    Column("acting", Text),
    words("channel"),
    words("mode", "'single'"),
    Column("in_digest", ForeignKey("notice.delivery.id")),
    words("state", "'due'"),
    at("due_at"),
    at("made_at"),
    count("attempts", default=True),
    at("lease_until", known=False),
    at("sent_at", known=False),
    at("seen_at", known=False),
    Column("reason", Text),
    Index("delivery_due", "due_at", postgresql_where=text(DUE.format("<>"))),
    Index("delivery_for_digest", "person", postgresql_where=text(DUE.format("="))),
    Index("delivery_of_notice", "notice"),
    Index("delivery_of_digest", "in_digest", postgresql_where=text("in_digest is not null")),
    Index("delivery_unseen", "person", "notice", postgresql_where=text("channel = 'app' and seen_at is null")),
    schema="notice",
)

preference = Table(
    "preference",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    words("mail", "'each'"),
    Column("digest_hour", SmallInteger),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    at("updated_at"),
    schema="notice",
)

refused_address = Table(
    "refused_address",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("address_sha256", LargeBinary, nullable=False),
    words("reply"),
    at("refused_at"),
    schema="notice",
)

rule = Table(
    "rule",
    metadata,
    Column("name", CODE, primary_key=True),
    at("looked_at"),
    Column("findings", Integer, nullable=False),
    Column("reason", Text),
    schema="notice",
)

log_end = Table(
    "log_end",
    metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("end_offset", BigInteger, primary_key=True),
    at("seen_at"),
    schema="notice",
)

watched = Table(
    "watched",
    metadata,
    Column("document", CODE, primary_key=True),
    Column("watch", CODE, primary_key=True),
    Column("broken", Boolean, nullable=False),
    at("reported_at"),
    schema="notice",
)

# The watch looks at the ledger by time.
Index("batch_by_time", batch.c.tx_at, postgresql_using="brin")
