"""The check of a signed PDF, offline: that these very bytes were signed, by whom, and that nothing else was changed.

A frozen paper is the beginning of its signed file, byte for byte; what follows is incremental updates (ISO 32000-2,
7.5.6) that may add signatures, what is needed to judge them later (DSS), and time stamps, and nothing else. Issuers are
those that the office trusts. Run on foreign files by `sop/signatures/apart.py` only.
"""

import asyncio
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from sop.signatures.additions import AFTER, BEFORE
from sop.signatures.anchors import Anchors, read_anchors
from sop.signatures.kept import Kept
from sop.signatures.verdict import LONGEST_NAME, Fault, Holds, Refused, Signature, Verdict

PADES: Final = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})  # ETSI EN 319 142-1, and its CMS profile
STAMP: Final = "/ETSI.RFC3161"  # of a time-stamping authority upon the whole file
USAGE: Final = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
LARGEST_MARK: Final = 125_000.0  # square points: a quarter of an A4 page
_UNIT: Final = ("title", "organizational_unit_name", "organization_name")


def examine(data: bytes, papers: Sequence[Kept], anchors: Path, now: datetime) -> Verdict:
    """What the file's signatures are worth now. Texts of the verdict are the file's own, cut off but not cleaned.

    `papers` are the frozen versions of the paper that it has to be, oldest first; none for a file that the hub has not
    made. Whatever is wrong with the file is a Refused; an OSError or ValueError is of the anchors.
    """
    trusted = read_anchors(anchors)
    try:
        return _judge(data, papers, trusted, now)
    except (MemoryError, RecursionError):
        return Refused(Fault.TOO_MUCH)
    except Exception as error:  # noqa: BLE001 - a hostile file makes a reader of others raise anything
        return Refused(Fault.UNREADABLE, type(error).__name__)


def _judge(data: bytes, papers: Sequence[Kept], trusted: Anchors, now: datetime) -> Verdict:
    reader = PdfFileReader(io.BytesIO(data))
    if reader.encrypted:
        return Refused(Fault.UNREADABLE)
    forms = {
        str(value.get_object().get("/SubFilter")) for _, value, _ in enumerate_sig_fields(reader, filled_status=True)
    }
    if not forms - {STAMP}:
        return Refused(Fault.UNSIGNED)
    if not forms <= {STAMP, *PADES}:  # the reader passes over those that it does not know
        return Refused(Fault.NOT_PADES)
    found = [each for each in reader.embedded_signatures if each.sig_object_type == "/Sig"]
    paper = _paper(data, papers)
    if papers:
        wrong = _wrong_paper(reader, found[0], data, papers, paper)
        if wrong is not None:
            return wrong
    signatures = []
    for each in found:
        judged = _signature(reader, each, trusted, now, is_last=each is found[-1])
        if isinstance(judged, Refused):
            return judged
        signatures.append(judged)
    hands = len({each.certificate for each in signatures})
    if paper is not None and hands < paper.parties:
        return Refused(Fault.TOO_FEW, f"{hands} dari {paper.parties}")
    return Holds(tuple(signatures), None if paper is None else paper.version)


def _paper(data: bytes, papers: Sequence[Kept]) -> Kept | None:
    """The newest version with which the file begins."""
    for each in reversed(papers):
        if len(data) > each.size and sha256(memoryview(data)[: each.size]).hexdigest() == each.sha256:
            return each
    return None


def _wrong_paper(
    reader: PdfFileReader, first: EmbeddedPdfSignature, data: bytes, papers: Sequence[Kept], paper: Kept | None
) -> Refused | None:
    """Why this is not the newest version as it was frozen; None if it is."""
    if paper is None:
        if any(each.mark in text for each in papers for text in _metadata(reader)):
            return Refused(Fault.REWRITTEN, _writer(reader))
        return Refused(Fault.OTHER_PAPER)
    if paper is not papers[-1]:
        return Refused(Fault.SUPERSEDED, str(paper.version))
    if not _begins_with(reader, data[: paper.size]) or _is_changed_before(reader, first):
        return Refused(Fault.CHANGED_BEFORE)
    if any(_area(rect) > LARGEST_MARK for rect in _marks(reader)):
        return Refused(Fault.COVERS)
    return None


def _begins_with(reader: PdfFileReader, frozen: bytes) -> bool:
    """Whether the first revision that the reader knows is the frozen file, not a file that was hung on after it."""
    alone = PdfFileReader(io.BytesIO(frozen)).xrefs
    both = reader.xrefs
    return bool(
        alone.total_revisions == 1 and alone.get_startxref_for_revision(0) == both.get_startxref_for_revision(0)
    )


def _is_changed_before(reader: PdfFileReader, first: EmbeddedPdfSignature) -> bool:
    """Whether anything but a signature's field came between the frozen revision and what was signed first."""
    frozen = reader.get_historical_resolver(0)
    for revision in range(1, first.signed_revision + 1):
        try:
            found = BEFORE.apply(frozen, reader.get_historical_resolver(revision))
        except SuspiciousModification:
            return True
        if found.modification_level > ModificationLevel.FORM_FILLING:
            return True
    return False


def _signature(
    reader: PdfFileReader,
    found: EmbeddedPdfSignature,
    trusted: Anchors,
    now: datetime,
    *,
    is_last: bool,
) -> Signature | Refused:
    try:
        status = _status(reader, found, trusted, now)
        stamp = status.timestamp_validity
        if stamp is not None and stamp.trusted:
            status = _status(reader, found, trusted, stamp.timestamp)
    except SignatureValidationError:
        return Refused(Fault.BROKEN)
    fault = _fault(status, is_last=is_last)
    certificate = status.signing_cert
    if fault in (Fault.EXPIRED, Fault.UNKNOWN_ISSUER) and status.validation_path is not None:  # the issuer is known
        if certificate.not_valid_before > now:
            return Refused(Fault.NOT_YET, at=certificate.not_valid_before)
        if certificate.not_valid_after < now:
            return Refused(Fault.EXPIRED, at=certificate.not_valid_after)
    if fault is not None:
        return Refused(fault, _told(certificate.issuer, ("common_name", "organization_name")))
    return Signature(
        signer=_told(certificate.subject, ("common_name",)),
        unit=_told(certificate.subject, _UNIT),
        issuer=_told(certificate.issuer, ("common_name", "organization_name")),
        certificate=certificate.sha256.hex(),
        signed_at=status.signer_reported_dt if stamp is None or not stamp.trusted else stamp.timestamp,
        stamped=stamp is not None and stamp.trusted,
    )


def _status(
    reader: PdfFileReader, found: EmbeddedPdfSignature, trusted: Anchors, moment: datetime
) -> PdfSignatureStatus:
    """As of a moment; what the file itself brings of lists and answers about certificates counts too."""
    told: dict[str, Any] = {
        "trust_roots": list(trusted.issuers),
        "crls": list(trusted.revoked),
        "allow_fetching": False,
        "revocation_mode": "soft-fail",
        "moment": moment,
    }
    try:
        context = DocumentSecurityStore.read_dss(reader).as_validation_context(told)
    except NoDSSFoundError:
        context = ValidationContext(**told)
    return asyncio.run(async_validate_pdf_signature(found, context, diff_policy=AFTER, key_usage_settings=USAGE))


def _fault(status: PdfSignatureStatus, *, is_last: bool) -> Fault | None:
    """What is wrong with it, the gravest first."""
    if not status.intact or not status.valid:
        return Fault.BROKEN
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return Fault.CHANGED_AFTER
    changes, most = status.diff_result, ModificationLevel.LTA_UPDATES if is_last else ModificationLevel.FORM_FILLING
    if not isinstance(changes, DiffResult) or changes.modification_level > most or not status.docmdp_ok:
        return Fault.CHANGED_AFTER
    if status.trusted:
        return None
    if status.revoked:
        return Fault.REVOKED
    known = status.trust_problem_indic
    return _FAULTS.get(getattr(known, "name", ""), Fault.UNKNOWN_ISSUER)  # an enumeration that is typed as none


# By the sub-indications of ETSI EN 319 102-1, 5.1.3.
_FAULTS: Final[Mapping[str, Fault]] = {
    "REVOKED": Fault.REVOKED,
    "REVOKED_NO_POE": Fault.REVOKED,
    "REVOKED_CA_NO_POE": Fault.REVOKED,
    "EXPIRED": Fault.EXPIRED,
    "NOT_YET_VALID": Fault.EXPIRED,
    "OUT_OF_BOUNDS_NO_POE": Fault.EXPIRED,
    "OUT_OF_BOUNDS_NOT_REVOKED": Fault.EXPIRED,
    "CHAIN_CONSTRAINTS_FAILURE": Fault.UNSUITABLE,
    "CRYPTO_CONSTRAINTS_FAILURE": Fault.WEAK,
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": Fault.WEAK,
}


def _told(name: x509.Name, parts: Sequence[str]) -> str:
    """What a name in a certificate says."""
    native = name.native
    found: list[str] = []
    for part in parts:
        value = native.get(part)
        found += [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    return ", ".join(dict.fromkeys(found))[:LONGEST_NAME]


def _metadata(reader: PdfFileReader) -> Iterator[str]:
    """Texts that an application which writes a file anew takes along: its description, old and new."""
    yield from (str(value) for value in _info(reader).values())
    described = reader.root.get("/Metadata")
    if described is not None:
        yield described.get_object().data.decode("utf-8", "replace")


def _writer(reader: PdfFileReader) -> str:
    """The application that says that it has written the file."""
    return str(_info(reader).get("/Producer", ""))[:60]


def _info(reader: PdfFileReader) -> Mapping[str, Any]:
    found: Mapping[str, Any] = reader.trailer["/Info"] if "/Info" in reader.trailer else {}  # noqa: SIM401 - it has no `get`
    return found


def _marks(reader: PdfFileReader) -> Iterator[Sequence[float]]:
    """The rectangles in which signatures show themselves, of fields and of the fields under them."""
    for each in reader.embedded_signatures:
        field = each.sig_field
        for widget in (field, *(kid.get_object() for kid in field.get("/Kids", ()))):
            if "/Rect" in widget:
                yield [float(side) for side in widget["/Rect"]]


def _area(rect: Sequence[float]) -> float:
    left, bottom, right, top = rect
    return abs(right - left) * abs(top - bottom)
