"""Drafts of contracts on their pages: what would change, what speaks against it, and the decision of another."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from identity.actors import Actor
from identity.permissions import Role
from jobs.kinds import register
from jobs.queue import find
from registry import registration
from registry.governance import drafts, effect_job, enforcement
from registry.governance.effect_reading import ROLE
from registry.schema_text import parse
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.kinds import KINDS, effect_kind
from tests.dashboard.people import People
from tests.schemas.contracts import penduduk, schema_of

NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
PROGRAM = Actor("opd-disdukcapil", "system")
REASON = {"alasan": "Sudah dibahas dengan pemilik data."}


@dataclass
class Desk:
    """A draft that a program sent, and the people around it."""

    site: Site
    people: People
    conn: Any
    way: str

    def of(self, role: Role, opd: str) -> Site:
        return self.site.with_session(self.people.sign_in(role, opd))


def grown(**changes: Any) -> Any:
    schema = schema_of(penduduk())
    schema["fields"].append(
        {
            **{"name": "surel", "type": ["null", "string"], "default": None, "doc": "Alamat surel."},
            **{"sensitivity": "pribadi", "maxLength": 100, "example": "sari@contoh.example"},
            "deprecated": {"since": "2026-01-01", "use": "telepon"},
        }
    )
    return schema | changes


def make(conn: Any, schema: Any) -> int:
    return int(drafts.find_or_make(conn, penduduk().subject, parse(json.dumps(schema)), by=PROGRAM, now=NOW).id)


@pytest.fixture
def desk(site: Site, people: People, database: Database) -> Iterator[Desk]:
    with database.connect(autocommit=True) as conn:
        text = json.dumps(penduduk().schema)
        registration.register(conn, penduduk().subject, parse(text), by="uji")
        register(conn, KINDS)
        yield Desk(site, people, conn, f"/kontrak/rancangan/{make(conn, grown())}")


def test_a_draft_goes_from_the_program_that_sent_it_to_a_version_that_holds(desk: Desk) -> None:
    office, team = desk.of(Role.OPD_ADMIN, "disdukcapil"), desk.of(Role.TIM_TEKNIS, "kominfo")

    opened = office.get(desk.way).text
    submitted = office.post(f"{desk.way}/ajukan")
    waiting = team.get(desk.way).text
    approved = team.post(f"{desk.way}/setujui", REASON)
    meanwhile = team.get(desk.way).text
    enforcement.enforce_approved(desk.conn, by=Actor.process("jobs"), now=NOW)
    held = office.get(desk.way).text

    assert "Isian surel ditambahkan: teks, boleh kosong, pribadi" in opened
    assert "Dapat disetujui" in opened
    assert "Isian yang akan dihapus" in opened
    assert "masih disusun dan belum diajukan" in opened
    assert "Setujui" not in opened
    assert (submitted.status_code, approved.status_code) == (303, 303)
    assert "menunggu persetujuan Tim Teknis" in waiting
    assert "versinya sedang diterapkan" in meanwhile
    assert "Berlaku sebagai versi 2 sejak 5 Januari 2026 pukul 14.05 WIB" in held
    assert REASON["alasan"] in held


def test_the_effect_on_what_is_stored_is_asked_for_and_shown(desk: Desk, database: Database) -> None:
    office = desk.of(Role.OPD_ADMIN, "disdukcapil")
    before = office.get(desk.way).text

    asked = office.post(f"{desk.way}/dampak")
    kind = effect_kind(lambda: database.dsn(ROLE))
    with database.connect("simpul_jobs") as conn:
        row = conn.execute("select id from jobs.job where kind = %s", (effect_job.NAME,)).fetchone()
        assert row is not None
        kind.step(conn, find(conn, row[0]))
    after = office.get(desk.way).text

    assert "Belum dihitung" in before
    assert (asked.status_code, asked.headers["location"]) == (303, f"{desk.way}?kabar=dampak")
    assert "Tidak ada baris tersimpan yang akan ditolak." in after
    assert "Hitung ulang" in after


def test_who_submitted_it_finds_no_approval_and_is_refused_when_he_tries(desk: Desk) -> None:
    team = desk.of(Role.TIM_TEKNIS, "kominfo")
    team.post(f"{desk.way}/ajukan")

    page, refused = team.get(desk.way).text, team.post(f"{desk.way}/setujui", REASON)

    assert "jadi orang lain yang menyetujuinya" in page
    assert f'action="{desk.way}/setujui"' in page
    assert ">Setujui<" not in page
    assert refused.status_code == 422
    assert "Rancangan disetujui oleh orang lain" in refused.text


def test_what_speaks_against_a_draft_is_said_and_it_can_be_given_back(desk: Desk) -> None:
    schema = grown()
    schema["fields"][1]["maxLength"] = 3
    way = f"/kontrak/rancangan/{make(desk.conn, schema)}"
    office, team = desk.of(Role.OPD_ADMIN, "disdukcapil"), desk.of(Role.TIM_TEKNIS, "kominfo")
    office.post(f"{way}/ajukan")

    page = team.get(way).text
    short = team.post(f"{way}/kembalikan", {"alasan": "Buru"})
    back = team.post(f"{way}/kembalikan", {"alasan": "Nama tidak boleh dipendekkan."})
    said = office.post(f"{way}/tanggapan", {"tanggapan": "<b>Baik</b>, kami perbaiki."})
    gone = office.post(f"{way}/tarik", {"alasan_tarik": "Diganti rancangan lain."})
    after = office.get(way).text

    assert "Belum dapat disetujui" in page
    assert "menolak sebagian dari yang diterima versi 1" in page
    assert short.status_code == 422
    assert "baru 4 huruf" in short.text
    assert (back.status_code, said.status_code, gone.status_code) == (303, 303, 303)
    assert "&lt;b&gt;Baik&lt;/b&gt;, kami perbaiki." in after
    assert "Nama tidak boleh dipendekkan." in after
    assert "Rancangan ini ditarik" in after


def test_an_incompatible_draft_of_a_live_integration_leads_to_a_request_that_follows_it(desk: Desk) -> None:
    schema = grown()
    schema["fields"][1]["maxLength"] = 3
    way = f"/kontrak/rancangan/{make(desk.conn, schema)}"
    office, team = desk.of(Role.OPD_ADMIN, "disdukcapil"), desk.of(Role.TIM_TEKNIS, "kominfo")
    before = office.get(way).text
    desk.conn.execute(
        "insert into board.standing (number, opd, documents, procedure, decree, state, version, held_days, met, holder,"
        " spells, returns, outside, breaches, withdrawn) values ('PI-2026-0007', 'disdukcapil',"
        " '{disdukcapil.penduduk}', 1, '-', 'closed', 9, 0, '[]', 'kominfo', '[]', '[]', '{}', '{}', '{}')"
    )

    page, seen, fitting = office.get(way).text, team.get(way).text, office.get(desk.way).text

    told, begin = "bagian dari integrasi aktif PI-2026-0007", "/kasus/baru?opd=disdukcapil&amp;lanjutan=PI-2026-0007"
    assert [told in each for each in (before, page, seen, fitting)] == [False, True, True, False]
    assert [begin in each for each in (page, seen)] == [True, False]
    assert 'href="/kasus/PI-2026-0007"' in seen


def test_the_list_says_how_many_wait_and_filters(desk: Desk) -> None:
    office, foreign = desk.of(Role.OPD_ADMIN, "disdukcapil"), desk.of(Role.OPD_ADMIN, "dinkes")

    none, others = office.get("/kontrak/rancangan").text, foreign.get("/kontrak/rancangan").text
    office.post(f"{desk.way}/ajukan")
    one, filtered = (office.get(f"/kontrak/rancangan{query}").text for query in ("", "?keadaan=withdrawn"))

    assert "Tidak ada rancangan yang menunggu persetujuan." in none
    assert desk.way not in others
    assert "1 rancangan menunggu persetujuan." in one
    assert desk.way in one
    assert desk.way not in filtered
