"""Settings of the registry's server."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Settings(BaseModel):
    """What `create_app` needs. Host and port belong to whoever runs the app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dsn: SecretStr  # libpq connection string of the role simpul_registry
    users: Mapping[str, SecretStr]  # name → password: who may read
    writers: frozenset[str] = frozenset()  # those of them who may register
    pool_size: int = Field(default=8, ge=1, le=64)  # connections to PostgreSQL at most
    acquire_timeout_s: float = Field(default=3.0, gt=0)  # wait for a connection; then the answer is 503
    statement_timeout_s: float = Field(default=10.0, gt=0)
    pages_url: str = ""  # where people reach the pages; a draft's address is given as a path without it

    @model_validator(mode="after")
    def _accounts_make_sense(self) -> Self:
        strangers = sorted(self.writers - self.users.keys())
        if strangers:
            raise ValueError(f"writers without a password: {', '.join(strangers)}")
        for name, password in self.users.items():
            if not name or ":" in name or not name.isprintable():
                raise ValueError(f"user name {name!r}: Basic authentication takes no colon and no control characters")
            if len(password.get_secret_value()) < MIN_PASSWORD:
                raise ValueError(f"password of {name} has less than {MIN_PASSWORD} characters")
        return self


MIN_PASSWORD = 12  # characters; these are passwords of programs, generated
