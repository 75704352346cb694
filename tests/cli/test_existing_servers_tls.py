"""The same over TLS: the hub works through it, and does not go where the certificate is not to be trusted."""

import datetime
import ipaddress
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli import main, settings
from cli.stack import kafka
from cli.stack.local import Stack
from cli.stack.processes import Child
from tests.cli.elsewhere import DATABASE, Elsewhere, forget, must_be_refused
from tests.cli.tls_door import door

Told = Callable[[Path, Path], dict[str, str]]

TLS_OF_KAFKA = """
ssl.keystore.type=PEM
ssl.keystore.location={chain}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates; `file` is what its clients trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    file: Path

    def sign(self, host: str) -> bytes:
        """Key and certificate of a server, as one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        signed = builder(host, self.certificate.subject, key).add_extension(names, critical=False)
        return pem(key) + pem(signed.sign(self.key, hashes.SHA256())) + pem(self.certificate)


def authority(folder: Path, name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = builder(name, subject, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signing = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = made.add_extension(signing, critical=True).sign(key, hashes.SHA256())
    file = folder / f"{name}.pem"
    file.write_bytes(pem(certificate))
    return Authority(key, certificate, file)


def builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )


def pem(of: ec.EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    if isinstance(of, x509.Certificate):
        return of.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    return of.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="simpul-tls-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def trusted(folder: Path) -> Authority:
    return authority(folder, "trusted")


@pytest.fixture(scope="module")
def servers(folder: Path, trusted: Authority) -> Iterator[Stack]:
    """A Kafka that speaks TLS only, and a PostgreSQL."""
    running = Stack(settings.load(folder / "state"))
    try:
        running.start_services()
        forget(running, "simpul")
        kafka_with_tls(running, trusted)
        yield running
    finally:
        running.stop()
        running.destroy()


def kafka_with_tls(servers: Stack, trusted: Authority) -> None:
    classes = kafka.class_path(servers.settings.cache / "kafka", None, lambda *_: None)
    running = servers.services["kafka"]
    running.ask_to_stop()
    running.popen.wait(30)
    chain = servers.layout.kafka / "server.pem"
    chain.write_bytes(trusted.sign("127.0.0.1"))
    file = kafka.configuration(servers.layout)
    text = file.read_text().replace("CLIENT:SASL_PLAINTEXT", "CLIENT:SASL_SSL")
    file.write_text(text + TLS_OF_KAFKA.format(chain=chain, ca=trusted.file))
    again = servers.add(servers.services, Child(kafka.program(servers.layout, classes)))
    tls = servers.kafka().model_copy(update={"security_protocol": "SASL_SSL", "ca_file": trusted.file})
    kafka.wait(tls, again, Event(), 60)


@pytest.fixture(scope="module")
def postgres_port(folder: Path, trusted: Authority, servers: Stack) -> Iterator[int]:
    """Where PostgreSQL is to be had over TLS."""
    file = folder / "postgres.pem"
    file.write_bytes(trusted.sign("127.0.0.1"))
    with door(file, servers.ports["postgres"]) as port:
        yield port


@pytest.fixture
def elsewhere(servers: Stack, tmp_path: Path) -> Elsewhere:
    return Elsewhere(servers, tmp_path / "home")


@pytest.fixture
def told(postgres_port: int) -> Told:
    """Settings with the two files of authorities: Kafka's and PostgreSQL's."""

    def settings_with(kafka_ca: Path, postgres_ca: Path) -> dict[str, str]:
        return {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_CA_FILE": str(kafka_ca),
            "DATABASE_URL": f"postgresql://127.0.0.1:{postgres_port}/{DATABASE}"
            f"?sslmode=verify-full&sslrootcert={postgres_ca}",
        }

    return settings_with


@pytest.mark.full
def test_the_hub_works_over_tls(elsewhere: Elsewhere, trusted: Authority, told: Told) -> None:
    try:
        status, running = elsewhere.run_once(**told(trusted.file, trusted.file))
    finally:
        elsewhere.simpul("down")
        forget(elsewhere.servers, DATABASE)

    assert status["worker"] == {"running": True, "lag": 0, "resting": 0}
    assert status["kafka"]["security_protocol"] == "SASL_SSL"
    assert "sslmode=verify-full" in status["postgres"]["dsn"]
    assert {"worker", "publisher", "stages", "web", "jobs", "registry"} < running


def test_a_certificate_of_another_authority_is_not_trusted(
    elsewhere: Elsewhere, trusted: Authority, told: Told, tmp_path: Path
) -> None:
    strange = authority(tmp_path, "strange").file

    must_be_refused(elsewhere, main.REFUSED, "Sertifikat TLS Kafka", **told(strange, trusted.file))
    must_be_refused(elsewhere, main.REFUSED, "Sertifikat TLS PostgreSQL", **told(trusted.file, strange))


@pytest.mark.full
def test_an_authoritys_file_that_is_none(elsewhere: Elsewhere, trusted: Authority, told: Told, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for wrong in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        must_be_refused(elsewhere, main.REFUSED, "SIMPUL_KAFKA_CA_FILE", str(wrong), **told(wrong, trusted.file))
        must_be_refused(elsewhere, main.REFUSED, "sslrootcert", str(wrong), **told(trusted.file, wrong))


@pytest.mark.full
def test_a_name_that_the_certificate_does_not_bear(elsewhere: Elsewhere, trusted: Authority, told: Told) -> None:
    by_name = {
        name: value.replace("//127.0.0.1:", "//localhost:") for name, value in told(trusted.file, trusted.file).items()
    }

    must_be_refused(elsewhere, main.REFUSED, "Sertifikat TLS PostgreSQL di localhost", **by_name)


def test_kafka_that_wants_tls_is_not_spoken_to_without(elsewhere: Elsewhere) -> None:
    must_be_refused(
        elsewhere, main.REFUSED, "SIMPUL_KAFKA_SECURITY_PROTOCOL=SASL_SSL", KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT"
    )
