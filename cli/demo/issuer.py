"""An issuer of certificates of one's own, for the demo and for tests: nobody else trusts it.

What it makes has the shape of what a national issuer makes for officers: a root, a certificate for signing documents,
signatures as PAdES in an incremental update.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

# Where the list of those that were taken back would be: nobody fetches it, but that there is one must be said for a
# list that lies beside the root to count.
_LIST: Final = x509.DistributionPoint(
    [x509.UniformResourceIdentifier("https://penerbit.example/dicabut.crl")], None, None, None
)
LASTS: Final = timedelta(days=730)
COUNTRY: Final = "ID"


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody with a certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuer: x509.Certificate

    def sign(
        self,
        data: bytes,
        *,
        box: tuple[int, int, int, int] | None = None,
        subfilter: str = "ETSI.CAdES.detached",
        permits: fields.MDPPerm | None = None,
    ) -> bytes:
        """The PDF with one signature more, in an incremental update; shown in a box on the first page, or nowhere.

        A signature that tells what it `permits` to be added after it certifies the file.
        """
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        name = f"TandaTangan{len(list(fields.enumerate_sig_fields(writer))) + 1}"
        if box is not None:
            fields.append_signature_field(writer, fields.SigFieldSpec(name, on_page=0, box=box))
        told = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter(f"/{subfilter}"),
            certify=permits is not None,
            docmdp_permissions=permits or fields.MDPPerm.FILL_FORMS,
        )
        signed: io.BytesIO = signers.sign_pdf(writer, told, signer=self._signer())
        return signed.getvalue()

    def _signer(self) -> signers.SimpleSigner:
        registry = SimpleCertificateStore()
        registry.register(_asn1(self.issuer))
        der = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return signers.SimpleSigner(
            signing_cert=_asn1(self.certificate), signing_key=keys.PrivateKeyInfo.load(der), cert_registry=registry
        )


@dataclass(frozen=True, slots=True)
class Issuer:
    """A root with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, name: str, *, now: datetime) -> Self:
        """A root that is its own issuer."""
        key, subject = ec.generate_private_key(ec.SECP256R1()), _name(name, "", name)
        made = _builder(subject, subject, key, now - timedelta(days=1), now + 5 * LASTS)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(made.sign(key, hashes.SHA256()), key)

    @property
    def pem(self) -> bytes:
        """The root, as an office keeps it among those it trusts."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        name: str,
        office: str,
        organisation: str,
        *,
        since: datetime,
        until: datetime | None = None,
        for_documents: bool = True,
    ) -> Signer:
        """A certificate for an officer. `for_documents`: whether it is for signing them."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(name, office, organisation), self.certificate.subject, key, since, until or since + LASTS)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(signs_documents=for_documents), critical=True)
        made = made.add_extension(x509.CRLDistributionPoints([_LIST]), critical=False)
        return Signer(made.sign(self.key, hashes.SHA256()), key, self.certificate)

    def revoked(self, *signers: Signer, now: datetime) -> bytes:
        """The list of those that it has taken back, as PEM."""
        made = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        made = made.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=30))
        for each in signers:
            one = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
            made = made.add_revoked_certificate(one.revocation_date(now - timedelta(hours=2)).build())
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _name(name: str, office: str, organisation: str) -> x509.Name:
    told = [
        (NameOID.COUNTRY_NAME, COUNTRY),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.TITLE, office),
        (NameOID.COMMON_NAME, name),
    ]
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in told if text])


def _usage(*, signs_documents: bool = False, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not (signs_documents or signs_certificates),
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
