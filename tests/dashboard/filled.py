"""A hub in which every page has something to show: long names, failed jobs, open and silenced notices, ended tokens."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

import jobs
from dashboard.exchange import Tally
from hub_db.conflicts.reading import Choice
from identity import access_requests, opds, tokens
from identity.access_reading import AccessRequest, WantedAccess
from identity.access_states import Side
from identity.actors import Actor
from identity.grants import WantedAgreement, add_agreement, revoke_grant
from identity.masked_views import make_view
from identity.permissions import Permission, Role
from identity.tokens import NewToken
from jobs.conflict_decisions import decide
from jobs.kinds import register
from jobs.notices import Notice, Office, Severity, acknowledge, raise_notice, silence
from jobs.pruning import KIND
from registry.governance import drafts, review
from registry.schema_text import parse
from schemas.contract import Contract
from schemas.names import EventKey
from tests.conftest import Database
from tests.dashboard.cases import frozen_paper, submitted_case
from tests.dashboard.conflict_rows import enter as enter_conflict
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.kinds import KINDS
from tests.dashboard.load_rows import announce_load, let_rest
from tests.dashboard.people import OWN, WALIDATA, People
from tests.identity.people_of_test import PSEUDONYMS

BY = Actor.process("tes")
LONG = "Dinas Pemberdayaan Perempuan dan Perlindungan Anak, Pengendalian Penduduk dan Keluarga Berencana"
UNBROKEN = "Penyaluran" * 9  # no blank to wrap at
PKS = "415.4/12/2026"
RESIDENTS, REGIONS = "opd.disdukcapil.penduduk", "opd.kominfo.wilayah"


@dataclass(frozen=True, slots=True)
class Filled:
    """Numbers of what pages may be opened of."""

    person: int
    job: int
    notice: int
    draft: int
    asked: int  # a request that waits for its owner
    agreed: int  # one that waits for the Walidata
    granted: int
    ended: int  # a grant whose data are to be deleted
    case: str  # an integration request at stage 1
    conflict: int
    paper: str  # code of a paper of that request that waits for its signature


def fill(database: Database, people: People, rows: ExchangeRows) -> Filled:
    rows.settle(RESIDENTS, Tally(830, 700, 19, 103, 8), appended_at=datetime.now(UTC))
    rows.settle(REGIONS, Tally(92, 92), appended_at=datetime.now(UTC))
    rows.fill(RESIDENTS, 700)
    for offset in range(8):
        rows.return_letter(RESIDENTS, offset)
    rows.publish_round(792)
    people.add("admin.panjang", Role.OPD_ADMIN, opd=OWN, shown_name=f"Nama Sangat Panjang {UNBROKEN}"[:100])
    person = people.add("staf.lama", Role.OPERATOR, Role.AUDITOR, shown_name="Staf Lama")
    with psycopg.connect(database.dsn().get_secret_value(), autocommit=True) as conn:
        PSEUDONYMS.install(conn)
        for contract in rows.contracts.values():
            make_view(conn, [contract])
        conn.execute("INSERT INTO identity.opd (code, name, short_name) VALUES ('dpppappkb', %s, 'DP3AP2KB')", (LONG,))
        _delegate(conn, person)
        conn.execute("UPDATE reference.penduduk SET _warnings = 'nama:nama-orang.satu-kata kode_pos:kode-pos.daerah'")
        register(conn, KINDS)
        job = _jobs(conn)
        notice = _notices(conn)
        _tokens(conn)
        draft = _draft(conn, rows)
        asked, agreed, granted, ended = _access(conn, rows.contracts[RESIDENTS])
        conflict = _conflicts(conn, rows)
        announce_load(conn, "opd.disdukcapil.penduduk", f"csv-{UNBROKEN.lower()}")
        announce_load(conn, "opd.disdukcapil.penduduk")
        let_rest(conn, rows, "opd.disdukcapil.penduduk")
        case = [submitted_case(conn, opd) for opd in ("dpppappkb", OWN)][-1]
        paper = frozen_paper(conn, case)
    return Filled(person, job, notice, draft, asked, agreed, granted, ended, case, conflict, paper)


def _conflicts(conn: psycopg.Connection, rows: ExchangeRows) -> int:
    """Two that are open and one that is decided; the number of the first."""
    contracts = {each.name: each for each in rows.contracts.values()}
    keys = [EventKey(f"351813570890900{number}") for number in range(1, 4)]
    first, _, last = (
        enter_conflict(conn, contracts, ("disdukcapil.penduduk", "disdukcapil.penduduk"), key=key) for key in keys
    )
    steward = Actor("steward", "person", Role.STEWARD, WALIDATA)
    reason = f"Cocok dengan akta kelahiran {UNBROKEN}"
    decide(conn, INSTANCE, last, 1, Choice.A, reason=reason, by=steward, now=datetime.now(UTC))
    return first


def _access(conn: psycopg.Connection, contract: Contract) -> tuple[int, int, int, int]:
    """Requests for access at each desk, one granted and long unused, and a grant that is over."""
    now, zone = datetime.now(UTC), INSTANCE.zone
    until = (now + timedelta(days=200)).date()
    fields = ("nama", "alamat", "kode_wilayah", "tempat_lahir", "tanggal_lahir")
    owner, walidata = (
        Actor("pemilik", "person", Role.OPD_ADMIN, OWN),
        Actor("kepala", "person", Role.KEPALA_DINAS, WALIDATA),
    )

    def asked(reader: str, *names: str, agreement: str | None = None) -> int:
        purpose = f"Pemeriksaan kelayakan penerima bantuan {UNBROKEN}"
        wanted = WantedAccess(reader, names, purpose, "UU 24/2013 Pasal 58", now.date(), until, agreement)
        return access_requests.ask(conn, contract, wanted, by=BY, zone=zone, now=now).id

    def agree(number: int, side: Side) -> AccessRequest:
        by = owner if side is Side.OWNER else walidata
        reason = "Sesuai tugas dan fungsi OPD pembaca"
        return access_requests.agree(conn, contract, number, side=side, by=by, reason=reason, zone=zone, now=now)

    elements = tuple(f"{contract.entity}.{name}" for name in fields)
    add_agreement(
        conn,
        WantedAgreement(PKS, WALIDATA, elements, "Pemeriksaan kelayakan penerima bantuan", until),
        by=BY,
        zone=zone,
        now=now,
    )
    first, second = asked(WALIDATA, *fields), asked("dpppappkb", "nama")
    agree(second, Side.OWNER)
    numbers = [asked(WALIDATA, name, agreement=PKS) for name in ("nama", "tempat_lahir")]
    grants = [agree(number, side).grant_id for number in numbers for side in (Side.OWNER, Side.WALIDATA)][1::2]
    conn.execute("UPDATE identity.\"grant\" SET granted_at = now() - interval '100 days' WHERE id = %s", grants[:1])
    revoke_grant(conn, int(grants[1] or 0), by=walidata, reason=f"Tujuan sudah tercapai {UNBROKEN}", now=now)
    return first, second, numbers[0], int(grants[1] or 0)


def _draft(conn: psycopg.Connection, rows: ExchangeRows) -> int:
    """A submitted draft with something against it, something said, and a field that goes."""
    contract = rows.contracts[RESIDENTS]
    schema = json.loads(json.dumps(dict(contract.schema)))
    schema["fields"][1] |= {"maxLength": 3, "deprecated": {"since": "2026-01-01", "use": "nik"}}
    now = datetime.now(UTC)
    found = drafts.find_or_make(conn, contract.subject, parse(json.dumps(schema)), by=BY, now=now)
    review.comment(conn, found.id, f"Mohon dijelaskan dulu {UNBROKEN}", by=BY, now=now)
    review.submit(conn, found.id, walidata=WALIDATA, by=BY, now=now)
    return int(found.id)


def _delegate(conn: psycopg.Connection, person: int) -> None:
    today = date.today()  # noqa: DTZ011 - a day is a day
    conn.execute(
        "INSERT INTO identity.appointment (person_id, role, opd, acting, letter, from_on, until_on, appointed_by)"
        " VALUES (%s, 'kabid_aptika', 'kominfo', 'Plh.', '800/254/411.312/2026', %s, %s, 'tes')",
        (person, today + timedelta(days=3), today + timedelta(days=9)),
    )


def _jobs(conn: psycopg.Connection) -> int:
    numbers = [
        jobs.enqueue(conn, KIND.name, by="staf.lama", key=str(n), title=f"Kirim ulang {n} {UNBROKEN}", total=68)
        for n in range(4)
    ]
    states = (("paused", 41), ("failed", 12), ("done", 68))
    for number, (state, done) in zip(numbers, states, strict=False):
        ended = datetime.now(UTC) if state in ("failed", "done") else None
        conn.execute(
            "UPDATE jobs.job SET state = %s, done = %s, started_at = now(), moved_at = now(), finished_at = %s,"
            " message = 'Ruang disk penuh; mohon kosongkan.', cursor = %s WHERE id = %s",
            (state, done, ended, Jsonb({}), number),
        )
    return numbers[0]


def _notices(conn: psycopg.Connection) -> int:
    now = datetime.now(UTC)
    office = Office(WALIDATA, Role.OPERATOR)
    bodies = f"Tertua 32 menit. {UNBROKEN}"
    severities = [Severity.DISTURBANCE, Severity.ATTENTION, Severity.INFO, Severity.ATTENTION]
    numbers = [
        raise_notice(
            conn,
            Notice(f"watch:lag:{n}", "watch.lag", office, severity, f"Pengolahan tertinggal pada {LONG} {n}", bodies),
            now=now,
        )
        for n, severity in enumerate(severities)
    ]
    acknowledge(conn, numbers[1], by=BY, note="Sedang diperiksa.", now=now)
    silence(conn, numbers[3], until=now + timedelta(hours=8), by=BY, note="Pemeliharaan terjadwal.", now=now)
    return numbers[0]


def _tokens(conn: psycopg.Connection) -> None:
    now = datetime.now(UTC)
    system = opds.add_system(conn, OWN, "aplikasi", f"Aplikasi {UNBROKEN}", by=BY, now=now)
    issued = []
    for purpose in ("kirim", "baca"):
        wanted = NewToken(system, purpose, frozenset({Permission.SEND_EVENTS}), None, now + timedelta(days=30))
        issued.append(tokens.issue_token(conn, wanted, by=BY, now=now)[0])
    conn.execute("UPDATE identity.service_token SET revoked_at = now(), revoked_by = 'tes' WHERE id = %s", issued[-1:])
