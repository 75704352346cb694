"""Papers, issuers and signed files of every kind, good and bad, for tests of signatures."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.validation import DocumentSecurityStore

from cli.demo.issuer import Issuer, Signer
from sop.papers.parts import Letterhead, Paper, Paragraph, Section
from sop.papers.pdf import pdf
from sop.signatures.kept import Kept

MARK = "k3fq7m2xw5tr6ynp4zgh3abc"


def paper(text: str = "Isi naskah.", mark: str = MARK) -> bytes:
    """A frozen paper of one page."""
    sections = (Section("Isi", (Paragraph(text),)),)
    made = Paper(
        "uji", "Uji", "", "1/2026", "PI-2026-0001", date(2026, 1, 5), Letterhead(("PEMERINTAH",), "Jalan 1"), sections,
        verified_at=f"https://simpul.example/naskah/{mark}",
    )  # fmt: skip
    return pdf(made)


def kept(*versions: bytes, parties: int = 1, mark: str = MARK) -> list[Kept]:
    """The versions as the check knows them, from 1."""
    return [
        Kept(number, len(data), hashlib.sha256(data).hexdigest(), parties, mark)
        for number, data in enumerate(versions, 1)
    ]


@dataclass(frozen=True)
class Hands:
    """An issuer that is trusted, officers with its certificates, and where it lies."""

    issuer: Issuer
    head: Signer
    second: Signer
    place: Path
    now: datetime

    @classmethod
    def new(cls, place: Path) -> "Hands":
        now = datetime.now(UTC)
        issuer, since = Issuer.new("Penerbit Uji", now=now), now - timedelta(hours=6)
        place.mkdir(exist_ok=True)
        (place / "uji.pem").write_bytes(issuer.pem)
        head = issuer.issue("Ratri Contoh, S.T.", "Kepala Bidang Aptika", "Pemkab Contoh", since=since)
        second = issuer.issue("Bayu Contoh", "Ketua Tim Teknis", "Pemkab Contoh", since=since)
        return cls(issuer, head, second, place, now)

    def other(self, since: datetime, until: datetime | None = None) -> Signer:
        return self.issuer.issue("Orang Lain", "Staf", "Pemkab Contoh", since=since, until=until)


def rewritten(data: bytes, producer: str = "e-Office 2.1") -> bytes:
    """The same pages, written anew as an application does that puts its own marks into files."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(data)))
    info = PdfFileReader(io.BytesIO(data)).trailer["/Info"]
    told = {key: pdf_string(str(value)) for key, value in info.items()}
    told["/Producer"] = pdf_string(producer)
    writer.set_info(writer.add_object(generic.DictionaryObject(told)))
    return _written(writer)


def with_a_stamp(data: bytes) -> bytes:
    """An incremental update that draws something on the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    drawn = writer.add_object(generic.StreamObject(stream_data=b"q 1 0 0 rg 50 50 200 200 re f Q"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), drawn])
    writer.update_container(page)
    return _written(writer)


def with_a_note(data: bytes) -> bytes:
    """An incremental update with an annotation on the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    told = {"/Type": "/Annot", "/Subtype": "/FreeText"}
    note = generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in told.items()})
    note["/Rect"] = generic.ArrayObject([generic.NumberObject(each) for each in (10, 10, 200, 60)])
    note["/Contents"] = pdf_string("Disetujui dengan catatan")
    notes = page.get("/Annots", generic.ArrayObject())
    page["/Annots"] = generic.ArrayObject([*notes, writer.add_object(note)])
    writer.update_container(page)
    return _written(writer)


def with_permissions(data: bytes) -> bytes:
    """An incremental update whose catalogue names rights that no signature has given."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    rights = generic.DictionaryObject({pdf_name("/UR3"): generic.DictionaryObject()})
    writer.root["/Perms"] = writer.add_object(rights)
    writer.update_root()
    return _written(writer)


def hung_on(data: bytes, other: bytes) -> bytes:
    """The frozen bytes, and after them a whole other file whose table of objects knows nothing of them."""
    return data + _moved(other, len(data))


def with_store(data: bytes, certificates: Sequence[bytes]) -> bytes:
    """An incremental update with what is needed to judge the signature later (DSS)."""
    stream = io.BytesIO(data)
    DocumentSecurityStore.add_dss(stream, None, certs=[_certificate(each) for each in certificates])
    return stream.getvalue()


def _certificate(der: bytes) -> object:
    from asn1crypto import x509

    return x509.Certificate.load(der)


def _moved(data: bytes, by: int) -> bytes:
    """The file with its classic table of objects reckoned from another beginning."""
    head, _, tail = data.rpartition(b"xref\n0 ")
    count, _, rest = tail.partition(b"\n")
    rows, _, end = rest.partition(b"trailer")
    moved = []
    for row in rows.splitlines():
        offset, generation, kind = row.split()
        moved.append(b"%010d %s %s \n" % (int(offset) + by if kind == b"n" else int(offset), generation, kind))
    start = len(head) + by
    before, _, _ = end.rpartition(b"startxref")
    return (
        head + b"xref\n0 " + count + b"\n" + b"".join(moved) + b"trailer" + before + b"startxref\n%d\n%%%%EOF\n" % start
    )


def _written(writer: object) -> bytes:
    found = io.BytesIO()
    writer.write(found)  # type: ignore[attr-defined]
    return found.getvalue()
