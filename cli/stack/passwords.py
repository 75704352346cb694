"""Generated passwords, one file each (0600) in the state folder's `secrets/`."""

import re
import secrets
from pathlib import Path

from pydantic import SecretStr

from cli.stack.layout import PRIVATE_FOLDER, write_private

CREDENTIAL_SEAL = "credential-seal"  # hides new Kafka passwords between the pages and the keeper
BYTES = 32  # RELIABILITY §5: random 32-byte passwords
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")  # of principals and roles: they become file names


def password(folder: Path, name: str) -> SecretStr:
    """The password of a principal or role; generated and stored when it is first asked for.

    Hex, so that it needs no quoting in a JAAS line, a DSN or an SQL literal.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"not a name of a principal or role: {name!r}")
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(BYTES))
    return SecretStr(path.read_text(encoding="utf-8").strip())
