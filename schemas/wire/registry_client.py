"""The schema registry as producers and intake see it: the Confluent REST paths that they need."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.names import SchemaId, SubjectName
from schemas.wire.fingerprint import fingerprint

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
ANSWER_LIMIT = 4 * 1024 * 1024  # bytes; the registry takes schemas of 256 KiB, JSON in JSON may grow sixfold
_UNKNOWN = frozenset({40401, 40402, 40403})  # subject, version, schema: what a healthy registry says
_BUSY = frozenset({408, 425, 429})  # HTTP: later, not no


class RegistrySettings(BaseModel):
    """A user's way to the registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    user: str
    password: SecretStr
    timeout_s: float = 10.0  # for connecting, and for each wait for bytes

    @field_validator("url")
    @classmethod
    def _plain_http_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is no http(s) address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("carries a user, a query or a fragment; user and password have settings of their own")
        return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """One version of a subject."""

    subject: SubjectName
    version: int
    id: SchemaId
    schema: Mapping[str, Any]


class RegistryClient:
    """Asks the registry, and asks for the schema of an id only once: ids are immutable and never used again.

    Threads may share it. `known` are fingerprints stored in an earlier life (id → SHA-256 of the canonical text):
    an answer that differs from one is not believed, as the registry behind the address has then been replaced.

    Every method raises RegistryUnreachable when the registry is away, busy or does not answer like one (the
    world's fault: wait, ask again) and RegistryRefused when it says no.
    """

    def __init__(self, settings: RegistrySettings, known: Mapping[SchemaId, bytes] | None = None) -> None:
        self._fingerprints: dict[SchemaId, bytes] = dict(known or {})
        self._fresh: dict[SchemaId, bytes] = {}
        self._schemas: dict[SchemaId, dict[str, Any]] = {}
        self._subjects: dict[SchemaId, frozenset[SubjectName]] = {}
        self._http = httpx.Client(
            base_url=settings.url,
            auth=(settings.user, settings.password.get_secret_value()),
            headers={"Accept": f"{CONTENT_TYPE}, application/json; q=0.9", "Content-Type": CONTENT_TYPE},
            timeout=settings.timeout_s,
            follow_redirects=False,  # the password goes to this address and to no other
            trust_env=False,  # settings come by one road only
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The client is of no use afterwards."""
        self._http.close()

    def register(self, subject: SubjectName, schema: Mapping[str, Any]) -> SchemaId:
        """Make `schema` a version of `subject` if it is not one; its id. Harmless when repeated."""
        answer = self._expect("POST", f"/subjects/{quote(subject, safe='')}/versions", _schema_body(schema))
        schema_id = _identifier(answer)
        self._keep(schema_id, dict(schema))
        return schema_id

    def look_up(self, subject: SubjectName, schema: Mapping[str, Any]) -> SchemaId | None:
        """The id under which `schema` is a version of `subject`; None if it is not. Registers nothing."""
        answer = self._ask("POST", f"/subjects/{quote(subject, safe='')}", _schema_body(schema))
        if answer is None:
            return None
        schema_id = _identifier(answer)
        self._keep(schema_id, dict(schema))
        return schema_id

    def schema(self, schema_id: SchemaId) -> dict[str, Any] | None:
        """The schema of an id; None when a healthy registry does not know the id: then the event is at fault.

        A schema that is no JSON object (`"string"`, a union) comes as `{"type": …}`. Do not change the result.
        """
        if schema_id in self._schemas:
            return self._schemas[schema_id]
        answer = self._ask("GET", f"/schemas/ids/{schema_id}")
        if answer is None:
            return None
        return self._keep(schema_id, _schema(answer))

    def trust(self, known: Mapping[SchemaId, bytes]) -> None:
        """Believe these fingerprints, stored in an earlier life, before any answer."""
        self._fingerprints.update(known)

    def fresh(self) -> dict[SchemaId, bytes]:
        """The fingerprints that were learned and are not known to be stored (`stored`)."""
        return dict(self._fresh)

    def stored(self, ids: Iterable[SchemaId]) -> None:
        """These are kept now."""
        for each in ids:
            self._fresh.pop(each, None)

    def fingerprint(self, schema_id: SchemaId) -> bytes | None:
        """SHA-256 of the canonical text of an id's schema, to be stored and given back as `known`; None: no such id."""
        return self._fingerprints[schema_id] if self.schema(schema_id) is not None else None

    def subjects_of(self, schema_id: SchemaId) -> frozenset[SubjectName]:
        """The subjects that have this schema as a version, as of now; empty when the id is unknown."""
        answer = self._ask("GET", f"/schemas/ids/{schema_id}/subjects")
        if answer is not None and not (isinstance(answer, list) and all(isinstance(name, str) for name in answer)):
            raise RegistryUnreachable("the registry's list of subjects is no list of names")
        subjects = frozenset(SubjectName(name) for name in answer or ())
        self._subjects[schema_id] = subjects | self._subjects.get(schema_id, frozenset())
        return subjects

    def belongs(self, schema_id: SchemaId, subject: SubjectName) -> bool:
        """Whether the schema is a version of `subject`. A yes is remembered, a no is asked for again."""
        return subject in self._subjects.get(schema_id, ()) or subject in self.subjects_of(schema_id)

    def version_of(self, schema_id: SchemaId, subject: SubjectName) -> int | None:
        """The newest version of `subject` that has this schema, as of now; None when it has none."""
        answer = self._ask("GET", f"/schemas/ids/{schema_id}/versions")
        if answer is None:
            return None
        try:
            found = [each["version"] for each in answer if each["subject"] == subject]
        except (TypeError, KeyError) as error:
            raise RegistryUnreachable("the registry's list of versions is no list of subjects and numbers") from error
        return max(found, default=None)

    def latest(self, subject: SubjectName) -> RegisteredSchema | None:
        """The newest version of `subject`, never from memory; None when there is no such subject."""
        answer = self._ask("GET", f"/subjects/{quote(subject, safe='')}/versions/latest")
        if answer is None:
            return None
        version = answer.get("version") if isinstance(answer, dict) else None
        if not isinstance(version, int):
            raise RegistryUnreachable("the registry's answer has no version")
        schema_id = _identifier(answer)
        return RegisteredSchema(subject, version, schema_id, self._keep(schema_id, _schema(answer)))

    def epoch_of(self, subject: SubjectName) -> int:
        """The numbering in which the hub expects the source of a subject's events, as of now; 0 where nobody says."""
        answer = self._ask("GET", f"/config/{quote(subject, safe='')}?defaultToGlobal=true")
        found = answer.get("simpulEpoch", 0) if isinstance(answer, dict) else 0
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise RegistryUnreachable("the registry's answer has an epoch that is no number")
        return found

    def announce_load(self, document: str, told: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Say what is going to be sent as `<opd>.<document>`, and hear whether it may be; None when the hub takes no
        such document. No part of Confluent's API."""
        return self._load_answer("POST", f"/loads/{quote(document, safe='')}", told)

    def load(self, document: str, load: str) -> Mapping[str, Any] | None:
        """Whether a load that was announced may be sent; None when it was not."""
        return self._load_answer("GET", f"/loads/{quote(document, safe='')}?load={quote(load, safe='')}")

    def end_load(self, document: str, told: Mapping[str, Any]) -> None:
        """Say what was sent of a load."""
        self._load_answer("POST", f"/loads/{quote(document, safe='')}/end", told)

    def _load_answer(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
        answer = self._ask(method, path, body)
        if answer is not None and not (isinstance(answer, dict) and isinstance(answer.get("load"), str)):
            raise RegistryUnreachable(f"the answer to {method} {path.partition('?')[0]} tells of no load")
        return answer

    def _keep(self, schema_id: SchemaId, schema: dict[str, Any]) -> dict[str, Any]:
        mark = fingerprint(schema)
        if schema_id not in self._fingerprints:
            self._fresh[schema_id] = mark
        if self._fingerprints.setdefault(schema_id, mark) != mark:
            raise RegistryUnreachable(
                f"schema id {schema_id} names another schema than before: the registry was replaced or reset; "
                "restore it from its backup"
            )
        return self._schemas.setdefault(schema_id, schema)

    def _expect(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self._ask(method, path, body)
        if answer is None:
            raise RegistryUnreachable(f"the registry does not know {path}")
        return answer

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON answer, or None for "unknown" as a healthy registry says it."""
        status, answer = self._exchange(method, path, None if body is None else json.dumps(body).encode())
        if status == httpx.codes.OK:
            return answer
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if (
            status >= httpx.codes.INTERNAL_SERVER_ERROR
            or status in _BUSY
            or not isinstance(code, int)
            or isinstance(code, bool)
        ):
            raise RegistryUnreachable(f"the registry answered {status} to {method} {path}")
        if code in _UNKNOWN:
            return None
        raise RegistryRefused(status, code, str(answer.get("message", "")))

    def _exchange(self, method: str, path: str, content: bytes | None) -> tuple[int, Any]:
        try:
            with self._http.stream(method, path, content=content) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_LIMIT:
                        raise RegistryUnreachable(f"the answer to {method} {path} is over {ANSWER_LIMIT} bytes")
        except httpx.HTTPError as error:
            raise RegistryUnreachable(f"no answer to {method} {path}: {type(error).__name__}") from error
        try:
            return response.status_code, json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RegistryUnreachable(
                f"the answer to {method} {path} ({response.status_code}) is no JSON: is the address the registry's?"
            ) from error


def _schema_body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"schema": json.dumps(schema), "schemaType": "AVRO"}


def _identifier(answer: Any) -> SchemaId:
    value = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RegistryUnreachable("the registry's answer has no schema id")
    return SchemaId(value)


def _schema(answer: Any) -> dict[str, Any]:
    text = answer.get("schema") if isinstance(answer, dict) else None
    try:
        schema = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError) as error:
        raise RegistryUnreachable("the registry's schema is no JSON") from error
    if not isinstance(schema, dict | list | str):
        raise RegistryUnreachable("the registry's answer has no schema")
    return schema if isinstance(schema, dict) else {"type": schema}
