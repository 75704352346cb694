"""The contract of an interchange document, as read out of its `.avsc` (`docs/reference/contract.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from schemas.names import DocumentName, EntityName, FieldName, OpdCode, SubjectName, TopicName
from schemas.sandbox import PRODUCTION, SANDBOX

Value = str | int | float | bool | date | datetime | Decimal | None


class Kind(StrEnum):
    """The logical type of a field: what its values are in Python and in PostgreSQL."""

    STRING = "string"  # str, text
    INT = "int"  # int, integer
    LONG = "long"  # int, bigint
    DOUBLE = "double"  # float, double precision
    BOOLEAN = "boolean"  # bool, boolean
    DATE = "date"  # date, date
    TIMESTAMP = "timestamp-millis"  # aware UTC datetime, timestamptz
    DECIMAL = "decimal"  # Decimal, numeric(precision, scale)


class Sensitivity(StrEnum):
    """How open a value is: `umum` < `terbatas` < `pribadi`."""

    UMUM = "umum"
    TERBATAS = "terbatas"
    PRIBADI = "pribadi"


class OnMissing(StrEnum):
    """What happens to a row whose referenced record is not there."""

    PARK = "park"
    WARN = "warn"


class Severity(StrEnum):
    """Whether a breached rule refuses the event or is only told."""

    ERROR = "error"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Reference:
    """`<entity>.<field>`: the record that this field's value names."""

    entity: EntityName
    field: FieldName
    on_missing: OnMissing


@dataclass(frozen=True, slots=True)
class Rule:
    """A boolean SQL expression (`schemas/expressions.py`); NULL means that it does not apply."""

    name: str
    expression: str
    severity: Severity
    message: str  # Indonesian, shown to the OPD


@dataclass(frozen=True, slots=True)
class Feed:
    """Fields of another entity's record that this document supplies too. It never brings such a record into being."""

    entity: EntityName
    key: FieldName  # the field of this document that holds that record's key
    fields: Mapping[FieldName, FieldName]  # field of the other entity → field of this document
    priority: int


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document. Absent limits are None."""

    name: FieldName
    kind: Kind
    nullable: bool
    doc: str
    sensitivity: Sensitivity
    specific: bool = False
    precision: int | None = None
    scale: int | None = None
    format: str | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | date | None = None
    maximum: Decimal | date | None = None  # for dates also the text "today", kept in maximum_today
    maximum_today: bool = False
    enum: tuple[str, ...] | None = None
    codes: str | None = None
    reference: Reference | None = None
    is_replaced_by: bool = False  # names the record of the same entity that replaced this one
    survivorship: str = "priority"
    agree: bool = False
    warn_only: frozenset[str] = frozenset()  # codes of checks that this field lowers to a warning
    example: str | None = None


@dataclass(frozen=True)
class Contract:
    """Everything the hub knows about an interchange document."""

    opd: OpdCode
    document: DocumentName
    entity: EntityName
    key: tuple[FieldName, ...]
    doc: str
    namespace: str
    owner: str
    contact: str
    sensitivity: Sensitivity
    freshness: str  # ISO 8601 duration
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]  # the Avro JSON with every attribute, placeholders filled
    priority: int = 1
    may_create: bool = True
    deputy: str | None = None
    legal_basis: str | None = None
    park_for: str = "P30D"
    park_then: str = "reject"
    retention: Mapping[str, str] | None = None
    sequence_required: bool = True
    mass_change_deletes: float = 0.10
    mass_change_changes: float = 0.30
    rules: tuple[Rule, ...] = ()
    checks: tuple[Rule, ...] = ()  # rules over the row and the rows it references (`<field>__<column>`)
    feeds: tuple[Feed, ...] = ()
    sandbox: bool = False  # the same document where it is tried, on a topic of its own

    @cached_property
    def name(self) -> str:
        """`<opd>.<document>`, as commands and pages name it."""
        return f"{self.opd}.{self.document}"

    @cached_property
    def topic(self) -> TopicName:
        """Where its events come."""
        return TopicName(f"{SANDBOX if self.sandbox else PRODUCTION}{self.name}")

    @cached_property
    def dead_letter_topic(self) -> TopicName:
        return TopicName(f"dlq.{self.opd}.{self.document}")

    @cached_property
    def reference_topic(self) -> TopicName:
        return TopicName(f"reference.{self.entity}")

    @cached_property
    def subject(self) -> SubjectName:
        """Under which the registry has its versions: one for both of its topics."""
        return SubjectName(f"{PRODUCTION}{self.name}-value")

    @cached_property
    def by_name(self) -> Mapping[FieldName, Field]:
        return {field.name: field for field in self.fields}
