"""Of each kind of thing one for every agency, so that addresses can be visited with an own and with a foreign one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection

import jobs
from dashboard.exchange import Tally
from identity import links, opds, tokens
from identity.access_reading import WantedAccess
from identity.access_requests import ask
from identity.actors import Actor
from identity.grants import WantedAgreement, WantedGrant, add_agreement, add_grant, revoke_grant
from identity.links import Purpose
from identity.permissions import ROLES_OF_ANY_OPD, Permission, Role
from identity.tokens import NewToken
from jobs.kinds import register
from jobs.notices import Notice, Office, Severity, raise_notice
from jobs.pruning import KIND
from jobs.watch_rules import RULES
from registry.governance import drafts
from registry.provisioning.hub import seed_sources
from registry.schema_text import parse
from schemas.names import EventKey, SubjectName
from tests.conftest import Database
from tests.dashboard.cases import LETTER_SHA256, frozen_paper, submitted_case
from tests.dashboard.conflict_rows import enter as enter_conflict
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.kinds import KINDS
from tests.dashboard.load_rows import announce_load, let_rest
from tests.dashboard.people import AGENCIES, FOREIGN, OWN, WALIDATA, People
from tests.identity.people_of_test import PSEUDONYMS, REGIONS, RESIDENTS, canaries, fill, region, resident, seen

BY = Actor.process("tes")
DOCUMENTS = {OWN: "disdukcapil.penduduk", WALIDATA: "kominfo.wilayah", FOREIGN: "dinkes.faskes"}
REGION = region(1)
RESIDENTS_THERE = 100
OF_A_LETTER = frozenset({"3518131708909001", "KENARI SURATAN"})  # in the bytes that `ExchangeRows.return_letter` keeps
PURPOSE = "Pemeriksaan kelayakan penerima bantuan"


def home_of(role: Role) -> str:
    """The agency in which the role is held here."""
    return OWN if role in ROLES_OF_ANY_OPD else WALIDATA


@dataclass(slots=True)
class Belongings:
    """What one agency has."""

    opd: str
    person: int = 0
    appointment: int = 0
    session: int = 0
    job: int = 0
    notice: int = 0
    token: int = 0
    grant: int = 0
    system: int = 0
    draft: int = 0
    over: int = 0  # a grant that was revoked
    request: int = 0  # for access, of this agency as the reader
    claim: int = 0  # for access, to this agency's data
    case: str = ""  # an integration request at stage 1
    conflict: int = 0
    load: str = ""  # one that waits for a yes
    pause: int = 0  # of a partition of its document
    marks: dict[str, str] = field(default_factory=dict)  # by the kind of list: how its thing is known there


@dataclass(slots=True)
class Town:
    """All agencies' belongings, and what belongs to none."""

    of: dict[str, Belongings] = field(default_factory=dict)
    link: str = ""
    paper: str = ""  # code of a paper that waits for its signature
    personal_values: frozenset[str] = frozenset()

    def personal_values_in(self, text: str) -> set[str]:
        """None may stand in any answer to anybody who has not looked under a grant."""
        return seen(self.personal_values, text) | {value for value in OF_A_LETTER if value in text}


def settle(database: Database, people: People, rows: ExchangeRows) -> Town:
    """Enter everything."""
    town = Town()
    rows.provision_one(*DOCUMENTS[FOREIGN].split("."))
    with database.connect() as conn:
        PSEUDONYMS.install(conn)
        fill(conn, REGIONS, [REGION])
        residents = [resident(number) for number in range(RESIDENTS_THERE)]
        fill(conn, RESIDENTS, residents)
    town.personal_values = frozenset(canaries({str(each["nik"]): each for each in residents})) | OF_A_LETTER
    with psycopg.connect(database.dsn().get_secret_value(), autocommit=True) as conn:
        register(conn, KINDS)
        seed_sources(conn, rows.contracts.values(), now=datetime.now(UTC))
        for opd in AGENCIES:
            town.of[opd] = _belongings(conn, people, rows, opd)
        guest = people.add("tamu.undangan")
        town.paper = frozen_paper(conn, town.of[OWN].case)
        town.link = links.issue_link(conn, guest, Purpose.INVITATION, by=BY, now=datetime.now(UTC))
    return town


def _belongings(conn: Connection[Any], people: People, rows: ExchangeRows, opd: str) -> Belongings:
    now = datetime.now(UTC)
    found = Belongings(opd)
    name = f"pegawai.{opd}"
    found.person = people.add(name, Role.READER, opd=opd)
    people.session(found.person)
    found.session = _one(conn, "select max(id) from identity.session where person_id = %s", found.person)
    found.appointment = _one(conn, "select max(id) from identity.appointment where person_id = %s", found.person)
    found.job = jobs.enqueue(conn, KIND.name, by=name, key=opd, title=f"Pekerjaan uji {opd}")
    office = Office(opd, Role.OPERATOR if opd == WALIDATA else Role.OPD_ADMIN)
    notice = Notice(f"uji:{opd}", "uji", office, Severity.ATTENTION, f"Pemberitahuan uji {opd}.")
    found.notice = raise_notice(conn, notice, now=now)
    found.system = opds.add_system(conn, opd, "aplikasi", "Aplikasi", by=BY, now=now)
    asked = NewToken(found.system, f"kirim-{opd}", frozenset({Permission.SEND_EVENTS}), None, now + timedelta(days=30))
    found.token, _ = tokens.issue_token(conn, asked, by=BY, now=now)
    found.grant = _grant(conn, rows, opd)
    sent = parse('{"type": "record", "name": "uji", "fields": [{"name": "a", "type": "int"}]}')
    found.draft = drafts.find_or_make(conn, SubjectName(f"opd.{opd}.uji-value"), sent, by=BY, now=now).id
    found.over = _revoked_grant(conn, rows, opd)
    found.request = _request(conn, rows, opd, WALIDATA if opd != WALIDATA else FOREIGN)
    found.claim = _request(conn, rows, WALIDATA if opd != WALIDATA else FOREIGN, opd)
    found.case = submitted_case(conn, opd)
    contracts = {each.name: each for each in rows.contracts.values()}
    sides = (DOCUMENTS[opd], DOCUMENTS[opd])
    found.conflict = enter_conflict(conn, contracts, sides, entity=REGIONS.entity, key=EventKey(str(REGION["kode"])))
    topic = f"opd.{DOCUMENTS[opd]}"
    rows.settle(topic, Tally(records=1, dead=1))
    rows.return_letter(topic, 0)
    found.load = announce_load(conn, topic).load
    found.pause = let_rest(conn, rows, topic)
    found.marks = {
        "documents": DOCUMENTS[opd],
        "jobs": f'"/pekerjaan/{found.job}"',
        "notices": f'"/pemberitahuan/{found.notice}"',
        "opds": f'"/opd/{opd}"',
        "people": f'"/orang/{found.person}"',
        "tokens": f"kirim-{opd}",
        "grants": f'"/hak-akses/{found.grant}"',
        "agreements": f"PKS/{opd}/2026",
        "drafts": f'"/kontrak/rancangan/{found.draft}"',
        "sources": f'"/sumber/{DOCUMENTS[opd].replace(".", "/")}"',
        "credentials": f'"/kredensial/{found.system}"',
        "cases": f'"/kasus/{found.case}"',
        "conflicts": f'"/tidak-padan/{found.conflict}"',
        "requests": f'"/permohonan-akses/{found.request}"',
    }
    return found


def _grant(conn: Connection[Any], rows: ExchangeRows, opd: str) -> int:
    """A grant to the agency, on a PKS of its own."""
    now, number = datetime.now(UTC), f"PKS/{opd}/2026"
    until = now.date() + timedelta(days=100)
    agreement = WantedAgreement(number, opd, ("penduduk.nama",), PURPOSE, until)
    add_agreement(conn, agreement, by=BY, zone=INSTANCE.zone, now=now)
    wanted = WantedGrant(opd, ("nama",), PURPOSE, "UU 24/2013 Pasal 58", until, number)
    contract = rows.contracts["opd.disdukcapil.penduduk"]
    return add_grant(conn, contract, wanted, by=BY, zone=INSTANCE.zone, now=now).id


def _revoked_grant(conn: Connection[Any], rows: ExchangeRows, opd: str) -> int:
    """A grant to the agency whose data wait to be deleted: no other one covers its field."""
    now = datetime.now(UTC)
    wanted = WantedGrant(opd, ("kode",), PURPOSE, "Perpres 39/2019", now.date() + timedelta(days=100))
    contract = rows.contracts["opd.kominfo.wilayah"]
    number = add_grant(conn, contract, wanted, by=BY, zone=INSTANCE.zone, now=now).id
    revoke_grant(conn, number, by=BY, reason="Tujuan sudah tercapai", now=now)
    return number


def _request(conn: Connection[Any], rows: ExchangeRows, reader: str, owner: str) -> int:
    """What the reader asks of the owner, as someone who holds no role here."""
    now, contract = datetime.now(UTC), rows.contracts[f"opd.{DOCUMENTS[owner]}"]
    fields, today = (str(contract.fields[0].name),), now.date()
    wanted = WantedAccess(reader, fields, PURPOSE, "Perpres 39/2019", today, today + timedelta(days=100))
    by = Actor("pemohon", "person", Role.READER, reader)
    return ask(conn, contract, wanted, by=by, zone=INSTANCE.zone, now=now).id


def _one(conn: Connection[Any], query: str, *values: object) -> int:
    row = conn.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


Filling = Mapping[str, object]
# What fills the address, by the kind of thing that it is about.
FILLINGS: Mapping[str, Callable[[Town, Belongings], Filling]] = {
    "-": lambda _town, _its: {},
    "code": lambda _town, _its: {"name": "token-diperlukan"},
    "file": lambda _town, _its: {},
    "link": lambda town, _its: {"secret": town.link},
    "paper": lambda town, _its: {"code": town.paper},
    "rule": lambda _town, _its: {"name": RULES[0].name},
    "entity": lambda _town, _its: {"entity": REGIONS.entity},
    "row": lambda _town, _its: {"entity": REGIONS.entity},
    "session": lambda _town, its: {"number": its.session},
    "job": lambda _town, its: {"number": its.job, "act": "jeda"},
    "notice": lambda _town, its: {"number": its.notice},
    "opd": lambda _town, its: {"code": its.opd, "system": "aplikasi", "switch": "aktif"},
    "person": lambda _town, its: {"number": its.person, "appointment": its.appointment},
    "token": lambda _town, its: {"number": its.token},
    "case": lambda _town, its: {"number": its.case, "act": "tahan", "code": "disposisi", "sha256": LETTER_SHA256},
    "grant": lambda _town, its: {"number": its.grant},
    "draft": lambda _town, its: {"number": its.draft},
    "source": lambda _town, its: dict(zip(("opd", "document"), DOCUMENTS[its.opd].split("."), strict=True)),
    "credential": lambda _town, its: {"number": its.system},
    "code_list": lambda _town, _its: {"name": "agama"},
    "all_files": lambda _town, _its: {"name": "dcat"},
    "document": lambda _town, _its: {"opd": OWN, "document": "penduduk", "name": "csv"},
    "deletion": lambda _town, its: {"number": its.over},
    "conflict": lambda _town, its: {"number": its.conflict},
    "load": lambda town, its: {**FILLINGS["source"](town, its), "load": its.load},
    "pause": lambda _town, its: {"number": its.pause},
    "request": lambda _town, its: {"number": its.request},
    "claim": lambda _town, its: {"number": its.claim},
    "askable": lambda _town, its: dict(zip(("opd", "document"), DOCUMENTS[its.opd].split("."), strict=True)),
}
# What an address asks for behind its question mark.
QUERIES = {
    "/data-induk/{entity}/baris": f"?alamat={REGION['kode']}",
    "/data-induk/{entity}/asal": f"?alamat={REGION['kode']}",
    "/data-induk/{entity}/buka": f"?alamat={REGION['kode']}",
}
OF_NO_AGENCY = frozenset(
    {"-", "code", "file", "link", "paper", "rule", "entity", "row", "code_list", "all_files", "document"}
)
LISTS = frozenset(
    {
        "documents",
        "jobs",
        "notices",
        "opds",
        "people",
        "tokens",
        "grants",
        "agreements",
        "cases",
        "credentials",
        "drafts",
        "sources",
        "conflicts",
        "requests",
    }
)
