"""The check of signed papers: what holds and what does not, each fault by its own name; hostile files cost a child."""

import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.sign.fields import MDPPerm

from cli.demo.issuer import Issuer
from sop.papers.kinds import KINDS, parties
from sop.papers.kinds import paper as paper_of
from sop.procedure import book
from sop.signatures.anchors import read_anchors
from sop.signatures.apart import examine_apart
from sop.signatures.examining import examine
from sop.signatures.kept import Kept
from sop.signatures.verdict import SENTENCES, Fault, Holds, Refused, Verdict
from tests.sop.dossiers import dossier
from tests.sop.pdfbox import PdfBox
from tests.sop.signing import (
    MARK,
    Hands,
    hung_on,
    kept,
    paper,
    rewritten,
    with_a_note,
    with_a_stamp,
    with_permissions,
    with_store,
)

FROZEN, CORRECTED = paper(), paper("Isi naskah yang diperbaiki.")
OTHER = paper("Naskah lain sama sekali.", mark="x" * 24)


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return Hands.new(tmp_path_factory.mktemp("penerbit"))


@pytest.fixture(scope="module")
def signed(hands: Hands) -> bytes:
    return hands.head.sign(FROZEN)


def judged(hands: Hands, data: bytes, papers: list[Kept] | None = None) -> Verdict:
    return examine(data, kept(FROZEN) if papers is None else papers, hands.place, hands.now + timedelta(minutes=5))


def test_a_paper_that_was_signed_byte_for_byte_is_accepted_with_who_and_when(hands: Hands) -> None:
    found = judged(hands, hands.head.sign(FROZEN))

    assert isinstance(found, Holds)
    (signature,) = found.signatures
    assert found.version == 1
    assert (signature.signer, signature.unit) == ("Ratri Contoh, S.T.", "Kepala Bidang Aptika, Pemkab Contoh")
    assert (signature.issuer, signature.stamped) == ("Penerbit Uji", False)
    assert signature.certificate == hashlib.sha256(_der(hands)).hexdigest()
    assert signature.signed_at is not None
    assert abs(signature.signed_at - hands.now) < timedelta(minutes=5)


def _der(hands: Hands) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return hands.head.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda hands: hands.head.sign(FROZEN, box=(60, 60, 240, 120)), id="shown in a box"),
        pytest.param(lambda hands: hands.second.sign(hands.head.sign(FROZEN)), id="a second signature over the first"),
        pytest.param(lambda hands: with_store(hands.head.sign(FROZEN), [_der(hands)]), id="certificates added after"),
        pytest.param(lambda hands: hands.head.sign(FROZEN, subfilter="adbe.pkcs7.detached"), id="CMS profile"),
        pytest.param(lambda hands: hands.head.sign(FROZEN, permits=MDPPerm.NO_CHANGES), id="certified, nothing after"),
        pytest.param(
            lambda hands: hands.second.sign(
                hands.head.sign(FROZEN, permits=MDPPerm.FILL_FORMS), box=(60, 60, 240, 120)
            ),
            id="certified, and a second signature that shows",
        ),
    ],
)
def test_what_signing_adds_changes_nothing_of_the_paper(hands: Hands, made: Callable[[Hands], bytes]) -> None:
    found = judged(hands, made(hands))

    assert isinstance(found, Holds), found
    assert found.version == 1


def test_a_paper_of_two_is_signed_by_two(hands: Hands) -> None:
    papers = kept(FROZEN, parties=2)
    once = hands.head.sign(FROZEN)

    both = judged(hands, hands.second.sign(once), papers)

    assert judged(hands, once, papers) == Refused(Fault.TOO_FEW, "1 dari 2")
    assert judged(hands, hands.head.sign(once), papers) == Refused(Fault.TOO_FEW, "1 dari 2")
    assert isinstance(both, Holds)
    assert [each.signer for each in both.signatures] == ["Ratri Contoh, S.T.", "Bayu Contoh"]


@pytest.mark.full
def test_what_another_maker_of_signatures_writes_is_accepted_and_a_file_written_anew_is_not(
    hands: Hands, tmp_path: Path
) -> None:
    box = PdfBox.fetched(tmp_path)
    once = box.sign(hands.head, FROZEN)

    found = judged(hands, box.sign(hands.second, once), kept(FROZEN, parties=2))

    assert b"/DocMDP" in once[len(FROZEN) :]
    assert isinstance(judged(hands, once), Holds)
    assert isinstance(found, Holds), found
    assert [each.signer for each in found.signatures] == ["Ratri Contoh, S.T.", "Bayu Contoh"]
    anew = judged(hands, box.sign(hands.head, rewritten(FROZEN)))
    assert isinstance(anew, Refused)
    assert (anew.fault, anew.about[:12]) == (Fault.REWRITTEN, "e-Office 2.1")
    assert judged(hands, box.sign(hands.head, with_a_stamp(FROZEN))) == Refused(Fault.CHANGED_BEFORE)


def test_a_file_that_the_hub_has_not_made_is_judged_by_its_signatures_alone(hands: Hands) -> None:
    found = judged(hands, hands.head.sign(OTHER), [])

    assert isinstance(found, Holds)
    assert found.version is None
    assert judged(hands, with_a_note(hands.head.sign(OTHER)), []) == Refused(Fault.CHANGED_AFTER, "Penerbit Uji")
    assert judged(hands, OTHER, []) == Refused(Fault.UNSIGNED)


def strange(hands: Hands) -> bytes:
    other = Issuer.new("Penerbit Sendiri", now=hands.now)
    return other.issue("Ratri Contoh, S.T.", "", "Pemkab", since=hands.now - timedelta(hours=1)).sign(FROZEN)


def bent(hands: Hands) -> bytes:
    """The signature's own bytes, which no digest covers, changed within."""
    data = bytearray(hands.head.sign(FROZEN))
    begin = data.index(b"/Contents <", len(FROZEN)) + len(b"/Contents <")
    at = begin + len(data[begin : data.index(b">", begin)].rstrip(b"0")) - 4  # the last of the signature's value
    data[at : at + 2] = b"00" if data[at : at + 2] != b"00" else b"11"
    return bytes(data)


def of_another_form(hands: Hands) -> bytes:
    return hands.head.sign(FROZEN).replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ")


@pytest.mark.parametrize(
    ("made", "fault", "about"),
    [
        pytest.param(lambda _: FROZEN, Fault.UNSIGNED, "", id="not signed"),
        pytest.param(lambda _: with_a_stamp(FROZEN), Fault.UNSIGNED, "", id="stamped, not signed"),
        pytest.param(lambda hands: hands.head.sign(OTHER), Fault.OTHER_PAPER, "", id="another paper"),
        pytest.param(
            lambda hands: hands.head.sign(rewritten(FROZEN)), Fault.REWRITTEN, "e-Office 2.1", id="written anew"
        ),
        pytest.param(lambda hands: hands.head.sign(with_a_stamp(FROZEN)), Fault.CHANGED_BEFORE, "", id="stamped"),
        pytest.param(lambda hands: hands.head.sign(with_a_note(FROZEN)), Fault.CHANGED_BEFORE, "", id="annotated"),
        pytest.param(lambda hands: hands.head.sign(hung_on(FROZEN, OTHER)), Fault.CHANGED_BEFORE, "", id="hung on"),
        pytest.param(
            lambda hands: with_a_note(hands.head.sign(FROZEN)), Fault.CHANGED_AFTER, "Penerbit Uji", id="noted after"
        ),
        pytest.param(
            lambda hands: with_a_stamp(hands.head.sign(FROZEN)), Fault.CHANGED_AFTER, "Penerbit Uji", id="stamped after"
        ),
        pytest.param(
            lambda hands: hands.second.sign(with_a_stamp(hands.head.sign(FROZEN))), Fault.CHANGED_AFTER, "Penerbit Uji",
            id="stamped between two signatures",
        ),
        pytest.param(
            lambda hands: hands.head.sign(with_permissions(FROZEN)), Fault.CHANGED_BEFORE, "", id="rights of nobody"
        ),
        pytest.param(lambda hands: hands.head.sign(FROZEN, box=(0, 0, 595, 400)), Fault.COVERS, "", id="covered"),
        pytest.param(bent, Fault.BROKEN, "", id="bent"),
        pytest.param(of_another_form, Fault.NOT_PADES, "", id="no PAdES"),
        pytest.param(strange, Fault.UNKNOWN_ISSUER, "Penerbit Sendiri", id="an issuer of one's own"),
        pytest.param(lambda _: FROZEN[:-200] + b"\n%%EOF\n", Fault.UNREADABLE, "PdfReadError", id="cut"),
        pytest.param(lambda _: b"%PDF-1.7\n%%EOF\n", Fault.UNREADABLE, "PdfReadError", id="nothing in it"),
    ],
)  # fmt: skip
def test_each_fault_has_its_name(hands: Hands, made: Callable[[Hands], bytes], fault: Fault, about: str) -> None:
    found = judged(hands, made(hands))

    assert isinstance(found, Refused), found
    assert found.fault is fault
    assert found.about.startswith(about)


def test_an_earlier_version_of_the_paper_is_told_by_its_number(hands: Hands) -> None:
    papers = kept(FROZEN, CORRECTED)

    newest = judged(hands, hands.head.sign(CORRECTED), papers)

    assert judged(hands, hands.head.sign(FROZEN), papers) == Refused(Fault.SUPERSEDED, "1")
    assert isinstance(newest, Holds)
    assert newest.version == 2


def test_a_certificate_counts_while_it_is_in_force_and_only_for_documents(hands: Hands) -> None:
    day = timedelta(days=1)
    over = hands.other(since=hands.now - 9 * day, until=hands.now - 2 * day)
    early = hands.other(since=hands.now + 2 * day)
    since = hands.now - timedelta(hours=6)
    machine = hands.issuer.issue("server", "", "Pemkab", since=since, for_documents=False)

    found = [judged(hands, each.sign(FROZEN)) for each in (over, early, machine)]

    assert [each.fault for each in found if isinstance(each, Refused)] == [
        Fault.EXPIRED, Fault.NOT_YET, Fault.UNSUITABLE
    ]  # fmt: skip
    ends = [each.at for each in found if isinstance(each, Refused)]
    assert ends[:2] == [over.certificate.not_valid_after_utc, early.certificate.not_valid_before_utc]


def test_a_certificate_that_was_taken_back_counts_no_more(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "uji.pem").write_bytes(hands.issuer.pem)
    (tmp_path / "dicabut.crl").write_bytes(hands.issuer.revoked(hands.second, now=hands.now))
    here = replace(hands, place=tmp_path)

    gone, still = (judged(here, each.sign(FROZEN)) for each in (hands.second, hands.head))

    assert gone == Refused(Fault.REVOKED, "Penerbit Uji")
    assert isinstance(still, Holds)


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_without_an_issuer_nothing_is_judged(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "penerbit.pem").write_bytes(content)

    with pytest.raises(ValueError):  # noqa: PT011 - of whichever reader stumbles
        read_anchors(tmp_path)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 40_000), with_what=st.binary(min_size=1, max_size=40))
def test_no_change_of_a_signed_file_is_accepted_as_something_else(
    hands: Hands, signed: bytes, at: int, with_what: bytes
) -> None:
    data = bytearray(signed)
    data[at : at + len(with_what)] = with_what

    found = judged(hands, bytes(data))

    if isinstance(found, Holds):  # the bytes were the same, or lie in the padding of the signature
        assert [each.signer for each in found.signatures] == ["Ratri Contoh, S.T."]
        assert bytes(data)[: len(FROZEN)] == FROZEN


def test_a_process_of_its_own_says_the_same(hands: Hands, signed: bytes) -> None:
    assert examine_apart(signed, kept(FROZEN), hands.place, hands.now + timedelta(minutes=5)) == judged(hands, signed)


@pytest.mark.full
def test_a_file_that_swells_is_refused_and_costs_that_process_alone(hands: Hands) -> None:
    found = examine_apart(bomb(), [], hands.place, hands.now)

    assert isinstance(found, Refused)
    assert found.fault in (Fault.TOO_MUCH, Fault.UNREADABLE)


def bomb() -> bytes:
    """A table of objects of two megabytes that unpacks to two gigabytes."""
    packing = zlib.compressobj(9)
    begin = packing.compress(bytes(1 << 24)) + packing.flush(zlib.Z_FULL_FLUSH)
    again = packing.compress(bytes(1 << 24)) + packing.flush(zlib.Z_FULL_FLUSH)
    body = begin + again * 127 + packing.flush()
    out = io.BytesIO(b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n")
    out.seek(0, io.SEEK_END)
    start = out.tell()
    head = (
        b"2 0 obj\n<</Type/XRef/W[1 8 2]/Index[0 195225786]/Size 195225786/Root 1 0 R/Filter/FlateDecode/Length %d>>\n"
    )
    out.write(head % len(body) + b"stream\n" + body + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def test_every_fault_has_a_sentence_that_says_what_to_do() -> None:
    assert set(SENTENCES) == set(Fault)
    assert [fault for fault, text in SENTENCES.items() if "ohon" not in text] == []


def test_as_many_sign_a_paper_as_it_has_room_for_and_each_signed_slot_has_its_paper() -> None:
    case = dossier()

    assert {code: len(kind.signers) for code, kind in KINDS.items()} == {
        code: parties(paper_of(kind, case).sections) for code, kind in KINDS.items()
    }
    signed = {slot.slot for stage in book().newest.stage for slot in stage.output if slot.signed}
    assert signed <= set(KINDS)
    assert MARK.encode() in FROZEN
