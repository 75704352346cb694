"""A frozen paper as the check of a signed file knows it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """One version. `mark` stands in the file's metadata, and tells the paper after somebody has written it anew."""

    version: int
    size: int  # bytes
    sha256: str
    parties: int  # who sign
    mark: str
