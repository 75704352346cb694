"""The interchange documents as the catalogue tells of them: what the registry approved, and what the hub takes.

The contract is the newest approved version's; a document that the registry does not have is told as the hub took it.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from base.titles import human
from hub_db.statements import load
from identity.opds import opds
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import read
from schemas.names import EntityName

log = logging.getLogger(__name__)

SQL = load("dashboard", "sql/catalogue.sql")
_KEPT = 512  # contracts whose text was read lately


@dataclass(frozen=True, slots=True)
class Entry:
    """One document."""

    contract: Contract
    version: int | None  # the newest approved; None: the registry does not have it
    approved_at: datetime | None
    provisioned_at: datetime | None  # since when the hub takes it; None: not yet

    @property
    def way(self) -> str:
        """The address of its page."""
        return f"/katalog/{self.contract.opd}/{self.contract.document}"

    @property
    def title(self) -> str:
        """ "Peserta didik"."""
        return human(self.contract.document)


@dataclass(frozen=True, slots=True)
class Version:
    """An approved version of one document's contract."""

    number: int
    contract: Contract
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All documents, by agency and name."""

    entries: tuple[Entry, ...]
    agencies: Mapping[str, str]  # names by code

    def agency(self, code: str) -> str:
        """The name of an agency, its code where nobody entered it."""
        return self.agencies.get(code, code)

    def find(self, opd: str, document: str) -> Entry | None:
        found = (each for each in self.entries if (each.contract.opd, each.contract.document) == (opd, document))
        return next(found, None)

    def by_opd(self, entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
        """Some of the documents under the names of their agencies, in the order of the names."""
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(self.agency(entry.contract.opd), []).append(entry)
        return sorted(groups.items())

    def by_entity(self, entries: Iterable[Entry]) -> list[tuple[EntityName, list[Entry]]]:
        """Some of the documents under their entities, the first source first."""
        groups: dict[EntityName, list[Entry]] = {}
        for entry in sorted(entries, key=lambda entry: entry.contract.priority):
            groups.setdefault(entry.contract.entity, []).append(entry)
        return sorted(groups.items())

    @property
    def contracts(self) -> list[Contract]:
        return [entry.contract for entry in self.entries]


def catalogue(conn: Connection[TupleRow]) -> Catalogue:
    """Everything there is; a contract that this release cannot read is left out and told in the log."""
    entries = []
    for subject, version, _by, approved_at, provisioned_at, text in conn.execute(SQL["documents"]):
        contract = _contract(subject, text)
        if contract is not None:
            entries.append(Entry(contract, version, approved_at, provisioned_at))
    entries.sort(key=lambda entry: entry.contract.name)
    return Catalogue(tuple(entries), {each.code: each.name for each in opds(conn)})


@dataclass(frozen=True, slots=True)
class _VersionRow:
    version: int
    approved_by: str
    approved_at: datetime
    contract: str


def versions(conn: Connection[TupleRow], contract: Contract) -> list[Version]:
    """The approved versions, the newest first."""
    with conn.cursor(row_factory=class_row(_VersionRow)) as cursor:
        rows: Sequence[_VersionRow] = cursor.execute(SQL["versions"], {"subject": contract.subject}).fetchall()
    found = ((row, _contract(contract.subject, row.contract)) for row in rows)
    return [Version(row.version, told, row.approved_by, row.approved_at) for row, told in found if told is not None]


@lru_cache(maxsize=_KEPT)
def _contract(subject: str, text: str) -> Contract | None:
    try:
        return read(json.loads(text), file="registry")
    except (ContractError, ValueError) as error:
        log.warning("the contract of %s cannot be read: %s", subject, error)
        return None
