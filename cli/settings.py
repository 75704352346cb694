"""The settings of Simpul: the one place that reads the environment and puts together what each room is told. Nothing of
the hub is imported before its settings are asked for, so that the small install at an OPD stays small."""

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from cli.notice_fields import Folder, NoticeFields, Port
from cli.page_fields import PageFields
from cli.server_fields import ServerFields, signed_in
from cli.stack import ports
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.layout import Layout
from cli.stack.passwords import CREDENTIAL_SEAL, password

if TYPE_CHECKING:
    import dashboard.settings
    import registry.settings
    from consumers.settings import FactsSettings, IntakeSettings, PublicationSettings
    from identity.pseudonyms import Pseudonyms
    from jobs.settings import JobsSettings
    from schemas.wire.kafka import KafkaSettings
    from schemas.wire.registry_client import RegistrySettings

ROOT = Path(__file__).resolve().parent.parent
REGISTRY_ADMIN = KAFKA_ADMIN = "admin"
PSEUDONYMS = "pseudonyms"  # the secret that must never change
DATABASE = "simpul"  # of the local stack


def users_cache() -> Path:
    """The user's cache folder by the XDG base directory specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "simpul"


class Settings(ServerFields, NoticeFields, PageFields):
    """Each is an environment variable (prefix SIMPUL_) or a key of `simpul.toml`; the environment wins."""

    model_config = SettingsConfigDict(
        env_prefix="SIMPUL_", extra="forbid", frozen=True, toml_file=ROOT / "simpul.toml", env_ignore_empty=True
    )

    home: Folder = Field(ROOT / ".simpul", description="Folder keadaan: port, kata sandi, log, dan data stack lokal.")
    demo_home: Folder = Field(ROOT / ".simpul-demo", description="Folder keadaan peragaan ('demo').")
    bench_home: Folder = Field(ROOT / ".simpul-bench", description="Folder keadaan pengukuran ('bench').")
    cache: Folder = Field(
        default_factory=users_cache,
        description="Folder unduhan (berkas Apache Kafka); bawaan: simpul di bawah XDG_CACHE_HOME atau ~/.cache.",
    )
    maven_url: str | None = Field(
        None, description="Alamat repositori Maven tempat berkas Apache Kafka diunduh; bawaan: Maven Central."
    )
    kafka_port: Port | None = Field(None, description="Port Kafka; bawaan: dipilih sendiri dan diingat.")
    controller_port: Port | None = Field(None, description="Port pengendali Kafka; bawaan: dipilih sendiri.")
    postgres_port: Port | None = Field(None, description="Port PostgreSQL; bawaan: dipilih sendiri.")
    registry_port: Port | None = Field(None, description="Port registri skema; bawaan: dipilih sendiri.")
    web_port: Port | None = Field(None, description="Port halaman web; bawaan: dipilih sendiri.")
    host: str = Field(ports.HOST, description="Alamat tempat registri dan halaman web mendengarkan.")
    secrets: Folder | None = Field(None, description="Folder kata sandi; bawaan: secrets di folder keadaan.")
    instance: Folder = Field(ROOT / "instansi.toml", description="Berkas ciri daerah (instansi.toml).")
    anchors: Folder | None = Field(
        None, description="Folder jangkar audit, sebaiknya di luar mesin ini; bawaan: anchors di folder keadaan."
    )
    jobs_threads: Annotated[int, Field(ge=1, le=32)] = Field(
        4, description="Pekerjaan latar yang dikerjakan satu proses pada saat yang sama."
    )
    jobs_lease_s: Annotated[float, Field(gt=0)] = Field(
        5.0, description="Detik tanpa kabar sebelum pekerjaan suatu proses diambil alih proses lain."
    )
    contracts: Folder = Field(ROOT / "schemas" / "avro", description="Folder kontrak dokumen pertukaran.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Rincian log proses hub.")
    faults: str = Field("", description="Titik gangguan yang dipasang, hanya untuk pengujian.")
    demo_left_out: int = Field(
        0, ge=0, description="Jumlah kejadian yang direncanakan tetapi tidak dikirim peragaan, hanya untuk pengujian."
    )
    ci: bool = Field(
        default=False,
        validation_alias="CI",
        description="Variabel CI: bila true, tes yang dilewati dihitung gagal.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def wanted_ports(self) -> dict[str, int | None]:
        """Ports that were set by hand, by the names of `cli/stack/ports.py`."""
        return {name: getattr(self, f"{name}_port") for name in ports.NAMES}

    @property
    def secrets_folder(self) -> Path:
        return self.secrets or Layout(self.home).secrets


def load(home: Path | None = None) -> Settings:
    """The settings of this process; `home` instead of the one that is set."""
    return Settings() if home is None else Settings(home=home)


def load_demo() -> Settings:
    """The settings of the demo, which has a state folder of its own."""
    return of_local_stack(load().demo_home)


def load_bench() -> Settings:
    """The settings of the measurements, which have a state folder of their own and flood it on purpose."""
    return of_local_stack(load().bench_home).model_copy(update={"breaker": False})


def of_local_stack(home: Path) -> Settings:
    """The settings of what empties its hub as it likes. Raises StackError where they name somebody's servers."""
    settings = load(home)
    if settings.elsewhere:
        raise StackError(
            f"Peragaan dan pengukuran berjalan pada stack lokal saja. Hapus dulu {', '.join(settings.elsewhere)}."
        )
    return settings


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process of ours that works on `home`."""
    return {**os.environ, "SIMPUL_HOME": str(home), "PYTHONPATH": python_path(), **more}


def threads_for_columns(most: int) -> None:
    """Let polars have so many threads in this process, or one for each processor; it reads this when it is imported.

    The intake has threads of its own, which share these: with one they wait for each other, and with more than
    processors they stand in each other's way (docs/decisions/0007).
    """
    os.environ.setdefault("POLARS_MAX_THREADS", str(min(most, os.cpu_count() or 1)))


def python_path() -> str:
    """Where our packages are found, whatever folder a process is started in."""
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))


def port_of(settings: Settings, name: str) -> int:
    """The port of a part of the local stack. Raises StackUnreachable when it was never started."""
    wanted = settings.wanted_ports[name]
    port = wanted or ports.remembered(Layout(settings.home).ports).get(name)
    if port is None:
        raise StackUnreachable(f"Simpul belum pernah dinyalakan pada folder {settings.home}. Jalankan './simpul up'.")
    return port


def web_url(settings: Settings) -> str:
    return f"http://{ports.HOST}:{port_of(settings, 'web')}/"


def kafka_settings(home: Path | None, principal: str) -> "KafkaSettings":
    """A principal's way to Kafka: what is set, else the local stack's."""
    from schemas.wire.kafka import KafkaSettings

    settings = load(home)
    name, secret = settings.kafka_username or principal, settings.kafka_password
    if principal == KAFKA_ADMIN and settings.kafka_bootstrap is not None and settings.kafka_username is None:
        name, secret = settings.kafka_admin, settings.kafka_admin_password
    return KafkaSettings(
        bootstrap=settings.kafka_bootstrap or f"{ports.HOST}:{port_of(settings, 'kafka')}",
        username=name,
        password=secret or password(settings.secrets_folder, f"kafka-{name}"),
        security_protocol=settings.kafka_protocol,
        ca_file=settings.kafka_ca_file,
    )


def dsn(home: Path | None, role: str, database: str | None = None) -> SecretStr:
    """A role's connection string, to the hub's database unless another is named."""
    settings = load(home)
    secret = password(settings.secrets_folder, f"postgres-{role}")
    url = settings.database_url or f"postgresql://{ports.HOST}:{port_of(settings, 'postgres')}/{DATABASE}"
    return signed_in(url, role, secret, database)


def registry_settings(home: Path | None, user: str = REGISTRY_ADMIN) -> "RegistrySettings":
    """A user's way to the registry: what is set, else the local stack's."""
    from schemas.wire.registry_client import RegistrySettings

    settings = load(home)
    return RegistrySettings(
        url=settings.registry_url or f"http://{ports.HOST}:{port_of(settings, 'registry')}",
        user=settings.registry_user or user,
        password=settings.registry_password or password(settings.secrets_folder, f"registry-{user}"),
    )


def registry_server_settings(home: Path | None) -> "registry.settings.Settings":
    import registry.settings
    from base import instance

    settings = load(home)
    opds = {document.partition(".")[0] for document in instance.load(settings.instance).dokumen.aktif}
    users = {REGISTRY_ADMIN, "hub-intake", *(f"opd-{opd}" for opd in opds)}
    return registry.settings.Settings(
        dsn=dsn(home, "simpul_registry"),
        users={user: password(settings.secrets_folder, f"registry-{user}") for user in sorted(users)},
        writers=frozenset({REGISTRY_ADMIN}),
        pages_url=settings.public_url or "",
    )


def intake_settings(home: Path | None) -> "IntakeSettings":
    from base import instance
    from consumers.settings import BreakerSettings, IntakeSettings, LocalMarks

    here = instance.load(load(home).instance)
    return IntakeSettings(
        kafka=kafka_settings(home, "hub-intake"),
        dsn=dsn(home, "simpul_intake"),
        registry=registry_settings(home, "hub-intake"),
        worker=f"{socket.gethostname()}-{os.getpid()}",
        time_zone=here.zona_waktu,
        local=LocalMarks(kode_pos=here.kode_pos, kode_bps=here.kode_bps, setempat=here.setempat),
        breaker=BreakerSettings() if load(home).breaker else None,
        faults=load(home).faults,
    )


def publication_settings(home: Path | None) -> "PublicationSettings":
    from consumers.settings import PublicationSettings

    return PublicationSettings(
        kafka=kafka_settings(home, "hub-publisher"), dsn=dsn(home, "simpul_publisher"), faults=load(home).faults
    )


def facts_settings(home: Path | None) -> "FactsSettings":
    from base import instance
    from consumers.settings import FactsSettings

    here = instance.load(load(home).instance)
    return FactsSettings(
        kafka=kafka_settings(home, "hub-publisher"),
        dsn=dsn(home, "simpul_publisher"),
        namespace=here.namespace,
        time_zone=here.zona_waktu,
    )


def jobs_settings(home: Path | None) -> "JobsSettings":
    from base import instance
    from jobs.settings import JobsSettings

    settings = load(home)
    return JobsSettings(
        dsn=dsn(home, "simpul_jobs"),
        worker=f"{socket.gethostname()}-{os.getpid()}",
        time_zone=instance.load(settings.instance).zona_waktu,
        threads=settings.jobs_threads,
        lease_s=settings.jobs_lease_s,
        faults=settings.faults,
    )


def audit_anchors(home: Path | None) -> tuple[Path, SecretStr]:
    """Where the anchors of the audit are kept, and the key of their seals, which no database holds."""
    settings = load(home)
    return settings.anchors or Layout(settings.home).anchors, password(settings.secrets_folder, "audit-anchor")


def pseudonyms(home: Path | None) -> "Pseudonyms":
    """What makes pseudonyms of persons. Raises StackError where their secret is not: a new one would find nothing."""
    from identity.pseudonyms import Pseudonyms

    file = load(home).secrets_folder / PSEUDONYMS
    if not file.exists():
        raise StackError(f"Berkas rahasia {file} tidak ada; pakai folder rahasia hub (SIMPUL_SECRETS).")
    return Pseudonyms(password(file.parent, PSEUDONYMS))


def dashboard_settings(home: Path | None) -> "dashboard.settings.Settings":
    import dashboard.settings
    from base import instance
    from cli.hub_access import pages_url
    from identity.passwords import Policy

    settings = load(home)
    return dashboard.settings.Settings(
        dsn=dsn(home, "simpul_web"),
        kafka=kafka_settings(home, "hub-web"),
        instance=instance.load(settings.instance),
        password_policy=Policy(settings.password_least, settings.password_mix),
        credential_seal=password(settings.secrets_folder, CREDENTIAL_SEAL),
        public_url=pages_url(settings),
        signature_anchors=settings.signature_anchors or Layout(settings.home).issuers,
    )
