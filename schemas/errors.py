"""Errors of the room.

SchemasError
├── ContractError        a contract file that may not be used: file, path inside it, reason
├── RegistryUnreachable  the world's fault: the registry did not answer; wait and retry
└── RegistryRefused      the registry answered with an error of its own (HTTP status, code, message)
"""


class SchemasError(Exception):
    """Base of everything this room raises."""


class ContractError(SchemasError):
    """A contract that may not be used."""

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file, self.path, self.reason = file, path, reason


class RegistryUnreachable(SchemasError):
    """The registry did not answer, or answered with something that is no registry's answer."""


class RegistryRefused(SchemasError):
    """The registry refused a request."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"registry answered {status} ({code}): {message}")
        self.status, self.code, self.message = status, code, message
