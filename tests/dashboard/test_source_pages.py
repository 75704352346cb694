"""The pages of sources: the Walidata changes a state with a reason; others only see it."""

from datetime import UTC, datetime

import pytest

from hub_db import epochs, sources
from hub_db.sources import SourceState
from identity.permissions import Role
from jobs.kinds import register
from jobs.queue import list_jobs
from registry.provisioning import recount_job
from registry.provisioning.hub import seed_sources
from schemas.names import TopicName
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows
from tests.dashboard.people import OWN, People

WAY = "/sumber/disdukcapil/penduduk"


@pytest.fixture
def seeded(site: Site, database: Database, rows: ExchangeRows) -> Site:
    with database.connect() as conn:
        seed_sources(conn, rows.contracts.values(), now=datetime.now(UTC))
    return site


def test_the_walidata_suspends_a_source_with_a_reason(seeded: Site, people: People, database: Database) -> None:
    head = seeded.with_session(people.sign_in(Role.KEPALA_DINAS))

    done = head.post(WAY, {"keadaan": "ditangguhkan", "alasan": "Nomor urut dimulai lagi."})
    page = head.get(WAY).text

    assert done.headers["location"] == f"{WAY}?kabar=sumber"
    assert "Nomor urut dimulai lagi." in page
    with database.connect() as conn:
        now = sources.current(conn)["disdukcapil.penduduk"]
    assert (now.state, now.by, now.role) == (SourceState.DITANGGUHKAN, "kepala-dinas.kominfo", "kepala_dinas")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"keadaan": "ditarik", "alasan": "Ditarik langsung saja."}, "kini aktif"),
        ({"keadaan": "ditangguhkan", "alasan": "ya"}, "paling sedikit 10"),
        ({"alasan": "Tanpa memilih keadaan."}, "belum dipilih"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(
    seeded: Site, people: People, database: Database, fields: dict[str, str], said: str
) -> None:
    head = seeded.with_session(people.sign_in(Role.KEPALA_DINAS))

    answer = head.post(WAY, fields)

    assert answer.status_code == 422
    assert said in answer.text
    with database.connect() as conn:
        assert sources.current(conn)["disdukcapil.penduduk"].state is SourceState.AKTIF


def test_a_numbering_that_began_anew_is_told_with_what_was_compared(
    seeded: Site, people: People, database: Database
) -> None:
    told = {"equal": 1_200, "different": 40, "unsent": 59}
    with database.connect() as conn:
        epochs.begin(
            conn,
            TopicName("opd.disdukcapil.penduduk"),
            told,
            seen=0,
            by="operator",
            by_kind="command",
            role=None,
            reason="Cadangan dipulihkan setelah gangguan listrik.",
            now=datetime.now(UTC),
        )

    page = seeded.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN)).get(WAY).text

    assert "Penomoran yang dimulai lagi" in page
    assert "1.200 sama, 40 berbeda" in page
    assert "59 baris hub tidak terkirim" in page


def test_an_agency_sees_its_own_source_and_has_no_button(seeded: Site, people: People) -> None:
    programmer = seeded.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN))

    listed, own, foreign = (programmer.get(way) for way in ("/sumber", WAY, "/sumber/kominfo/wilayah"))

    assert [listed.status_code, own.status_code, foreign.status_code] == [200, 200, 404]
    assert "kominfo.wilayah" not in listed.text
    assert "<form" not in own.text.split("<main")[1]


def test_what_another_state_would_do_can_be_asked_before(seeded: Site, people: People, database: Database) -> None:
    head = seeded.with_session(people.sign_in(Role.KEPALA_DINAS))
    kind = recount_job.effect_kind(database.dsn)
    with database.connect() as conn:
        register(conn, [kind])

    asked = head.post(WAY, {"keadaan": "ditangguhkan", "alasan": "", "dampak": "1"})
    waiting = head.get(WAY).text
    with database.connect() as conn:
        (job,) = list_jobs(conn, kind=recount_job.EFFECT)
        told = kind.step(conn, job)

    assert asked.headers["location"] == WAY
    assert "sedang dihitung" in waiting
    assert told.message == "Data Induk penduduk: 0 baris muncul, 0 berubah, 0 hilang."
    with database.connect() as conn:
        assert sources.current(conn)["disdukcapil.penduduk"].state is SourceState.AKTIF
