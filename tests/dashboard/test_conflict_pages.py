"""The pages of Tidak Padan: two sides behind their masks, and the steward's decision upon what he saw."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from dashboard.settings import Settings
from hub_db import rounds
from hub_db.conflicts import reading, ruled_records
from hub_db.conflicts.reading import Choice, State
from hub_db.conflicts.store import ConflictId
from hub_db.connection import transaction
from identity.masked_views import make_view
from identity.permissions import Role
from jobs import conflict_job
from jobs.kinds import register
from schemas.names import EventKey
from tests.conftest import Database
from tests.dashboard.conflict_rows import KEY, enter
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.kinds import KINDS
from tests.dashboard.people import FOREIGN, OWN, WALIDATA, People
from tests.identity.lived import NAMES, SHE, lived
from tests.identity.people_of_test import PSEUDONYMS
from tests.promises.roads import Road

REASON = "Cocok dengan akta kelahiran menurut pemiliknya."
SIDES = ("disdukcapil.penduduk", "dinkes.pasien")


@pytest.fixture
def steward(
    serve: Callable[[Settings], Site], site_settings: Settings, rows: ExchangeRows, people: People, database: Database
) -> Site:
    rows.provision_one("dinkes", "pasien")
    contracts = {each.name: each for each in rows.contracts.values()}
    with database.connect(autocommit=True) as conn:
        register(conn, KINDS)
        PSEUDONYMS.install(conn)
        make_view(conn, [contracts["disdukcapil.penduduk"], contracts["dinkes.pasien"]])
        enter(conn, contracts, SIDES)
        enter(conn, contracts, SIDES, key=EventKey("3518135708909002"))
    return serve(site_settings).with_session(people.sign_in(Role.STEWARD))


def change(database: Database, rows: ExchangeRows) -> None:
    """Side B says something else."""
    contracts = {each.name: each for each in rows.contracts.values()}
    with database.connect(autocommit=True) as conn:
        enter(conn, contracts, SIDES, born=date(1990, 7, 19))


def state(database: Database, number: int = 1) -> tuple[State, Choice | None]:
    with database.connect() as conn:
        found = reading.conflict(conn, number)
    assert found is not None
    return found.state, found.choice


def test_a_decision_is_taken_down_audited_and_told(steward: Site, database: Database, rows: ExchangeRows) -> None:
    listed, shown = steward.get("/tidak-padan"), steward.get("/tidak-padan/1")
    bare = steward.post("/tidak-padan/1", {"putus": "a", "alasan": "pendek", "revisi": "1"})
    decided = steward.post("/tidak-padan/1", {"putus": "a", "alasan": REASON, "revisi": "1", "lanjut": "1"})
    again = steward.post("/tidak-padan/1", {"putus": "b", "alasan": REASON, "revisi": "1"})

    assert "2 Tidak Padan menunggu keputusan" in listed.text
    assert "Tanggal lahir berbeda" in shown.text
    assert "digit 7–12 NIK cocok dengan A" in shown.text
    for told in (listed.text, shown.text):
        assert not any(value in told for value in (KEY, "KENANGA", "17 Agustus", "1990-08-17"))
    assert "K****** W*****" in shown.text
    assert (bare.status_code, "baru 6 huruf" in bare.text) == (422, True)
    assert (decided.status_code, decided.headers["location"]) == (303, "/tidak-padan/2?kabar=padan")
    assert (again.status_code, "sudah diputus" in again.text) == (422, True)
    assert state(database) == (State.DECIDED, Choice.A)
    with database.connect() as conn:
        told_opd = conn.execute("select opd, link from notice.notice where cause = 'conflict:1'").fetchall()
        audited = conn.execute("select role, subject from audit.entry where act = 'conflict.decide'").fetchall()
    assert told_opd == [("dinkes", "/tidak-padan/1")]
    assert audited == [("steward", "conflict:1")]


def test_the_record_follows_what_was_decided_and_goes_back_when_that_is_taken_back(
    serve: Callable[[Settings], Site], site_settings: Settings, people: People, database: Database
) -> None:
    with lived(database) as road:
        register(road.owner, KINDS)
        look(road)
        steward = serve(site_settings).with_session(people.sign_in(Role.STEWARD))
        before = steward.get("/tidak-padan/1")
        steward.post("/tidak-padan/1", {"putus": "b", "alasan": REASON, "revisi": "1"})
        waits = steward.get("/tidak-padan/1")
        with transaction(road.owner):
            ruled_records.follow(road.owner, ConflictId(1))
        done = steward.get("/tidak-padan/1")
        record, past = (steward.get(f"/data-induk/penduduk/{each}") for each in addresses(done.text))
        bare = steward.post("/tidak-padan/1/tarik", {"alasan_tarik": "pendek", "revisi": "1"})
        back = steward.post("/tidak-padan/1/tarik", {"alasan_tarik": REASON, "revisi": "1"})
        again = steward.post("/tidak-padan/1/tarik", {"alasan_tarik": REASON, "revisi": "1"})
        with transaction(road.owner):
            ruled_records.follow(road.owner, ConflictId(1))
        open_again = steward.get("/tidak-padan/1")

    assert "Data Induk tetap memakai nilai A." in before.text
    assert "Data Induk beralih ke nilai B." in before.text
    assert [badge in each.text for each in (waits, done) for badge in ("Sedang diterapkan", "Dipakai")] == [
        *(True, False, False, True)
    ]
    assert "nilai A (" in done.text
    assert "Keputusan walidata:" in record.text
    assert "dinkes.pasien" in record.text
    assert '<a href="/tidak-padan/1">Tidak Padan nomor 1</a>' in past.text
    assert (bare.status_code, "baru 6 huruf" in bare.text) == (422, True)
    assert (back.status_code, back.headers["location"]) == (303, "/tidak-padan/1?kabar=padan-tarik")
    assert (again.status_code, "tidak berlaku lagi" in again.text) == (422, True)
    assert "Keputusan ditarik kembali" in open_again.text
    assert "Data Induk tetap memakai nilai A." in open_again.text
    for page in (before, waits, done, record, past, open_again):
        assert not any(secret in page.text for secret in (*NAMES, SHE))


def look(road: Road) -> None:
    """A round of all that is there, and what is found in it."""
    (number,) = road.owner.execute("insert into hub.round default values returning id").fetchone() or (0,)
    for part in ("batches", "releases", "changes"):
        road.owner.execute(rounds.SQL[f"take_{part}"], {"round": number})
    conflict_job.find_all(road.owner, INSTANCE, now=datetime.now(UTC))


def addresses(text: str) -> tuple[str, str]:
    """Where the record stands and where its past is told, out of a conflict's page."""
    (found,) = re.findall(r"/data-induk/penduduk/asal\?alamat=([^\"]+)", text)
    return f"baris?alamat={found}", f"asal?alamat={found}"


def test_nobody_decides_upon_values_that_he_has_not_seen(steward: Site, database: Database, rows: ExchangeRows) -> None:
    change(database, rows)

    late = steward.post("/tidak-padan/1", {"putus": "a", "alasan": REASON, "revisi": "1"})

    assert (late.status_code, "Nilainya berubah" in late.text) == (422, True)
    assert state(database) == (State.OPEN, None)


def test_an_agency_sees_its_own_side_and_decides_nothing(steward: Site, people: People, database: Database) -> None:
    owner, other, foreign = (
        steward.with_session(people.sign_in(Role.OPD_ADMIN, opd)) for opd in (OWN, FOREIGN, WALIDATA)
    )

    for each in (owner, other):
        page = each.get("/tidak-padan/1")
        assert page.status_code == 200
        assert "K****** W*****" in page.text
        assert "<form" not in page.text.split("<main")[1]
        assert each.post("/tidak-padan/1", {"putus": "a", "alasan": REASON, "revisi": "1"}).status_code == 403
    assert foreign.get("/tidak-padan/1").status_code == 404
    assert state(database) == (State.OPEN, None)
