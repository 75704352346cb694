"""The pages of loads: what waits for a yes and who may say it, withdrawing one, partitions at rest."""

from typing import Any

import psycopg
import pytest

from dashboard.exchange import Tally
from hub_db import announced, loads, pauses
from hub_db.announced import Counts, State
from identity.permissions import Role
from jobs import load_job, load_preview
from jobs.kinds import register
from jobs.queue import list_jobs
from schemas.names import TopicName
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.load_rows import announce_load, let_rest
from tests.dashboard.people import OWN, People
from tests.eventually import eventually

TOPIC = TopicName("opd.disdukcapil.penduduk")
DOCUMENT = "/muatan/disdukcapil/penduduk"
WAY = f"{DOCUMENT}/csv-0f3a"
WHY = "Sudah dicocokkan dengan OPD."


@pytest.fixture
def entered(site: Site, database: Database, rows: ExchangeRows) -> Site:
    with database.connect(autocommit=True) as conn:
        announce_load(conn, TOPIC)
        announce_load(conn, TOPIC, "harian-7", Counts(40, 12, 20, 8, 0, 1_148_611))
        arrive(conn, rows, "harian-7", [40, 12, 20, 0])
    return site


def arrive(conn: "psycopg.Connection[Any]", rows: ExchangeRows, load: str, counts: list[int]) -> None:
    """A ledger row that names a load."""
    rows.settle(TOPIC, Tally(records=40, accepted=40))
    conn.execute(
        "insert into hub.batch (kind, topic_id, partition, next_offset, records, accepted, known, parked, dead, worker,"
        " loads) values ('genesis', %s, 0, 40, 0, 0, 0, 0, 0, 'w', jsonb_build_object(%s::text, %s::jsonb))",
        (rows.topic(TOPIC), load, str(counts)),
    )


def test_what_waits_stands_on_top_with_its_reason_and_a_steward_says_yes(
    entered: Site, people: People, database: Database
) -> None:
    steward = entered.with_session(people.sign_in(Role.STEWARD))

    overview, page = steward.get("/muatan").text, steward.get(WAY).text
    done = steward.post(WAY, {"putus": "setujui", "alasan": WHY})
    after = steward.get(WAY).text

    too_much = "mengubah 62\u00a0% dari 1.148.611 baris yang ada (712.139 baris); batas kontrak 30\u00a0%"
    assert too_much in overview
    assert too_much in page
    assert done.headers["location"] == f"{WAY}?kabar=muatan"
    assert WHY in after
    assert "Disetujui" in after
    with database.connect() as conn:
        found = announced.find(conn, TOPIC, "csv-0f3a")
        acts = conn.execute("select act, actor, role from audit.entry where act like 'load.%'").fetchall()
    assert found is not None
    assert found.state is State.APPROVED
    assert acts == [("load.approve", "steward.kominfo", "steward")]


def test_an_agencys_admin_decides_about_his_own_loads_and_its_programmer_only_sees_them(
    entered: Site, people: People, database: Database
) -> None:
    programmer = entered.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN))
    admin = entered.with_session(people.sign_in(Role.OPD_ADMIN, OWN))

    seen, refused = programmer.get(WAY), programmer.post(WAY, {"putus": "tolak", "alasan": WHY})
    foreign = admin.get("/muatan/kominfo/wilayah")
    done = admin.post(WAY, {"putus": "tolak", "alasan": WHY})
    again = admin.post(WAY, {"putus": "tolak", "alasan": WHY})

    assert [seen.status_code, refused.status_code, foreign.status_code] == [200, 403, 404]
    assert "<form" not in seen.text.split("<main")[1]
    assert done.status_code == 303
    assert again.status_code == 422
    assert "ditolak" in again.text
    with database.connect() as conn:
        assert [each.approved for each in announced.verdicts(conn, TOPIC, "csv-0f3a")] == [False]


def test_a_load_shows_what_was_announced_beside_what_arrived_and_is_withdrawn_with_a_reason(
    entered: Site, people: People, database: Database
) -> None:
    steward = entered.with_session(people.sign_in(Role.STEWARD))
    way = f"{DOCUMENT}/harian-7"
    with database.connect() as conn:
        register(conn, [load_job.kind(database.dsn, lambda: INSTANCE), load_preview.kind(database.dsn)])

    listed, page = steward.get(DOCUMENT).text, steward.get(way).text
    asked = steward.post(way, {"putus": "tarik", "dampak": "1"})
    reckoning = steward.get(way).text
    done = steward.post(way, {"putus": "tarik", "alasan-tarik": "Berkas bulan lalu terkirim lagi."})
    after = steward.get(way).text

    assert "harian-7" in listed
    assert page.count(">40<") == 2
    assert asked.headers["location"] == f"{way}?kabar=dampak"
    assert "sedang dihitung" in reckoning
    assert done.headers["location"] == f"{way}?kabar=muatan"
    assert "Berkas bulan lalu terkirim lagi." in after
    with database.connect() as conn:
        assert {job.kind for job in list_jobs(conn)} == {load_job.NAME, load_preview.NAME}
        assert [step.withdrawn for step in loads.steps(conn, TOPIC, "harian-7")] == [True]


def test_a_partition_at_rest_is_let_go_on_by_the_operator_alone(
    entered: Site, people: People, database: Database, rows: ExchangeRows
) -> None:
    with database.connect(autocommit=True) as conn:
        number = let_rest(conn, rows, TOPIC)
    operator = entered.with_session(people.sign_in(Role.OPERATOR))
    steward = entered.with_session(people.sign_in(Role.STEWARD))

    page = operator.get("/muatan").text
    exchange = eventually(lambda: operator.get("/pertukaran").text, until=lambda text: "Dijeda" in text)  # its sample
    refused = steward.post(f"/muatan/jeda/{number}", {f"alasan-{number}": WHY})
    short = operator.post(f"/muatan/jeda/{number}", {f"alasan-{number}": "ya"})
    done = operator.post(f"/muatan/jeda/{number}", {f"alasan-{number}": WHY})
    again = operator.post(f"/muatan/jeda/{number}", {f"alasan-{number}": WHY})

    assert "187 dari 200 kejadian berturut-turut dikembalikan dengan sebab nik.bentuk" in page
    assert "Dijeda" in exchange
    assert [refused.status_code, short.status_code, done.status_code, again.status_code] == [403, 422, 303, 422]
    with database.connect() as conn:
        assert pauses.pauses(conn) == []
        assert [(each.by, each.reason) for each in pauses.pauses(conn, ended=True)] == [("operator.kominfo", WHY)]
        state = conn.execute("select pause, passes_to from hub.consumer_offset where passes_to is not null").fetchall()
        assert conn.execute("select act from audit.entry where act = 'exchange.resume'").fetchall() != []
    assert state == [(None, -1)]
