"""Apache PDFBox and Bouncy Castle as a second maker of signatures, on the JRE that runs Kafka.

Its example certifies the file with the first signature and permits filling and signing after it; CMS profile, no box.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from cli import settings
from cli.demo.issuer import Signer
from cli.stack import jars, kafka

LOCK = Path(__file__).parent / "java" / "pdfbox.jars.lock"
SIGN = "org.apache.pdfbox.examples.signature.CreateSignature"
PASSWORD = "uji"


@dataclass(frozen=True)
class PdfBox:
    """Its jars, and a folder for keys and files."""

    jars: tuple[Path, ...]
    place: Path

    @classmethod
    def fetched(cls, place: Path) -> "PdfBox":
        told = settings.load()
        return cls(tuple(jars.ensure(told.cache / "pdfbox", told.maven_url, lambda _done, _total: None, LOCK)), place)

    def sign(self, signer: Signer, data: bytes) -> bytes:
        """The PDF with one signature more."""
        key, file = self.place / "kunci.p12", self.place / "naskah.pdf"
        key.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"uji", signer.key, signer.certificate, [signer.issuer], BestAvailableEncryption(PASSWORD.encode())
            )
        )
        file.write_bytes(data)
        java = [str(kafka.java_home() / "bin" / "java"), "-Djava.awt.headless=true"]
        command = [*java, "-cp", ":".join(map(str, self.jars)), SIGN, key.name, PASSWORD, file.name]
        subprocess.run(command, cwd=self.place, check=True, capture_output=True, timeout=100)
        return (self.place / "naskah_signed.pdf").read_bytes()
