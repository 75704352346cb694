"""Why a row is as it is, and how it was, for programs: masked like everything, and told by the audit before."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest

from cli.stack.postgres import SUPERUSER
from dashboard.settings import Settings
from identity.permissions import Permission, Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import Program, programs
from tests.identity.lived import NAMES, SHE, lived
from tests.identity.people_of_test import PSEUDONYMS, PURPOSE, Population
from tests.identity.real_rows import VILLAGE, nik
from tests.promises.roads import Road

READ, OPEN = Permission.VIEW_RECORDS, Permission.UNMASK
BASE = "/api/v1/reference"
RETENTION = timedelta(days=366 * 101)


@pytest.fixture
def road(database: Database, people: People) -> Iterator[Road]:
    with lived(database) as made:
        yield made


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, road: Road) -> Site:
    return serve(site_settings)


@pytest.fixture
def program(site: Site, database: Database) -> Callable[..., Program]:
    return programs(site, database)


def address(reader: Program) -> str:
    (found,) = reader.get(f"{BASE}/penduduk?kode_wilayah={VILLAGE}").json()["rows"]
    return str(found["key"])


def looks(database: Database) -> list[tuple[Any, ...]]:
    with database.connect(SUPERUSER) as conn:
        return conn.execute(
            "select actor_kind, opd, act, subject, purpose from audit.entry where act like 'records.%' order by id"
        ).fetchall()


def test_an_open_value_tells_its_event_and_what_it_was_before(
    program: Callable[..., Program], database: Database
) -> None:
    reader = program("dinsos", READ)

    told = reader.get(f"{BASE}/wilayah/{VILLAGE}/why?fields=nama,luas_km2").json()

    assert told["key"] == VILLAGE
    assert set(told["fields"]) == {"nama", "luas_km2"}
    name = told["fields"]["nama"]
    assert (name["value"], name["masked"], name["source"], name["others"]) == ("Desa Uji", False, "kominfo.wilayah", [])
    assert {part: name["event"][part] for part in ("topic", "partition", "offset", "ce_id", "time")} == {
        "topic": "opd.kominfo.wilayah",
        "partition": 0,
        "offset": 1,
        "ce_id": f"kominfo.wilayah-{VILLAGE}-2",
        "time": "2026-01-05T07:05:00Z",
    }
    assert [each["value"] for each in name["past"]] == ["Desa Uji", "Desa Lama"]
    assert told["fields"]["luas_km2"]["value"] is None
    assert looks(database) == []


def test_the_answer_fits_the_description_that_the_api_gives(program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)
    text = reader.get(f"{BASE}/wilayah/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Why", "components": text["components"]}

    assert (
        list(jsonschema_rs.validator_for(schema).iter_errors(reader.get(f"{BASE}/wilayah/{VILLAGE}/why").json())) == []
    )


def test_a_person_s_past_is_masked_and_its_look_is_in_the_audit(
    program: Callable[..., Program], database: Database
) -> None:
    reader = program("disdukcapil", READ)
    here = address(reader)

    answer = reader.get(f"{BASE}/penduduk/{here}/why")

    name = answer.json()["fields"]["nama"]
    assert (name["value"], name["masked"], name["source"]) == ("K***** S******", True, "disdukcapil.penduduk")
    assert [(each["value"], each["source"]) for each in name["others"]] == [("K***** S", "dinkes.pasien")]
    assert [each["value"] for each in name["past"]] == ["K***** S******", "K***** L***"]
    assert answer.json()["fields"]["tanggal_lahir"]["value"] == "1990"
    assert "golongan_darah" not in answer.json()["fields"]
    assert not any(secret in answer.text for secret in (*NAMES, SHE, "1990-08-17"))
    assert looks(database) == [("token", "disdukcapil", "records.past", PSEUDONYMS.of("penduduk", SHE), None)]


def test_whoever_reads_by_a_grant_is_told_of_the_granted_value_alone(
    program: Callable[..., Program], database: Database, road: Road
) -> None:
    Population(database, {}).grant("nama")
    reader = program("dinsos", READ, OPEN)

    told = reader.get(f"{BASE}/penduduk/{SHE}/why", Simpul_Purpose=PURPOSE).json()

    name = told["fields"]["nama"]
    assert (name["value"], name["masked"], name["source"]) == ("KENARI SURATAN", False, "disdukcapil.penduduk")
    assert (name["others"], name["past"]) == ([], [])
    assert {field for field, each in told["fields"].items() if each["value"] is not None} == {"nama", "sumber_diubah"}
    assert [(act, purpose) for _, _, act, _, purpose in looks(database)] == [("records.search", PURPOSE)]
    assert reader.code(f"{BASE}/penduduk/{SHE}/why") == "tujuan-diperlukan"
    assert reader.code(f"{BASE}/penduduk/{nik(9)}/why", Simpul_Purpose=PURPOSE) == "baris-tidak-ada"


def test_the_owner_with_a_grant_sees_the_past_in_the_clear_for_a_purpose(
    program: Callable[..., Program], database: Database, road: Road
) -> None:
    Population(database, {}).grant("nama", reader="disdukcapil")
    reader = program("disdukcapil", READ, OPEN)

    told = reader.get(f"{BASE}/penduduk/{address(reader)}/why?fields=nama,alamat", Simpul_Purpose=PURPOSE).json()

    assert [each["value"] for each in told["fields"]["nama"]["past"]] == ["KENARI SURATAN", "KENARI LAMA"]
    assert [each["value"] for each in told["fields"]["nama"]["others"]] == ["KENARI S"]
    assert set(told["fields"]) == {"nama"}  # an address has no mask, so it is hidden
    assert [act for _, _, act, _, _ in looks(database)] == ["records.unmask"]


def test_a_row_is_told_as_it_was(program: Callable[..., Program], road: Road) -> None:
    reader = program("dinsos", READ)
    (between,) = road.owner.execute(
        "select max(tx_at) - interval '1 microsecond' from hub.batch join hub.topic using (topic_id)"
        " where name = 'opd.kominfo.wilayah' and records > 0"
    ).fetchone() or (None,)
    assert between is not None

    was = reader.get(f"{BASE}/wilayah/{VILLAGE}?fields=nama&as_of={between.isoformat()}")
    now = reader.get(f"{BASE}/wilayah/{VILLAGE}?as_of={datetime.now(UTC).isoformat()}").json()

    assert was.json() == {"key": VILLAGE, "values": {"nama": "Desa Lama"}, "masked": []}
    assert was.headers["simpul-as-of"] == between.isoformat()
    assert now == reader.get(f"{BASE}/wilayah/{VILLAGE}").json()


def test_a_person_is_masked_in_what_was_too(program: Callable[..., Program], road: Road) -> None:
    reader = program("disdukcapil", READ)
    here = address(reader)
    (between,) = road.owner.execute(
        "select min(tx_at) from hub.batch join hub.topic using (topic_id)"
        " where name = 'opd.disdukcapil.penduduk' and records > 0"
    ).fetchone() or (None,)
    assert between is not None

    was = reader.get(f"{BASE}/penduduk/{here}?as_of={between.isoformat()}")

    assert was.json()["values"]["nama"] == "K***** L***"
    assert not any(secret in was.text for secret in (*NAMES, SHE))


def test_what_is_not_kept_is_refused_clearly(program: Callable[..., Program]) -> None:
    reader, now = program("disdukcapil", READ), datetime.now(UTC)
    beyond, before = now - RETENTION, now - timedelta(days=365)
    refused = {
        "tomorrow": (now + timedelta(days=1)).isoformat(),
        "no zone": "2026-01-05T07:05:00",
        "words": "kemarin",
    }

    codes = {about: reader.code(f"{BASE}/wilayah/{VILLAGE}?as_of={moment}") for about, moment in refused.items()}

    assert set(codes.values()) == {"nilai-tidak-sah"}
    assert reader.code(f"{BASE}/penduduk/x?as_of={beyond.isoformat()}") == "di-luar-masa-simpan"
    assert reader.code(f"{BASE}/wilayah/{VILLAGE}?as_of={before.isoformat()}") == "baris-tidak-ada"


def test_the_page_shows_origin_and_past_masked(site: Site, people: People, database: Database) -> None:
    steward = site.with_session(people.sign_in(Role.STEWARD))
    rows = steward.get(f"/data-induk/penduduk?kolom=kode_wilayah&isi={VILLAGE}").text
    (here,) = re.findall(r"/data-induk/penduduk/baris\?alamat=([A-Za-z0-9_-]+)", rows)[:1]

    record = steward.get(f"/data-induk/penduduk/baris?alamat={here}").text
    page = steward.get(f"/data-induk/penduduk/asal?alamat={here}").text

    assert f"/data-induk/penduduk/asal?alamat={here}" in record
    assert "dinkes.pasien" in page
    assert "K***** L***" in page
    assert page.count("opd.disdukcapil.penduduk[0]@1") > 1
    assert not any(secret in page for secret in (*NAMES, SHE))
    assert [(kind, act) for kind, _, act, _, _ in looks(database)] == [("person", "records.past")]
    assert steward.get("/data-induk/penduduk/asal?alamat=tidak-ada").status_code == 404
