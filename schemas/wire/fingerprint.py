"""The fingerprint of a schema: equal for texts that differ only in white space and in the order of JSON keys.

Attributes, `doc` and defaults count (unlike Avro's parsing canonical form): our contracts live in them.
"""

import hashlib
import json
from typing import Any


def canonical_text(schema: Any) -> str:
    """The schema's JSON with sorted keys and no white space, in ASCII."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def fingerprint(schema: Any) -> bytes:
    """SHA-256 of the canonical text, 32 bytes."""
    return hashlib.sha256(canonical_text(schema).encode("ascii")).digest()
