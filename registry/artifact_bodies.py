"""A schema as a client of Apicurio sends it: bare, or with its references in an envelope."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from registry.bodies import MAX_REFERENCES, SchemaBody, body_of, bytes_of
from registry.errors import InvalidSchema, InvalidVersion
from registry.requests import MAX_INT, context_in
from registry.subject_names import DEFAULT, qualified

ENVELOPES: Final = ("application/create.extended+json", "application/get.extended+json")


class ArtifactReference(BaseModel):
    """One reference: the name that the schema uses, and the version that has it."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=255)]
    group: Annotated[str | None, Field(alias="groupId", max_length=100)] = None
    artifact: Annotated[str, Field(alias="artifactId", min_length=1, max_length=255)]
    version: Annotated[str | None, Field(max_length=10)] = None


class ArtifactEnvelope(BaseModel):
    """A schema with its references."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    content: str = ""
    references: Annotated[list[ArtifactReference], Field(max_length=MAX_REFERENCES)] = []


async def artifact_sent(request: Request) -> SchemaBody:
    """The schema; raises InvalidSchema, MalformedRequest, InvalidVersion."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in ENVELOPES:
        sent = await body_of(request, ArtifactEnvelope)
        return _schema(sent.content, [_reference(each) for each in sent.references])
    try:
        return _schema((await bytes_of(request)).decode(), [])
    except UnicodeDecodeError:
        raise InvalidSchema("The schema is no UTF-8") from None


def _schema(text: str, references: list[dict[str, Any]]) -> SchemaBody:
    return SchemaBody.model_validate({"schema": text, "references": references})


def _reference(sent: ArtifactReference) -> dict[str, Any]:
    """Of no version: the newest."""
    context = context_in(DEFAULT if sent.group in (None, "default") else f".{sent.group}")
    version = sent.version or "-1"
    if version != "-1" and not (version.isascii() and version.isdigit() and 1 <= int(version) <= MAX_INT):
        raise InvalidVersion
    return {"name": sent.name, "subject": qualified(context, sent.artifact), "version": int(version)}


ArtifactSent = Annotated[SchemaBody, Depends(artifact_sent)]
