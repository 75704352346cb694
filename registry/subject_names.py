"""Names of subjects and the contexts they stand in: `:.lab:orders` is the subject `orders` of the context `.lab`.

A name without colons stands in the default context `.`. Governed subjects belong to the hub's own documents.
"""

import re
from typing import Final

from schemas.names import SubjectName

DEFAULT: Final = "."
EVERYWHERE: Final = ":*:"  # as a prefix of names: all contexts
_QUALIFIED = re.compile(r":(\.[^:]*):(.*)", re.DOTALL)
_GOVERNED: Final = ("opd.", "reference.")


def context_of(subject: str) -> str:
    """The context that a subject's name says."""
    match = _QUALIFIED.fullmatch(subject)
    return match[1] if match and match[1] else DEFAULT


def qualified(context: str, subject: str) -> SubjectName:
    """The subject's name in a context; a name that says its own context keeps it."""
    if context == DEFAULT or _QUALIFIED.fullmatch(subject):
        match = _QUALIFIED.fullmatch(subject)
        return SubjectName(match[2] if match and match[1] == DEFAULT and match[2] else subject)
    return SubjectName(f":{context}:{subject}")


def scope_of_context(context: str) -> str:
    """The name under which a context keeps its configuration."""
    return f":{context}:"


def is_context(subject: str) -> bool:
    """Whether the name is a context alone (`:.lab:`), to which configuration and mode may belong."""
    match = _QUALIFIED.fullmatch(subject)
    return match is not None and not match[2]


def is_governed(subject: str) -> bool:
    """Whether versions of the subject are made by approval only."""
    return subject.startswith(_GOVERNED)
