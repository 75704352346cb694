"""Errors of the room, with the numbers of the Confluent API; `registry/answers.py` maps them to HTTP.

RegistryError
├── SubjectNotFound     40401
├── VersionNotFound     40402
├── SchemaNotFound      40403
├── InvalidSchema       42201  not Avro, or outside the limits of interchange documents
├── InvalidVersion      42202
├── InvalidSubject      42208
├── MalformedRequest      400  the body is no JSON object with a schema
├── Unauthorised          401
├── Forbidden           40301
├── StoreUnavailable    50001  PostgreSQL is away: ask again later
├── KafkaUnreachable           Kafka did not answer: try again later
└── ProvisioningFailed         Kafka refused, or did not do, something of what was asked
"""


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


class StoreUnavailable(RegistryError):
    def __init__(self) -> None:
        super().__init__("Error in the backend data store: it is not reachable. Ask again later.")


class KafkaUnreachable(RegistryError):
    """Kafka did not answer."""


class ProvisioningFailed(RegistryError):
    """The message lists each thing that Kafka refused and why."""
