"""The bodies of requests: bounded, read once, checked."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.errors import InvalidSchema, MalformedRequest
from registry.schema_text import MAX_BYTES, Reference, check_texts

# A schema text inside JSON may double (quotes, line ends); sixfold only if all of it is escaped, which nobody does.
BODY_LIMIT = 1_048_576
# Of a longer body this much more is read and thrown away, so that the sender gets our answer instead of a cut line.
DRAIN_LIMIT = 16 * 1_048_576
MAX_REFERENCES = 100


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


SchemaSent = Annotated[SchemaBody, Depends(schema_of)]
ConfigSent = Annotated[ConfigBody, Depends(config_of)]
ModeSent = Annotated[ModeBody, Depends(mode_of)]
