"""The life of sources, and requests for passwords of agencies' systems at Kafka."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, text

from hub_db.models.columns import CODE, MOMENT, metadata

source_state = Table(
    "source_state",
    metadata,
    Column("opd", CODE, primary_key=True),
    Column("document", CODE, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", CODE, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_kind", Text, nullable=False),
    Column("role", Text),
    Column("reason", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)

source_wish = Table(
    "source_wish",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("opd", CODE, nullable=False),
    Column("document", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("cause", CODE, nullable=False, unique=True),
    Column("by", Text, nullable=False),
    Column("role", Text),
    Column("unit", Text),
    Column("reason", Text, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("done_at", MOMENT),
    Column("outcome", Text),
    Index("source_wish_open", "id", postgresql_where=text("done_at is null")),
    schema="hub",
)

credential_code = Table(
    "credential_code",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("system_id", BigInteger, ForeignKey("identity.system.id"), nullable=False),
    Column("code_sha256", LargeBinary, nullable=False, unique=True),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("used_at", MOMENT),
    Index("credential_code_of_system", "system_id"),
    schema="identity",
)

credential_request = Table(
    "credential_request",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("system_id", BigInteger, ForeignKey("identity.system.id"), nullable=False),
    Column("code_id", BigInteger, ForeignKey("identity.credential_code.id")),
    Column("salt", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    Column("actor", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("role", Text),
    Column("requested_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("done_at", MOMENT),
    Column("dropped_at", MOMENT),
    Index("credential_request_waiting", "id", postgresql_where=text("done_at is null and dropped_at is null")),
    Index("credential_request_of_system", "system_id", "id"),
    schema="identity",
)
