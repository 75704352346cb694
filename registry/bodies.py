"""The bodies of requests: bounded, read once, checked."""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from registry.errors import InvalidSchema, MalformedRequest
from registry.schema_text import MAX_BYTES, Reference, check_texts

# A schema text inside JSON may double (quotes, line ends); sixfold only if all of it is escaped, which nobody does.
BODY_LIMIT = 1_048_576
# Of a longer body this much more is read and thrown away, so that the sender gets our answer instead of a cut line.
DRAIN_LIMIT = 16 * 1_048_576
MAX_REFERENCES = 100
MAX_SAMPLE = 10_000
Count = Annotated[int, Field(ge=0, le=2**53)]


class SampledRow(BaseModel):
    """Key and version of a row that is going to be sent; without a sequence where the document has none."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: Annotated[str, Field(min_length=1, max_length=512)]
    epoch: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    sequence: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None


class ReferenceBody(BaseModel):
    """One reference of a schema."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=255)]
    subject: Annotated[str, Field(min_length=1, max_length=255)]
    version: Annotated[int, Field(ge=-1, le=2**31 - 1)]


class SchemaBody(BaseModel):
    """The body of a registration, a look-up or a comparison. Unknown members are ignored: newer clients send more."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    text: str = Field(alias="schema", default="")
    kind: str | None = Field(alias="schemaType", default=None)
    references: Annotated[list[ReferenceBody], Field(max_length=MAX_REFERENCES)] | None = None
    metadata: dict[str, Any] | None = None
    rule_set: dict[str, Any] | None = Field(alias="ruleSet", default=None)
    id: Annotated[int, Field(ge=-1, le=2**31 - 1)] | None = None
    version: Annotated[int, Field(ge=-1, le=2**31 - 1)] | None = None

    @property
    def named(self) -> list[Reference]:
        return [Reference(each.name, each.subject, each.version) for each in self.references or ()]


class ModeBody(BaseModel):
    """The body that sets a mode."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    mode: str = ""


class ConfigBody(BaseModel):
    """The body that sets a configuration. A member that is not there stays as it was."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, populate_by_name=True)

    compatibility: str | None = None
    normalize: bool | None = None
    alias: Annotated[str, Field(max_length=255)] | None = None
    compatibilityGroup: Annotated[str, Field(max_length=255)] | None = None  # noqa: N815 (the words of the API)
    defaultMetadata: dict[str, Any] | None = None  # noqa: N815
    overrideMetadata: dict[str, Any] | None = None  # noqa: N815
    defaultRuleSet: dict[str, Any] | None = None  # noqa: N815
    overrideRuleSet: dict[str, Any] | None = None  # noqa: N815

    @property
    def others(self) -> Mapping[str, Any]:
        """Everything but the level, as it was sent."""
        sent = self.model_dump(exclude_unset=True)
        sent.pop("compatibility", None)
        return sent


class LoadBody(BaseModel):
    """What a publication says of itself before its first event. Either it has counted what it would do to the rows that
    are there, or it gives keys and versions of some rows, drawn at random, by which the hub reckons that."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    load: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    rows: Count  # of the file or the run, deletes among them
    deleted: Count = 0
    created: Count | None = None
    changed: Count | None = None
    unchanged: Count | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # of the file
    sampled: Annotated[int, Field(ge=1, le=MAX_SAMPLE)] | None = (
        None  # rows drawn, those that cannot be sent among them
    )
    sample: Annotated[list[SampledRow], Field(max_length=MAX_SAMPLE)] = []

    @model_validator(mode="after")
    def _says_what_it_does(self) -> Self:
        counted = (self.created, self.changed, self.unchanged)
        if any(each is None for each in counted) and (self.sampled is None or len(self.sample) > self.sampled):
            raise ValueError("neither counts nor a sample")
        return self


class LoadEndBody(BaseModel):
    """What a publication says of itself when it is done."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    load: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
    sent: Count
    refused: Count = 0


Body = TypeVar("Body", bound=BaseModel)


async def bytes_of(request: Request) -> bytes:
    """The body, bounded; raises InvalidSchema."""
    data, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= BODY_LIMIT:
            data += chunk
        elif size > DRAIN_LIMIT:
            break
    if size > BODY_LIMIT:
        raise InvalidSchema(f"The schema is larger than {MAX_BYTES} bytes")
    return bytes(data)


async def body_of(request: Request, kind: type[Body]) -> Body:
    """The body as JSON, bounded; raises MalformedRequest or InvalidSchema."""
    data = await bytes_of(request)
    try:
        body = kind.model_validate_json(data)
        check_texts(body.model_dump())
    except InvalidSchema as error:
        raise MalformedRequest(str(error).replace("The schema", "The body")) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedRequest(f"The body is not what was expected: {place or 'JSON'}: {first['type']}") from None
    return body


async def schema_of(request: Request) -> SchemaBody:
    """A schema; raises InvalidSchema for a type that is not kept here."""
    body = await body_of(request, SchemaBody)
    if body.kind not in (None, "", "AVRO"):
        raise InvalidSchema(f"Invalid schema type {body.kind[:40]}; this registry keeps AVRO")
    return body


async def config_of(request: Request) -> ConfigBody:
    """A configuration."""
    return await body_of(request, ConfigBody)


async def mode_of(request: Request) -> ModeBody:
    """A mode."""
    return await body_of(request, ModeBody)


async def load_of(request: Request) -> LoadBody:
    """The announcement of a load."""
    return await body_of(request, LoadBody)


async def load_end_of(request: Request) -> LoadEndBody:
    """The end of a load."""
    return await body_of(request, LoadEndBody)


LoadSent = Annotated[LoadBody, Depends(load_of)]
LoadEndSent = Annotated[LoadEndBody, Depends(load_end_of)]
SchemaSent = Annotated[SchemaBody, Depends(schema_of)]
ConfigSent = Annotated[ConfigBody, Depends(config_of)]
ModeSent = Annotated[ModeBody, Depends(mode_of)]
