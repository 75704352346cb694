"""The tables of the schema `identity`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub_db.models.columns import CODE, MOMENT, count, metadata, moment


def number() -> "Column[int]":
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def told(name: str) -> "Column[str]":
    """A text that is always there."""
    return Column(name, Text, nullable=False)


def at(name: str) -> "Column[object]":
    """A moment that the caller says."""
    return Column(name, MOMENT, nullable=False)


def digest(name: str = "token_sha256", *, unique: bool = True) -> "Column[bytes]":
    return Column(name, LargeBinary, nullable=False, unique=unique or None)


def of_person(*, key: bool = False) -> "Column[int]":
    return Column("person_id", ForeignKey("identity.person.id"), primary_key=key, nullable=False)


def of_opd() -> "Column[str]":
    return Column("opd", CODE, ForeignKey("identity.opd.code"), nullable=False)


def truth(name: str, default: str) -> "Column[bool]":
    return Column(name, Boolean, nullable=False, server_default=text(default))


installation = Table(
    "installation",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("demo", Boolean, nullable=False),
    schema="identity",
)

opd = Table(
    "opd",
    metadata,
    Column("code", CODE, primary_key=True),
    told("name"),
    told("short_name"),
    truth("walidata", "false"),
    truth("active", "true"),
    moment("added_at"),
    Index("opd_one_walidata", "walidata", unique=True, postgresql_where=text("walidata")),
    schema="identity",
)

system = Table(
    "system",
    metadata,
    number(),
    of_opd(),
    Column("code", CODE, nullable=False),
    told("name"),
    truth("active", "true"),
    moment("added_at"),
    UniqueConstraint("opd", "code"),
    schema="identity",
)

person = Table(
    "person",
    metadata,
    number(),
    Column("name", CODE, nullable=False, unique=True),
    told("shown_name"),
    told("office"),
    Column("email", Text),
    Column("phone", Text),
    Column("disabled_at", MOMENT),
    moment("added_at"),
    schema="identity",
)

password = Table("password", metadata, of_person(key=True), told("hash"), at("set_at"), schema="identity")

second_factor = Table(
    "second_factor",
    metadata,
    of_person(key=True),
    told("secret"),
    Column("confirmed_at", MOMENT),
    count("last_step", BigInteger, default=True),
    schema="identity",
)

recovery_code = Table(
    "recovery_code",
    metadata,
    of_person(key=True),
    Column("code_sha256", LargeBinary, primary_key=True),
    Column("used_at", MOMENT),
    schema="identity",
)

appointment = Table(
    "appointment",
    metadata,
    number(),
    of_person(),
    told("role"),
    of_opd(),
    Column("acting", Text),
    Column("letter", Text),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    told("appointed_by"),
    moment("appointed_at"),
    Column("ended_at", MOMENT),
    Index("appointment_of_person", "person_id", postgresql_where=text("ended_at is null")),
    Index("appointment_of_office", "opd", "role", postgresql_where=text("ended_at is null")),
    schema="identity",
)

link = Table(
    "link",
    metadata,
    number(),
    digest(),
    of_person(),
    told("purpose"),
    told("issued_by"),
    at("issued_at"),
    at("expires_at"),
    Column("redeemed_at", MOMENT),
    Column("revoked_at", MOMENT),
    Index("link_of_person", "person_id"),
    schema="identity",
)

session = Table(
    "session",
    metadata,
    number(),
    digest(),
    of_person(),
    Column("second_factor", Boolean, nullable=False),
    at("started_at"),
    at("seen_at"),
    at("expires_at"),
    told("address"),
    told("user_agent"),
    Column("ended_at", MOMENT),
    Column("ended_because", Text),
    Index("session_of_person", "person_id", postgresql_where=text("ended_at is null")),
    Index("session_by_expiry", "expires_at"),
    schema="identity",
)

device = Table(
    "device",
    metadata,
    number(),
    digest(),
    of_person(),
    at("first_used_at"),
    at("last_used_at"),
    told("user_agent"),
    Index("device_of_person", "person_id"),
    schema="identity",
)

tries = Table(
    "tries",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key_sha256", LargeBinary, primary_key=True),
    count("failures"),
    at("begun_at"),
    at("last_at"),
    Column("waits_till", MOMENT),
    Index("tries_by_time", "last_at"),
    schema="identity",
)

sign_in_minute = Table(
    "sign_in_minute",
    metadata,
    Column("minute", MOMENT, primary_key=True),
    *(count(name, Integer, default=True) for name in ("done", "refused", "held_back")),
    schema="identity",
)

service_token = Table(
    "service_token",
    metadata,
    number(),
    digest(),
    told("hint"),
    Column("system_id", ForeignKey("identity.system.id"), nullable=False),
    told("purpose"),
    Column("documents", ARRAY(Text)),
    Column("permissions", ARRAY(Text), nullable=False),
    told("issued_by"),
    at("issued_at"),
    at("expires_at"),
    Column("last_used_at", MOMENT),
    Column("revoked_at", MOMENT),
    Column("revoked_by", Text),
    Index("service_token_of_system", "system_id", "purpose", postgresql_where=text("revoked_at is null")),
    schema="identity",
)
