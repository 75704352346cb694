"""A dossier out of the database: one case, and what the hub knows about its documents."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from base.instance import Instance
from hub_db import sources
from hub_db.calendar import working_calendar
from hub_db.statements import load
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import read
from schemas.sandbox import PRODUCTION, SANDBOX
from sop import store
from sop.case import Case
from sop.papers.dossier import Access, Dossier, Fault, Interchange, Officer, Tally
from sop.papers.typed import Typed
from sop.procedure import Book

SQL = load("sop", "sql/papers.sql")
AGREED_AT: Final = 4  # the stage whose end makes the contract hold
_FAULTS: Final = 60  # kinds of faults that a paper lists
_DRAFT_STATES: Final = {"open": "dirancang", "submitted": "diajukan", "approved": "disetujui"}


def dossier(
    conn: Connection[TupleRow],
    number: str,
    *,
    on: date,
    instance: Instance,
    book: Book,
    with_contact: bool = False,
    typed: Typed | None = None,
) -> Dossier:
    """Everything for the papers of a case on a day. Raises UnknownCase.

    `with_contact`: whether whoever opens it may see who is to be called (DOMAIN §2: that is personal).
    """
    case = store.find(conn, number)
    interchanges = _interchanges(conn, case)
    entities = sorted({each.contract.entity for each in interchanges if each.contract})
    found = conn.execute(SQL["accesses"], {"on": on, "entities": entities, "reader": case.opd}).fetchall()
    accesses = [Access(reader, entity, tuple(fields), *rest) for reader, entity, fields, *rest in found]
    events = tuple(store.events_of(conn, number))
    return Dossier(
        case=case,
        events=events,
        procedure=book.of(case.procedure),
        instance=instance,
        calendar=working_calendar(conn, instance),
        on=on,
        interchanges=interchanges,
        agencies=dict(conn.execute(SQL["agencies"]).fetchall()),
        officers=_officers(conn, sorted({each.actor for each in events})),
        systems=tuple(name for (name,) in conn.execute(SQL["systems"], {"opd": case.opd})),
        accesses=tuple(each for each in accesses if each.entity in entities),
        readings=tuple(each for each in accesses if each.reader == case.opd),
        faults=_faults(conn, case.documents),
        contact=store.contact(conn, number) if with_contact else None,
        arms=None if instance.kop.logo is None else instance.kop.logo.read_bytes(),
        typed=typed,
    )


def _interchanges(conn: Connection[TupleRow], case: Case) -> tuple[Interchange, ...]:
    subjects = {f"{PRODUCTION}{name}-value": name for name in case.documents}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL["contracts_of_subjects"], {"subjects": list(subjects)}).fetchall()
    tallies, states = _tallies(conn, case.documents), sources.current(conn)
    made = []
    for row in rows:
        name = subjects[row["subject"]]
        contract, standing = _contract(name, row, draft_first=_is_being_agreed(case))
        source = states.get(name)
        made.append(
            Interchange(
                name=name,
                contract=contract,
                standing=standing,
                source_state=None if source is None else source.state.value,
                sandbox=tallies.get(SANDBOX + name, Tally()),
                production=tallies.get(PRODUCTION + name, Tally()),
            )
        )
    return tuple(made)


def _is_being_agreed(case: Case) -> bool:
    """Whether what counts is the draft, should there be one beside what is in force."""
    current = case.current
    return current is not None and current.stage <= AGREED_AT


def _contract(name: str, row: Mapping[str, Any], *, draft_first: bool) -> tuple[Contract | None, str]:
    """The contract and how it stands; the other text where there is none, or where the first is no contract."""
    in_force = (row["in_force"], f"berlaku, versi {row['version']}")
    drafted = (row["drafted"], f"rancangan nomor {row['draft']}, {_DRAFT_STATES.get(row['draft_state'], '')}")
    for text, standing in (drafted, in_force) if draft_first else (in_force, drafted):
        if text is None:
            continue
        try:
            return read(json.loads(text), file=name), standing
        except (ContractError, ValueError):  # a schema that was registered before contracts were asked for
            continue
    return None, "belum dirancang"


def _tallies(conn: Connection[TupleRow], names: Sequence[str]) -> dict[str, Tally]:
    topics = [prefix + name for name in names for prefix in (SANDBOX, PRODUCTION)]
    rows = conn.execute(SQL["tallies_of_topics"], {"topics": topics}).fetchall()
    return {topic: Tally(*counts) for topic, *counts in rows}


def _faults(conn: Connection[TupleRow], names: Sequence[str]) -> tuple[Fault, ...]:
    topics = [prefix + name for name in names for prefix in (SANDBOX, PRODUCTION)]
    with conn.cursor(row_factory=class_row(Fault)) as cursor:
        return tuple(cursor.execute(SQL["faults_of_topics"], {"topics": topics, "limit": _FAULTS}))


def _officers(conn: Connection[TupleRow], names: Sequence[str]) -> dict[str, Officer]:
    rows = conn.execute(SQL["officers"], {"names": list(names)}).fetchall()
    return {login: Officer(shown, office) for login, shown, office in rows}
