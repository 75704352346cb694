"""Whom the office trusts to have made sure who signs: certificates of issuers, and the lists of what they took back.

A file, or a folder with files, in PEM or DER: `*.pem`, `*.crt`, `*.cer` hold certificates, `*.crl` revoked ones.
Nothing is fetched: whoever looks after the hub brings a new list with the other files of the office.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asn1crypto import crl, pem, x509

_CERTIFICATES: Final = frozenset({".pem", ".crt", ".cer"})
_LISTS: Final = frozenset({".crl"})


@dataclass(frozen=True, slots=True)
class Anchors:
    """Issuers that are trusted, and their lists."""

    issuers: tuple[x509.Certificate, ...]
    revoked: tuple[crl.CertificateList, ...]


def read_anchors(place: Path) -> Anchors:
    """What stands there. Raises OSError; ValueError for a file that is no certificate or list, or without an issuer."""
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    issuers = [x509.Certificate.load(each) for file in files if file.suffix in _CERTIFICATES for each in _parts(file)]
    lists = [crl.CertificateList.load(each) for file in files if file.suffix in _LISTS for each in _parts(file)]
    if not issuers or not all(isinstance(each.native, dict) for each in (*issuers, *lists)):  # read to their ends
        raise ValueError(f"{place}: no issuer's certificate stands there")
    return Anchors(tuple(issuers), tuple(lists))


def _parts(file: Path) -> Iterator[bytes]:
    data = file.read_bytes()
    if pem.detect(data):
        yield from (part for _, _, part in pem.unarmor(data, multiple=True))
    else:
        yield data
