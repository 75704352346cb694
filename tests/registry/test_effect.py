"""The effect of a contract is what then happens: held against the validator on the same rows."""

import json
from collections.abc import Iterator
from itertools import islice
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Identifier

from hub_db import provision, returning
from hub_db.errors import HubDbError
from hub_db.events import Stretch
from hub_db.reference_tables import MARKS
from jobs import find, register
from registry.governance import effect_job, effect_rows
from registry.governance.effect import Effect, effect_of
from registry.governance.effect_changes import changes
from registry.governance.effect_reading import ROLE, snapshot
from schemas.contract import Contract
from schemas.loader import load_all
from schemas.names import SchemaId
from tests.conftest import Database, one_database
from tests.registry.effect_case import (
    NOISE,
    NOW,
    TODAY,
    Bend,
    bent,
    field,
    fill,
    letter,
    new_field,
    people,
    rule,
    truth,
    what_happens,
    what_is_told,
)
from tests.schemas.contracts import AVRO, INSTANCE, penduduk

ROWS = 2_000
OPTIONAL = {"type": ["null", "string"], "default": None}


@pytest.fixture(scope="module")
def stored(stack: object, template: str) -> Iterator[Database]:
    """2,000 residents, two of them with what no event would have brought in."""
    with one_database(stack, template) as database:  # type: ignore[arg-type]
        fill(database, penduduk(), people(ROWS))
        with database.connect() as conn:
            conn.execute(
                "update reference.penduduk set nama_ibu = '' where nik = (select min(nik) from reference.penduduk)"
            )
            conn.execute(
                "update reference.penduduk set alamat = 'JL. \"A\", B' || chr(10) || 'C', nama = 'siti  aminah'"
                " where nik = (select max(nik) from reference.penduduk)"
            )
        yield database


def effect(database: Database, old: Contract | None, new: Contract) -> Effect:
    with snapshot(database.dsn(ROLE)) as conn:
        return effect_of(conn, old, new, accepted_on=TODAY, now=NOW)


CASES: dict[str, tuple[Bend, ...]] = {
    "nothing": (),
    "new rule": (rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17"),),
    "new warning": (rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17", "warn"),),
    "narrower enum": (field("status", enum=["HIDUP", "MENINGGAL"]),),
    "shorter": (field("alamat", maxLength=16),),
    "longer": (field("tempat_lahir", minLength=7),),
    "pattern": (field("alamat", minLength=None, maxLength=None, pattern="JL[.] [A-Z]+ NO[.] [0-9]"),),
    "limit of a date": (field("tanggal_lahir", minimum="1980-01-01", maximum="2010-12-31"),),
    "code list": (field("pekerjaan", codes="agama"),),
    "format": (field("tempat_lahir", minLength=None, maxLength=None, format="nama-orang"),),
    "another form is brought into ours": (field("kode_pos", format=None, pattern="[0-9]{5}"),),
    "a check that was lowered": (field("nik", warnOnly=None),),
    "required": (field("rt", type="string", default=None), field("nama_ibu", type="string", default=None)),
    "optional field": (new_field(name="hobi", **OPTIONAL),),
    "required field": (new_field(name="hobi", type="string"),),
    "field gone": (lambda schema: schema["fields"].pop(13),),
    "several, and rules are asked of good rows only": (
        field("status", enum=["HIDUP"]),
        field("alamat", maxLength=18),
        rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17 OR status <> 'HIDUP'"),
        rule("beralamat", "alamat LIKE 'JL. M%'"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_counts_are_those_of_the_validator(case: str, stored: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect_rows, "CHUNK", 700)  # several chunks
    old, new = penduduk(), bent(*CASES[case])

    found = effect(stored, old, new)

    with stored.connect() as conn:
        rows, by_place, places = truth(conn, new)
    changed = changes(old, new)
    assert (found.rows, found.refused) == (rows, len(places))
    assert found.newly == sum(any(map(changed.is_changed, each)) for each in places)
    assert {each.place: each.rows for each in found.changes if each.severity == "error"} == {
        place: by_place[place] for place in (*changed.fields, *(r.name for r in changed.rules if r.severity == "error"))
    }


SENT_AGAIN = (
    field("status", enum=["HIDUP", "MENINGGAL"]),
    field("tempat_lahir", minLength=None, maxLength=None, format="nama-orang"),
    field("nik", warnOnly=None),
    rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17 OR status_kawin = '1'"),
)


def test_the_rows_are_those_that_the_intake_sends_back_on_the_same_snapshot(database: Database) -> None:
    old, new = penduduk(), bent(*SENT_AGAIN)
    fill(database, old, people(ROWS))
    with database.connect() as conn:
        conn.execute("update reference.penduduk set nama = lower(nama) where _offset % 10 = 7")
        conn.execute("update reference.penduduk set tempat_lahir = '12 34' where _offset % 10 = 8")

    with snapshot(database.dsn(ROLE)) as conn:
        found = effect_of(conn, old, new, accepted_on=TODAY, now=NOW)
        with database.connect() as other:
            other.execute("update reference.penduduk set status = 'PINDAH'")
            other.execute("delete from reference.penduduk where _offset % 10 = 3")
        told, happens = what_is_told(conn, old, new), what_happens(conn, new)

    assert told == happens
    assert {"status", "tempat_lahir"} <= happens.keys()
    assert {each.place: each.rows for each in found.changes} == {
        each.place: len(happens.get(each.place, ())) for each in found.changes
    }
    assert effect(database, old, new).rows < found.rows == ROWS


def test_the_rows_are_those_of_the_document_where_several_speak_about_its_entity(database: Database) -> None:
    feeding = next(each for each in load_all(AVRO, INSTANCE) if each.name == "bkpsdm.pegawai")
    fill(database, penduduk(), people(20), feeding)
    with database.connect() as conn:  # the golden record says something else, and has rows of its own
        names = SQL(", ").join(map(Identifier, [*(each.name for each in penduduk().fields), *MARKS]))
        copied = SQL("insert into reference.penduduk ({0}) select {0} from source.disdukcapil_penduduk limit 5")
        conn.execute(copied.format(names))
        conn.execute("update reference.penduduk set status = 'GANDA'")
        told = conn.execute("select count(*) from source.disdukcapil_penduduk where status <> 'HIDUP'").fetchone()

    found = effect(database, penduduk(), bent(field("status", enum=["HIDUP"])))

    assert told is not None
    assert (found.rows, found.changes[0].rows) == (20, told[0])


def test_a_contract_without_change_has_no_effect(stored: Database) -> None:
    found = effect(stored, penduduk(), penduduk())

    assert (found.changes, found.touched, found.newly) == ((), (), 0)


def test_a_warning_is_counted_and_refuses_nothing(stored: Database) -> None:
    found = effect(stored, penduduk(), bent(rule("lahir_lama", "angka_tanggal(tanggal_lahir) >= 19800101", "warn")))

    with stored.connect() as conn:
        told = conn.execute("select count(*) from reference.penduduk where tanggal_lahir < '1980-01-01'").fetchone()
    # the row with a name that no event would have brought in is refused before any rule is asked
    assert [(each.place, each.severity) for each in found.changes] == [("lahir_lama", "warn")]
    assert told is not None
    assert 0 <= told[0] - found.changes[0].rows <= found.refused


HIDING = (field("nama", format=None, maxLength=3), field("golongan_darah", codes="agama"))


def test_the_sample_is_masked(stored: Database) -> None:
    found = effect(stored, penduduk(), bent(*HIDING))

    by_place = {each.place: each.sample for each in found.changes}
    assert len(by_place["nama"]) == 3
    for row in by_place["nama"]:
        assert str(row["nik"]).startswith("************")
        assert set(row) == {"nik"}  # a name without its format has no mask that leaves anything
    assert all(set(row) == {"nik"} for row in by_place["golongan_darah"])  # specific: never shown


def test_a_document_that_is_not_there_yet_has_no_rows(database: Database) -> None:
    found = effect(database, None, penduduk())

    assert (found.rows, found.refused, found.letters.open) == (0, 0, 0)
    assert len(found.changes) == len(penduduk().fields) + len(penduduk().rules)


def test_the_connection_can_write_nothing(stored: Database) -> None:
    with pytest.raises(HubDbError), snapshot(stored.dsn(ROLE)) as conn, conn.transaction():
        conn.execute("insert into hub.round default values")


def test_letters_that_would_pass_are_counted(database: Database) -> None:
    good, other = islice(people(2), 2)
    fill(database, penduduk(), [])
    before, text = penduduk(), json.dumps(penduduk().schema)
    after = bent(field("status", enum=["HIDUP", "MENINGGAL", "PINDAH", "GANDA", "HILANG"]))
    lost, bad = {**good, "status": "HILANG"}, {**other, "status": "TERBANG"}
    letters = [letter(before, 1, lost), letter(before, 2, bad), letter(before, 3, good, key="3201131708909001")]
    with database.connect() as conn:
        conn.execute("insert into registry.schema (fingerprint, schema_text) values (sha256('a'), %s)", [text])
        topic = conn.execute(
            "insert into hub.topic (topic_id, name, document, incarnation) values (gen_random_uuid(), %s, %s, 1)"
            " returning topic_no",
            [before.topic, before.name],
        ).fetchone()
        assert topic is not None
        stretch = Stretch(before.topic, uuid4(), topic[0], 0, 0, 10, 4)
        returning.add(conn, [(stretch, each) for each in (*letters, NOISE)])

    found = effect(database, before, after)

    assert (found.letters.open, found.letters.judged, found.letters.passing) == (4, 4, 1)


def test_who_uses_the_touched_fields_is_named(database: Database) -> None:
    contracts = {each.name: each for each in load_all(AVRO, INSTANCE)}
    with database.connect() as conn:
        for name in ("disdukcapil.penduduk", "bkpsdm.pegawai", "dinkes.pasien"):
            provision(conn, contracts[name], SchemaId(1))
        conn.execute("insert into identity.opd (code, name, short_name) values ('dinkes', 'Dinas Kesehatan', 'Dinkes')")
        for fields, until in ((["nik", "nama"], "2027-01-01"), (["status"], "2027-01-01"), (["nik"], "2025-01-01")):
            conn.execute(
                'insert into identity."grant"'
                " (reader, entity, fields, purpose, legal_basis, until, ends_at, granted_by)"
                " values ('dinkes', 'penduduk', %s, 'x', 'x', %s, %s, 'x')",
                [fields, until, until],
            )

    found = effect(database, penduduk(), bent(field("nik", warnOnly=None), field("nama", sensitivity="terbatas")))

    assert [(each.reader, each.fields) for each in found.grants] == [("dinkes", ("nama",))]
    assert found.touched == ("nama",)
    assert {each.document for each in found.documents} == {"dinkes.pasien"}


def test_the_job_stores_the_effect_for_the_page(stored: Database) -> None:
    new = bent(field("alamat", maxLength=16))
    with stored.connect() as conn:
        draft = conn.execute(
            "insert into registry.draft (subject, fingerprint, schema_text, author, author_kind)"
            " values ('opd.disdukcapil.penduduk-value', sha256('b'), %s, 'x', 'person') returning id",
            [json.dumps(new.schema)],
        ).fetchone()
        assert draft is not None
    kind = effect_job.kind(lambda: stored.dsn(ROLE), lambda: INSTANCE)
    with stored.connect("simpul_jobs", autocommit=True) as conn:
        register(conn, [kind])
    with stored.connect("simpul_web") as conn:
        number = effect_job.ask(conn, draft[0], by="siti")
        assert effect_job.stored(conn, draft[0]) is None
        job = find(conn, number)

    with stored.connect("simpul_jobs") as conn:
        step = kind.step(conn, job)

    with stored.connect("simpul_web") as conn:
        kept = effect_job.stored(conn, draft[0])
    assert step.finished
    assert kept is not None
    assert kept[0]["newly"] == effect(stored, penduduk(), new).newly > 0


def test_an_effect_is_json(stored: Database) -> None:
    found = effect(stored, penduduk(), bent(field("tanggal_lahir", minimum="1980-01-01")))

    told = json.loads(json.dumps(found.to_json()))
    assert told["accepted_on"] == "2026-03-01"
    assert len(told["changes"][0]["sample"][0]["tanggal_lahir"]) == len("1970")
