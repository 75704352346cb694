"""The settings by which people are told, as `cli/settings.py` reads them; `cli/watching.py` puts them together."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

# Processes are started in other folders than ours, so each path is made absolute where it enters.
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
Port = Annotated[int, Field(ge=1, le=65535)]
Network = IPv4Network | IPv6Network


class NoticeFields(BaseSettings):
    """Mail, webhooks, digests, thresholds of the watch."""

    smtp_host: str | None = Field(None, description="Server surel untuk pemberitahuan; bawaan: tanpa surel.")
    smtp_port: Port = Field(587, description="Port server surel.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Cara menyambung ke server surel; none hanya tanpa kata sandi."
    )
    smtp_username: str | None = Field(None, description="Nama pengguna di server surel.")
    smtp_password: SecretStr | None = Field(
        None, description="Kata sandi surel; bawaan: berkas smtp di folder kata sandi."
    )
    smtp_ca_file: Folder | None = Field(None, description="Berkas sertifikat CA server surel bila bukan CA umum.")
    smtp_sender: str | None = Field(None, description="Alamat pengirim surel; bawaan: surel pada kop instansi.")
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        7, description="Jam ringkasan pemberitahuan dikirim pada hari kerja."
    )
    webhook_networks: tuple[Network, ...] = Field(
        (), description="Jaringan dalam yang boleh dituju webhook, sebagai daftar JSON; bawaan: tidak ada."
    )
    webhook_ports: tuple[Port, ...] = Field(
        (80, 443), description="Port yang boleh dituju webhook, sebagai daftar JSON."
    )
    breaker: bool = Field(default=True, description="Partisi yang dibanjiri dijeda sampai seseorang memutuskan.")
    watch: dict[str, float] = Field(
        default_factory=dict,
        description="Ambang pengawasan yang diubah, objek JSON atau tabel [watch]; lihat jobs/watch_settings.py.",
    )
