"""Papers and files of a case: only for who may see it, each opening in the audit, the OPD's of the result a fact."""

import hashlib
from collections.abc import Iterator

import pytest

from cli.stack.local import Stack
from dashboard import case_papers
from hub_db.connection import transaction
from sop.asking import Answers
from sop.attachments import UnknownFile
from sop.errors import Forbidden, Rule, UnknownCase
from sop.papers import Form, Rendered, UnknownPaper
from sop.store import Contact, set_contact
from tests.conftest import one_database
from tests.dashboard.test_desk import INSTANCE, Counter, employ
from tests.sop.office import make_office
from tests.sop.reading_pdf import pages

PDF_FILE = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


@pytest.fixture(scope="module")
def counter(stack: Stack, template: str) -> Iterator[Counter]:
    with one_database(stack, template) as database, make_office(database) as office:
        yield Counter(office, employ(database))


def opened(counter: Counter, name: str, number: str, code: str) -> Rendered:
    with counter.office.connect() as conn, transaction(conn):
        now = counter.office.now().at
        return case_papers.open_paper(conn, counter.who(name), number, code, Form.PDF, now=now, instance=INSTANCE)


def handed_in(counter: Counter, name: str, number: str, slot: str) -> str:
    """The hash of a file that was handed in and put into a slot."""
    with counter.office.connect() as conn, transaction(conn):
        who, now = counter.who(name), counter.office.now().at
        file = case_papers.hand_in(conn, who, number, PDF_FILE, "berkas.pdf", now=now)
        counter.act(name, number, f"attach:{slot}", Answers(file=file), conn=conn)
    return file.sha256


def open_file(counter: Counter, name: str, number: str, sha256: str) -> bytes:
    with counter.office.connect() as conn, transaction(conn):
        return case_papers.open_file(conn, counter.who(name), number, sha256, now=counter.office.now().at).data


def results_opened(counter: Counter, number: str) -> list[tuple[str, str]]:
    with counter.office.database.connect() as conn:
        told = "select actor, unit from hub.fact where kind = 'result.opened' and key = %s order by id"
        return [(actor, unit) for actor, unit in conn.execute(told, [number])]


def test_a_paper_is_opened_by_who_may_see_the_case_and_the_audit_says_so(counter: Counter) -> None:
    number = counter.at(2)

    made = opened(counter, "hadi", number, "disposisi")
    with pytest.raises(UnknownCase):
        opened(counter, "lala", number, "disposisi")
    with pytest.raises(UnknownPaper):
        opened(counter, "wati", number, "disposisi.pdf")

    (entry,) = counter.audit(number)
    assert entry[:2] == ("case.paper", "hadi")
    assert entry[5] == {"paper": "disposisi", "form": "pdf", "sha256": hashlib.sha256(made.data).hexdigest()}


def test_who_is_to_be_called_is_told_to_those_who_work_on_the_case(counter: Counter) -> None:
    number = counter.at(2)
    with counter.office.connect() as conn:
        set_contact(conn, number, Contact("Narahubung Contoh", "+6281200009001"))

    told = {name: pages(opened(counter, name, number, "dokumen-integrasi").data)[0].text for name in ("bagus", "hadi")}

    assert "+6281200009001" in told["bagus"]
    assert "+6281200009001" not in told["hadi"]


def test_a_file_is_handed_in_by_who_works_on_the_case_and_its_opening_is_audited(counter: Counter) -> None:
    number, other = counter.at(2), counter.at(2)
    sha256 = handed_in(counter, "wati", number, "struktur-database")

    assert open_file(counter, "hadi", number, sha256) == PDF_FILE
    with pytest.raises(UnknownFile):
        open_file(counter, "hadi", other, sha256)
    with pytest.raises(UnknownCase):
        open_file(counter, "lala", number, sha256)
    with pytest.raises(Forbidden) as refused:
        handed_in(counter, "hadi", number, "struktur-database")

    assert refused.value.rule is Rule.NOT_YOUR_ROLE
    assert [entry[:2] for entry in counter.audit(number)] == [("case.attach", "wati"), ("case.file", "hadi")]
    assert counter.audit(number)[1][5] == {"sha256": sha256}


def test_that_the_opd_opened_the_result_is_a_fact_once_for_each_attempt(counter: Counter) -> None:
    number = counter.at(7)
    sha256 = handed_in(counter, "bagus", number, "unit-tes")

    for name in ("bagus", "hadi"):
        opened(counter, name, number, "unit-tes")
        open_file(counter, name, number, sha256)
    before = results_opened(counter, number)
    open_file(counter, "wati", number, sha256)
    opened(counter, "wati", number, "unit-tes")

    assert before == []
    assert results_opened(counter, number) == [("wati", "disdik")]


def test_the_result_counts_as_opened_only_when_it_is_delivered(counter: Counter) -> None:
    number = counter.at(6)

    opened(counter, "wati", number, "unit-tes")

    assert results_opened(counter, number) == []
