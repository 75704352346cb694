"""Errors of the room, with the numbers of the Confluent API; `registry/answers.py` maps them to HTTP.

RegistryError
├── SubjectNotFound     40401
├── VersionNotFound     40402
├── SchemaNotFound      40403
├── SubjectSoftDeleted  40404  deleted already; only `permanent` is left
├── SubjectNotDeleted   40405  `permanent` before the ordinary deletion
├── VersionSoftDeleted  40406
├── VersionNotDeleted   40407
├── ConfigNotFound      40408  the scope says nothing of its own
├── ModeNotFound        40409
├── Incompatible          409  each reason is in the message
├── ArtifactExists        409  to be made only if it is not there
├── InvalidSchema       42201  not Avro, or outside the limits of interchange documents
├── InvalidVersion      42202
├── InvalidLevel        42203
├── InvalidMode         42204
├── NotPermitted        42205  read-only, not in import mode, or the id is taken
├── ReferenceExists     42206  another schema refers to the version
├── InvalidSubject      42208
├── GovernedForGood     40301  a governed version that stored events are read by
├── NeedsApproval       40301  governed: what was sent is a draft, the message says where it waits
├── TooManyDrafts       40301  too many of one subject wait for a decision
├── DraftRefused               what somebody wants to do with a draft is not to be done
├── MalformedRequest      400  the body is no JSON object with a schema
├── Unauthorised          401
├── Forbidden           40301
├── NotTheSender        40301  the load of a document whose events the user may not send
├── StoreUnavailable    50001  PostgreSQL is away: ask again later
├── KafkaUnreachable           Kafka did not answer: try again later
└── ProvisioningFailed         Kafka refused, or did not do, something of what was asked
"""

from collections.abc import Sequence


class RegistryError(Exception):
    """Base of everything this room raises."""


class SubjectNotFound(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' not found.")


class VersionNotFound(RegistryError):
    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} not found.")


class SchemaNotFound(RegistryError):
    def __init__(self, schema_id: str | None = None) -> None:
        super().__init__("Schema not found" if schema_id is None else f"Schema {schema_id} not found")


class InvalidSchema(RegistryError):
    """The message says where and what."""


class InvalidVersion(RegistryError):
    def __init__(self) -> None:
        super().__init__("The version is not valid: a whole number from 1 to 2147483647, or 'latest'.")


class InvalidSubject(RegistryError):
    def __init__(self) -> None:
        super().__init__("The subject is not valid: 1 to 255 letters, digits and . _ - : + ~ $ @")


class MalformedRequest(RegistryError):
    """The message says what is wrong with the body."""


class Unauthorised(RegistryError):
    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Forbidden(RegistryError):
    def __init__(self, user: str) -> None:
        super().__init__(f"User {user} may read here but may not register schemas.")


class NotTheSender(RegistryError):
    def __init__(self, user: str, document: str) -> None:
        super().__init__(f"User {user} may not send events of {document}.")


class SubjectSoftDeleted(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently")


class SubjectNotDeleted(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' was not deleted first before being permanently deleted")


class VersionSoftDeleted(RegistryError):
    def __init__(self, subject: str, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        )


class VersionNotDeleted(RegistryError):
    def __init__(self, subject: str, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        )


class ConfigNotFound(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level compatibility configured")


class ModeNotFound(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level mode configured")


class Incompatible(RegistryError):
    def __init__(self, subject: str, reasons: Sequence[str]) -> None:
        super().__init__(
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}", '
            f"details: [{', '.join(reasons)}]"
        )


class ArtifactExists(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"An artifact with ID '{subject}' already exists.")


class InvalidLevel(RegistryError):
    def __init__(self) -> None:
        super().__init__(
            "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, "
            "forward_transitive, and full_transitive"
        )


class InvalidMode(RegistryError):
    def __init__(self) -> None:
        super().__init__("Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT")


class NotPermitted(RegistryError):
    """The message says what is not permitted."""


class ReferenceExists(RegistryError):
    def __init__(self, subject: str, version: int) -> None:
        super().__init__(f"One or more references exist to the schema {{subject={subject},version={version}}}.")


class GovernedForGood(RegistryError):
    def __init__(self, subject: str) -> None:
        super().__init__(f"Versions of {subject} stay for ever: stored events are read by them.")


class NeedsApproval(RegistryError):
    def __init__(self, subject: str, document: str, address: str) -> None:
        super().__init__(
            f"Versions of {subject} are made by approval only. What was sent waits as a draft of {document}: {address}"
        )


class TooManyDrafts(RegistryError):
    def __init__(self, subject: str, count: int) -> None:
        super().__init__(
            f"{count} drafts of {subject} wait for a decision; withdraw those that nobody wants, then send again."
        )


class DraftRefused(RegistryError):
    """What somebody wanted to do with a draft is not to be done. The message is Indonesian: it is for people."""


class StoreUnavailable(RegistryError):
    def __init__(self) -> None:
        super().__init__("Error in the backend data store: it is not reachable. Ask again later.")


class KafkaUnreachable(RegistryError):
    """Kafka did not answer."""


class ProvisioningFailed(RegistryError):
    """The message lists each thing that Kafka refused and why."""
