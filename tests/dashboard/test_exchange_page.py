"""What the first page says, over real rows and a real log."""

import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from cli.stack.local import Stack
from dashboard.database import POOL_SIZE
from dashboard.exchange import Tally
from dashboard.quick_sessions import SESSIONS
from dashboard.settings import Settings
from hub_db.connection import connect
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows
from tests.eventually import eventually
from tests.relay import Relay

RESIDENTS, REGIONS = "opd.disdukcapil.penduduk", "opd.kominfo.wilayah"
AFTER_S = 30


def texts(html: str) -> str:
    """The page's words, tags left out, white space as one space."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def row(site: Site, document: str) -> dict[str, str]:
    """The document's cells in the table, by the name of the column."""
    html = site.get("/pertukaran").text
    line = next(line for line in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if f">{document}</span>" in line)
    cells: list[tuple[str, str]] = re.findall(r'data-l="([^"]+)">([^<]*)<', line)
    return dict(cells)


def test_each_document_shows_its_events_by_final_state(site: Site, rows: ExchangeRows) -> None:
    rows.settle(RESIDENTS, Tally(50_830, 49_210, 1_009, 103, 508))
    rows.fill(RESIDENTS, 48_900, deleted=310)

    seen = eventually(lambda: row(site, "disdukcapil.penduduk"), until=lambda cells: cells["Data Induk"] != "0")

    assert {name: seen[name] for name in ("Masuk", "Diterima", "Sudah dikenal", "Ditunda", "Dikembalikan")} == {
        "Masuk": "50.830",
        "Diterima": "49.210",
        "Sudah dikenal": "1.009",
        "Ditunda": "103",
        "Dikembalikan": "508",
    }
    assert seen["Data Induk"] == "48.900"


def test_totals_go_over_partitions_and_incarnations(site: Site, rows: ExchangeRows) -> None:
    rows.settle(REGIONS, Tally(10, 10), incarnation=1)
    rows.settle(REGIONS, Tally(5, 5), incarnation=2)
    rows.settle(REGIONS, Tally(3, 2, 1), incarnation=2, partition=1)

    seen = eventually(lambda: row(site, "kominfo.wilayah"), until=lambda cells: cells["Masuk"] == "18")

    assert (seen["Diterima"], seen["Sudah dikenal"]) == ("17", "1")


def test_lag_is_the_end_of_kafkas_log_less_the_hubs_place(
    stack: Stack, serve: Callable[[Settings], Site], site_settings: Settings, rows: ExchangeRows, database: Database
) -> None:
    topic = f"opd.uji.{secrets.token_hex(4)}"  # a fresh name: tests share the broker
    with connect(database.dsn(), process="test") as conn:
        conn.execute("UPDATE hub.document SET topic = %s WHERE topic = %s", (topic, RESIDENTS))
    admin = KafkaAdminClient(**stack.kafka().kafka_python())
    admin.create_topics({topic: {"num_partitions": 2, "replication_factor": 1}})
    admin.close()
    producer = KafkaProducer(**stack.kafka().kafka_python())
    for number in range(40):
        producer.send(topic, b"?", partition=number % 2)
    producer.flush()
    producer.close()
    now = datetime.now(UTC)
    rows.settle(topic, Tally(500, 500), incarnation=1, next_offset=500)  # of a topic that was deleted since
    rows.settle(topic, Tally(20, 20), incarnation=2, appended_at=now)
    rows.settle(topic, Tally(3, 3), incarnation=2, partition=1, appended_at=now - timedelta(seconds=90))
    site = serve(site_settings)

    seen = eventually(
        lambda: row(site, "disdukcapil.penduduk"), until=lambda cells: cells["Belum terolah"] == "17", within_s=AFTER_S
    )

    assert seen["Masuk"] == "523"
    assert int(seen["Dalam detik"]) >= 90


def test_the_newest_letters_come_with_reason_and_place_and_without_values(site: Site, rows: ExchangeRows) -> None:
    rows.topic(RESIDENTS)
    rows.return_letter(RESIDENTS, 4_210)
    rows.return_letter(
        RESIDENTS,
        4_211,
        code="nik.bentuk",
        field="nik",
        found="15 digit",
        expected="16 digit",
        remedy="Mohon <b>NIK</b>.",
    )

    page = texts(eventually(lambda: site.get("/pertukaran").text, until=lambda html: "nik.bentuk" in html))

    shown = page[page.index("Data dikembalikan terbaru") :]
    assert shown.index("[0]@4211") < shown.index("[0]@4210")
    for part in (
        "Isian nik",
        "15 digit",
        "16 digit",
        "Mohon <b>NIK</b>.",
        "Isian tanggal_lahir",
        "tanggal 31 Februari",
    ):
        assert part in shown
    for path in ("/pertukaran", "/data-dikembalikan"):
        assert not re.search(r"3518131708909001|KENARI SURATAN", site.get(path).text)


def test_returned_data_are_grouped_and_paged(site: Site, rows: ExchangeRows) -> None:
    rows.topic(RESIDENTS)
    for offset in range(60):
        rows.return_letter(RESIDENTS, offset)

    first = site.get("/data-dikembalikan?dokumen=disdukcapil.penduduk")
    older = re.search(r'href="([^"]+)">Lebih lama', first.text)
    assert older is not None
    second = site.get(unescape(older[1]))

    assert "60 data menunggu perbaikan Produsen Data, dari 1 sebab." in texts(first.text)
    places = [[int(place) for place in re.findall(r"\]@([0-9]+)<", answer.text)] for answer in (first, second)]
    assert places == [list(range(59, 34, -1)), list(range(34, 9, -1))]


def test_a_hub_without_documents_says_what_to_expect(
    serve: Callable[[Settings], Site], site_settings: Settings
) -> None:
    page = texts(serve(site_settings).get("/pertukaran").text)

    assert "Belum ada dokumen pertukaran." in page


def test_documents_without_events_say_so(site: Site) -> None:
    page = texts(site.get("/pertukaran").text)

    assert "Tidak ada data dikembalikan" in page
    assert "Belum ada kejadian yang diolah" in page


def test_while_postgresql_is_away_the_page_says_so_and_comes_back_by_itself(
    serve: Callable[[Settings], Site], site_settings: Settings, database: Database, rows: ExchangeRows
) -> None:
    dsn = database.dsn("simpul_web").get_secret_value()
    target = conninfo_to_dict(dsn)
    relay = Relay((str(target["host"]), int(str(target["port"]))))
    relayed = SecretStr(make_conninfo(dsn, port=relay.port))
    site = serve(site_settings.model_copy(update={"dsn": relayed}))

    away = site.get("/pertukaran")
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert "Data dari OPD tetap aman di Kafka" in texts(away.text)
    assert '<meta http-equiv="refresh" content="5">' in away.text
    assert site.get("/readyz").status_code == site.get("/data-dikembalikan").status_code == 503
    assert site.get("/healthz").status_code == 200

    relay.open()
    eventually(lambda: site.get("/pertukaran").status_code, until=lambda status: status == 200, within_s=AFTER_S)
    relay.close()
    eventually(lambda: site.get("/pertukaran").status_code, until=lambda status: status == 503, within_s=AFTER_S)
    relay.open()
    eventually(lambda: site.get("/pertukaran").status_code, until=lambda status: status == 200, within_s=AFTER_S)
    assert site.get("/readyz").status_code == 200
    relay.close()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # kafka-python 3.0.12, at a refused connection
def test_while_kafka_is_away_the_page_says_so_and_comes_back_by_itself(
    stack: Stack, serve: Callable[[Settings], Site], site_settings: Settings, rows: ExchangeRows
) -> None:
    host, port = stack.kafka().bootstrap.rsplit(":", 1)
    relay = Relay((host, int(port)))
    kafka = stack.kafka().model_copy(update={"bootstrap": f"127.0.0.1:{relay.port}"})
    rows.settle(REGIONS, Tally(7, 7))
    site = serve(site_settings.model_copy(update={"kafka": kafka, "stale_s": 1.0}))

    page = eventually(lambda: texts(site.get("/pertukaran").text), until=lambda page: "Kafka tidak menjawab." in page)
    assert "Belum diketahui" in page
    assert row(site, "kominfo.wilayah")["Masuk"] == "7"
    assert row(site, "kominfo.wilayah")["Belum terolah"] == "–"

    relay.open()
    eventually(
        lambda: texts(site.get("/pertukaran").text),
        until=lambda page: "Kafka tidak menjawab" not in page,
        within_s=AFTER_S,
    )
    relay.close()


def test_many_readers_cost_few_connections(site: Site, database: Database) -> None:
    with ThreadPoolExecutor(20) as readers:
        answers = list(readers.map(site.get, ["/pertukaran", "/data-dikembalikan"] * 20))

    assert {answer.status_code for answer in answers} == {200}
    with connect(database.dsn(), process="test") as conn:
        connections = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'simpul_web' AND datname = %s",
            (database.name,),
        ).fetchone()

    assert connections is not None
    assert 1 <= connections[0] <= POOL_SIZE + SESSIONS + 1  # and those of programs, and who looks first
