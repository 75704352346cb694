"""The settings that say where Kafka, PostgreSQL and the registry are, when they are not those of the local stack."""

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from cli.notice_fields import Folder

# What an address may say besides the place: the ways of TLS, and which of several servers is wanted.
OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})

# Passwords of the logins that set servers up: no process of the hub needs them.
SET_UP = frozenset({"SIMPUL_KAFKA_ADMIN_PASSWORD", "SIMPUL_DATABASE_ADMIN_PASSWORD"})


def database_address(url: str) -> str:
    """The address as it is used: checked, and with TLS that knows the server unless it says otherwise."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if parts.scheme not in ("postgresql", "postgres") or not parts.netloc or not parts.path.strip("/"):
        raise ValueError("perlu berbentuk postgresql://server:port/basisdata")
    if "@" in parts.netloc:
        raise ValueError(
            "tidak boleh memuat pengguna atau kata sandi; pakai SIMPUL_DATABASE_ADMIN dan folder kata sandi"
        )
    if unknown := options.keys() - OPTIONS:
        raise ValueError(f"pilihan tidak dikenal: {', '.join(sorted(unknown))}")
    if "sslmode" not in options and not all(is_here(server) for server in parts.netloc.split(",")):
        options["sslmode"] = "verify-full"
    query = f"?{urlencode(options)}" if options else ""
    return f"postgresql://{parts.netloc}/{parts.path.strip('/')}{query}"


def is_here(server: str) -> bool:
    """Whether `host:port` is on this machine, so that nobody listens on the way."""
    host = server.rpartition(":")[0] if not server.endswith("]") and ":" in server else server
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def usual_protocol(bootstrap: str) -> Literal["SASL_PLAINTEXT", "SASL_SSL"]:
    """How Kafka is reached where nothing is said."""
    return "SASL_PLAINTEXT" if all(is_here(server.strip()) for server in bootstrap.split(",")) else "SASL_SSL"


class ServerFields(BaseSettings):
    """Kafka, PostgreSQL, registry."""

    kafka_bootstrap: str | None = Field(
        None, description="Alamat Kafka (server:port, beberapa dipisah koma) bila bukan dari stack lokal."
    )
    kafka_security_protocol: Literal["SASL_PLAINTEXT", "SASL_SSL"] | None = Field(
        None, description="Cara menyambung ke Kafka; bawaan: SASL_SSL, kecuali Kafka ada di mesin ini."
    )
    kafka_ca_file: Folder | None = Field(None, description="Berkas sertifikat CA Kafka bila bukan CA umum.")
    kafka_admin: str = Field(
        "admin", description="Pengguna Kafka yang membuat topik, pengguna, dan hak; di stack lokal selalu admin."
    )
    kafka_admin_password: SecretStr | None = Field(
        None, description="Kata sandi pengguna itu; bawaan: berkas kafka-<pengguna> di folder kata sandi."
    )
    kafka_username: str | None = Field(None, description="Nama pengguna Kafka; bawaan: sesuai tugas prosesnya.")
    kafka_password: SecretStr | None = Field(None, description="Kata sandi Kafka; bawaan: dari folder kata sandi.")
    database_url: Annotated[str, AfterValidator(database_address)] | None = Field(
        None,
        description="Alamat basis data hub bila bukan dari stack lokal: postgresql://server:port/nama, tanpa pengguna; "
        "boleh dengan ?sslmode= dan &sslrootcert=. Bawaan sslmode di luar mesin ini: verify-full.",
    )
    database_admin: str | None = Field(
        None,
        description="Pengguna PostgreSQL yang membuat peran dan basis data hub; bawaan: keduanya sudah dibuat.",
    )
    database_admin_password: SecretStr | None = Field(
        None, description="Kata sandi pengguna itu; bawaan: berkas postgres-<pengguna> di folder kata sandi."
    )
    registry_url: str | None = Field(None, description="Alamat registri skema bila bukan dari stack lokal.")
    registry_user: str | None = Field(None, description="Nama pengguna registri; bawaan: sesuai tugas prosesnya.")
    registry_password: SecretStr | None = Field(
        None, description="Kata sandi registri; bawaan: dari folder kata sandi."
    )

    @property
    def elsewhere(self) -> list[str]:
        """The settings that name a server outside the local stack."""
        names = ("kafka_bootstrap", "database_url", "registry_url")
        return [f"SIMPUL_{name.upper()}" for name in names if getattr(self, name) is not None]

    @property
    def kafka_protocol(self) -> Literal["SASL_PLAINTEXT", "SASL_SSL"]:
        """How Kafka is reached: what is set, else with TLS unless it is on this machine."""
        return self.kafka_security_protocol or usual_protocol(self.kafka_bootstrap or "localhost")


def signed_in(url: str, role: str, secret: SecretStr, database: str | None = None) -> SecretStr:
    """The address with a role and its password; `database` instead of its own."""
    parts = urlsplit(url)
    who = f"{quote(role, safe='')}:{quote(secret.get_secret_value(), safe='')}"
    name = parts.path.lstrip("/") if database is None else quote(database, safe="")
    return SecretStr(f"postgresql://{who}@{parts.netloc}/{name}{'?' + parts.query if parts.query else ''}")
