"""The settings of Simpul: the one place that reads the environment and the settings file."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "simpul.toml"
Port = Annotated[int, Field(ge=1, le=65535)]
# Processes are started in other folders than ours, so each path is made absolute where it enters.
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


def users_cache() -> Path:
    """The user's cache folder by the XDG base directory specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "simpul"


class Settings(BaseSettings):
    """Each is an environment variable (prefix SIMPUL_) or a key of `simpul.toml`; the environment wins."""

    model_config = SettingsConfigDict(
        env_prefix="SIMPUL_", extra="forbid", frozen=True, toml_file=FILE, env_ignore_empty=True
    )

    home: Folder = Field(ROOT / ".simpul", description="Folder keadaan: port, kata sandi, log, dan data stack lokal.")
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
    instance: Folder = Field(ROOT / "instansi.toml", description="Berkas ciri daerah (instansi.toml).")
    contracts: Folder = Field(ROOT / "schemas" / "avro", description="Folder kontrak dokumen pertukaran.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Rincian log proses hub.")
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
