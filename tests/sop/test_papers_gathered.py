"""What papers are made from, out of the database, with the rights of the pages."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from base import instance
from cli import settings
from cli.stack.local import Stack
from sop.errors import UnknownCase
from sop.papers import KINDS, Form, UnknownPaper, render
from sop.papers.dossier import Access, Dossier, Fault, Officer, Tally
from sop.papers.gathering import dossier
from sop.procedure import book
from sop.store import Contact, set_contact
from tests.conftest import one_database
from tests.sop.dossiers import contract
from tests.sop.office import Office, make_office
from tests.sop.reading_pdf import pages
from tests.sop.town import DOCUMENTS

HERE = instance.load(settings.load().instance)
ON = date(2026, 1, 20)
GTK, SEKOLAH = DOCUMENTS


@pytest.fixture(scope="module")
def office(stack: Stack, template: str) -> Iterator[Office]:
    with one_database(stack, template) as database, make_office(database) as made:
        _fill(made)
        yield made


def _fill(office: Office) -> None:
    """A version in force and a newer draft of one document, a draft alone of the other; figures, faults, a grant."""
    with office.database.connect() as conn:
        schemas = [
            json.dumps(dict(contract(name, fields=size).schema)) for name, size in ((GTK, 4), (GTK, 6), (SEKOLAH, 5))
        ]
        subjects = [f"opd.{name}-value" for name in DOCUMENTS]
        prints = [hashlib.sha256(text.encode()).digest() for text in schemas]
        conn.execute("insert into registry.schema (fingerprint, schema_text) values (%s, %s)", [prints[0], schemas[0]])
        conn.execute(
            "insert into registry.version (subject, version, schema_id, registered_by) values (%s, 3, 1, 'uji')",
            [subjects[0]],
        )
        draft = (
            "insert into registry.draft (subject, opd, fingerprint, schema_text, author, author_kind, state)"
            " values (%s, 'disdik', %s, %s, 'wati', 'person', %s)"
        )
        conn.execute(draft, [subjects[0], prints[1], schemas[1], "open"])
        conn.execute(draft, [subjects[1], prints[2], schemas[2], "submitted"])
        conn.execute(
            "insert into hub.topic (topic_id, name, document, incarnation)"
            " values (gen_random_uuid(), 'uji.disdik.gtk', 'disdik.gtk', 1)"
        )
        conn.execute(
            "insert into hub.consumer_offset (topic_id, partition, next_offset, records, accepted, known, parked, dead)"
            " select topic_id, p, 9, 9, 4, 3, 1, 1 from hub.topic, generate_series(0, 1) p"
        )
        conn.execute(
            'insert into hub.dead_letter (topic_no, partition, "offset", headers, fault, code, field, found, expected,'
            " remedy, sha256, settled_at) select topic_no, 0, o, '[]', 'x', 'maxLength', 'nama', 'f', 'e', 'r', '',"
            " case when o = 1 then now() end from hub.topic, generate_series(1, 3) o"
        )
        conn.execute("insert into identity.opd (code, name, short_name) values ('bappeda', 'Bappeda', 'B')")
        grant = (
            'insert into identity."grant" (reader, entity, fields, purpose, legal_basis, until, ends_at, granted_by)'
            " values (%s, %s, '{nama}', 'Perencanaan', 'UU', %s, %s, 'uji')"
        )
        for reader, entity, until in (
            ("bappeda", "gtk", ON),
            ("bappeda", "gtk", ON - timedelta(days=1)),
            ("bappeda", "penduduk", ON),
            ("disdik", "penduduk", ON),
        ):
            conn.execute(grant, [reader, entity, until, until + timedelta(days=1)])
        conn.execute("insert into identity.person (name, shown_name, office) values ('wati', 'Wati C.', 'Sekretariat')")
        conn.execute("insert into identity.system (opd, code, name) values ('disdik', 'dapodik', 'Dapodik Daerah')")


def gathered(office: Office, number: str, *, with_contact: bool = False) -> Dossier:
    with office.connect("simpul_web") as conn:
        return dossier(conn, number, on=ON, instance=HERE, book=book(), with_contact=with_contact)


def test_a_dossier_tells_what_the_hub_knows(office: Office) -> None:
    number = office.begin().case.number
    office.walk(number).to(2)

    found = gathered(office, number)

    gtk, sekolah = found.interchanges
    assert gtk.contract is not None
    assert sekolah.contract is not None
    assert (gtk.name, gtk.standing, len(gtk.contract.fields)) == (GTK, "rancangan nomor 1, dirancang", 6)
    assert (sekolah.name, sekolah.standing) == (SEKOLAH, "rancangan nomor 2, diajukan")
    assert (gtk.sandbox, gtk.production) == (Tally(18, 8, 6, 2, 2), Tally())
    assert found.faults == (Fault("uji.disdik.gtk", "maxLength", "nama", "e", 3, 1),)
    assert found.accesses == (Access("bappeda", "gtk", ("nama",), "Perencanaan", None, ON),)
    assert [(each.reader, each.entity) for each in found.readings] == [("disdik", "penduduk")]
    assert found.officer("wati") == Officer("Wati C.", "Sekretariat")
    assert (found.systems, found.agency("bappeda"), found.contact) == (("Dapodik Daerah",), "Bappeda", None)


def test_once_it_is_agreed_what_is_in_force_counts(office: Office) -> None:
    number = office.begin().case.number
    office.walk(number).to(5)

    gtk, _ = gathered(office, number).interchanges

    assert gtk.contract is not None
    assert (gtk.standing, len(gtk.contract.fields)) == ("berlaku, versi 3", 4)


def test_who_is_to_be_called_stands_in_a_paper_only_for_who_may_see_it(office: Office) -> None:
    number = office.begin().case.number
    with office.connect() as conn:
        set_contact(conn, number, Contact("Narahubung Contoh", "+6281200009001"))
        closed = render(conn, number, "dokumen-integrasi", instance=HERE, on=ON)
        opened = render(conn, number, "dokumen-integrasi", instance=HERE, on=ON, with_contact=True)

    assert "+6281200009001" not in pages(closed.data)[0].text
    assert "+6281200009001" in pages(opened.data)[0].text
    assert (opened.name, opened.media) == (f"{number}-dokumen-integrasi.pdf", "application/pdf")


def test_what_is_not_there_is_said(office: Office) -> None:
    number = office.begin().case.number
    with office.connect() as conn:
        with pytest.raises(UnknownPaper, match="Tidak ada naskah surat; yang ada: disposisi"):
            render(conn, number, "surat", Form.PDF, instance=HERE, on=ON)
        with pytest.raises(UnknownCase):
            render(conn, "PI-2026-9999", next(iter(KINDS)), instance=HERE, on=ON)
