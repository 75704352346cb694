"""The attributes that a contract adds to Avro's own, as JSON has them: names, types and plain limits.

What one attribute means for another is the loader's business (`loader.py`).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.contract import OnMissing, Sensitivity, Severity

Duration = Annotated[str, Field(pattern=r"^P([1-9][0-9]{0,4}[YMWD]|T[1-9][0-9]{0,4}[HM])$")]  # ISO 8601, one unit
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{2,23}$")]
DashedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=48)]
SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=48)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Share = Annotated[float, Field(gt=0, le=1)]


class _Attributes(BaseModel):
    # A name that is not here is a mistake. Enumerations come as text, so not strict.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class RuleAttributes(_Attributes):
    """A rule over the fields of a row, or a check over the row and those it references."""

    name: SnakeName
    expression: Sentence
    severity: Severity
    message: Sentence


class FeedAttributes(_Attributes):
    """Fields of another entity that this document supplies too."""

    entity: SnakeName
    key: SnakeName
    fields: Annotated[dict[SnakeName, SnakeName], Field(min_length=1, max_length=50)]
    priority: Annotated[int, Field(ge=1, le=1000, strict=True)]


class ParkAttributes(_Attributes):
    """How long a row waits for its reference, and what is done with it then."""

    duration: Duration
    then: Literal["reject", "warn"]


class RetentionAttributes(_Attributes):
    """How long raw events and the history are kept."""

    events: Duration
    history: Duration


class MassChangeAttributes(_Attributes):
    """Shares of a load above which a human says yes."""

    deletes: Share = 0.10
    changes: Share = 0.30


class DeprecatedAttributes(_Attributes):
    """A field that goes."""

    since: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    use: SnakeName | None = None


class ContractAttributes(_Attributes):
    """The object `contract` on the record."""

    opd: Slug
    document: DashedName
    entity: SnakeName
    key: Annotated[list[SnakeName], Field(min_length=1, max_length=5)]
    owner: Sentence
    contact: Sentence
    sensitivity: Sensitivity
    freshness: Duration
    priority: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    mayCreate: Annotated[bool, Field(strict=True)] = True  # noqa: N815 (the word of the contract)
    deputy: Sentence | None = None
    legalBasis: Sentence | None = None  # noqa: N815
    parkFor: ParkAttributes = ParkAttributes(duration="P30D", then="reject")  # noqa: N815
    retention: RetentionAttributes | None = None
    sequence: Literal["required", "none"] = "required"
    massChange: MassChangeAttributes = MassChangeAttributes()  # noqa: N815
    feeds: Annotated[list[FeedAttributes], Field(max_length=20)] = []
    rules: Annotated[list[RuleAttributes], Field(max_length=200)] = []
    checks: Annotated[list[RuleAttributes], Field(max_length=200)] = []


class FieldAttributes(_Attributes):
    """One field of the record. `type` and `default` are Avro's and are read by `avro_types.py`."""

    name: SnakeName
    type: Any
    doc: Sentence
    sensitivity: Sensitivity
    default: Any = None
    example: Sentence | None = None
    format: str | None = None
    pattern: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    minLength: Annotated[int, Field(ge=0, strict=True)] | None = None  # noqa: N815
    maxLength: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = None  # noqa: N815
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    enum: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(min_length=1)] | None = None
    codes: str | None = None
    references: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")] | None = None
    onMissing: OnMissing | None = None  # noqa: N815
    specific: Annotated[bool, Field(strict=True)] = False
    survivorship: Literal["priority", "latest", "longest"] = "priority"
    agree: Annotated[bool, Field(strict=True)] = False
    deprecated: DeprecatedAttributes | None = None
    isReplacedBy: Annotated[bool, Field(strict=True)] = False  # noqa: N815 (Dublin Core's word)
    warnOnly: list[str] = []  # noqa: N815
