"""`simpul publish <opd>.<document> FILE.csv`: sends a file as one OPD."""

import gc
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from base import indonesian, instance
from cli import settings
from cli.screen import tell
from cli.server_fields import usual_protocol

app = typer.Typer()
_DOCUMENT = re.compile(r"[a-z][a-z0-9]{2,23}\.[a-z][a-z0-9-]{0,47}")
_REFUSED = 1  # exit code: some rows came back
_ZONE = "Asia/Jakarta"
_PLAIN_STEP = 0.25  # without a terminal: a line for each quarter

Epoch = Annotated[int | None, typer.Option(min=0, help="Epoch penomoran; bawaan: yang diberikan hub lewat registri.")]
Wait = Annotated[
    float, typer.Option(min=0, max=1440, help="Menit menunggu persetujuan, bila muatan ini memerlukannya.")
]


@app.command()
def publish(
    document: Annotated[str, typer.Argument(help="Dokumen sebagai <opd>.<dokumen>, misalnya disdukcapil.penduduk.")],
    file: Annotated[Path, typer.Argument(help="Berkas CSV dengan nama kolom seperti dalam kontrak.")],
    bootstrap: Annotated[str | None, typer.Option(help="Alamat Kafka (host:port).")] = None,
    username: Annotated[str | None, typer.Option(help="Nama pengguna; bawaan: opd-<opd>.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Berkas berisi kata sandi Kafka.")] = None,
    security_protocol: Annotated[
        str | None, typer.Option(help="SASL_PLAINTEXT atau SASL_SSL; bawaan: SASL_SSL di luar mesin ini.")
    ] = None,
    registry_url: Annotated[str | None, typer.Option(help="Alamat registri skema.")] = None,
    registry_user: Annotated[str | None, typer.Option(help="Pengguna registri; bawaan: nama pengguna Kafka.")] = None,
    registry_password_file: Annotated[Path | None, typer.Option(help="Berkas berisi kata sandi registri.")] = None,
    system: Annotated[str, typer.Option(help="Nama sistem pengirim.")] = "adaptor",
    zone: Annotated[
        str | None, typer.Option(help="Zona waktu untuk jam tanpa zona; bawaan: zona waktu daerah.")
    ] = None,
    epoch: Epoch = None,
    wait: Wait = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Ringkasan sebagai JSON.")] = False,
) -> None:
    """Mengirim berkas CSV. Baris yang belum dapat dikirim ditulis ke FILE.rejected.csv beserta alasannya."""
    from producers.settings import AdapterSettings

    if not _DOCUMENT.fullmatch(document):
        raise typer.BadParameter(f"{document!r} bukan <opd>.<dokumen>, misalnya disdukcapil.penduduk.")
    principal = username or f"opd-{document.partition('.')[0]}"
    told = AdapterSettings(
        kafka=_kafka(principal, bootstrap, password_file, security_protocol),
        registry=_registry(registry_user or principal, registry_url, registry_password_file),
        system=system,
        zone=zone or _zone_of_this_place(),
    )
    summary = _publish(document, file, told, epoch, wait_s=wait * 60)
    if as_json:
        typer.echo(json.dumps(asdict(summary), default=str, ensure_ascii=False))
    else:
        for line in _sentences(summary):
            typer.echo(line)
    if summary.rejected:
        raise typer.Exit(_REFUSED)


def _zone_of_this_place() -> str:
    """The zone of `instansi.toml` where there is one; an OPD's own machine has none."""
    file = settings.load().instance
    return instance.load(file).zona_waktu if file.is_file() else _ZONE


def _publish(document: str, path: Path, told: Any, epoch: int | None, *, wait_s: float) -> Any:
    """Announce the file, and send it once it may be."""
    from producers import announcing, csv_publish
    from producers.documents import contract_of
    from producers.publisher import Publisher
    from schemas.wire.registry_client import RegistryClient

    _let_objects_gather()
    zone = ZoneInfo(told.zone)
    with RegistryClient(told.registry) as registry:
        contract = contract_of(document, registry)
        file = csv_publish.examine_for(path, contract)
        numbering = registry.epoch_of(contract.subject) if epoch is None else epoch
        announced = csv_publish.announcement(file, contract, zone, system=told.system, epoch=numbering)
        load = announcing.announce(registry, contract, announced, wait_s=wait_s, told=_tell_of_waiting).load
        publisher = Publisher(told.kafka, registry, contract, system=told.system, load=load, epoch=numbering)
        with publisher, _Course() as course:
            summary = csv_publish.publish(file, publisher, zone, course)
        announcing.finish(registry, contract, load, sent=summary.sent, refused=summary.rejected)
        return summary


def _tell_of_waiting(standing: Any) -> None:
    tell(f"Muatan {standing.load} menunggu persetujuan; belum ada yang dikirim. {' '.join(standing.why)}")


def _let_objects_gather() -> None:
    """The stock collector walks all events that wait for Kafka again and again: a fifth of the whole time."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _kafka(principal: str, bootstrap: str | None, password_file: Path | None, protocol: str | None) -> Any:
    from schemas.wire.kafka import KafkaSettings

    told = settings.load()
    if bootstrap is not None:
        protocol = protocol or told.kafka_security_protocol or usual_protocol(bootstrap)
    if bootstrap is None or password_file is None:
        base = settings.kafka_settings(None, principal).model_dump()
    else:
        base = {"bootstrap": bootstrap, "username": principal, "password": "", "ca_file": told.kafka_ca_file}
    given = {
        "bootstrap": bootstrap,
        "username": principal if password_file else None,
        "security_protocol": protocol,
        "password": _secret(password_file),
    }
    return KafkaSettings.model_validate(base | {name: value for name, value in given.items() if value is not None})


def _registry(principal: str, url: str | None, password_file: Path | None) -> Any:
    from schemas.wire.registry_client import RegistrySettings

    if url is None or password_file is None:
        base = settings.registry_settings(None, principal).model_dump()
    else:
        base = {"url": url, "user": principal, "password": ""}
    given = {"url": url, "user": principal if password_file else None, "password": _secret(password_file)}
    return RegistrySettings.model_validate(base | {name: value for name, value in given.items() if value is not None})


def _secret(path: Path | None) -> SecretStr | None:
    if path is None:
        return None
    try:
        return SecretStr(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise typer.BadParameter(f"Berkas kata sandi {path} tidak dapat dibaca: {error.strerror}.") from error


class _Course:
    """The course of the publication: a bar on a terminal, plain lines otherwise; on stderr."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._show(done, total)
        elif total and done / total >= self._told:
            tell(f"{indonesian.number(done)} dari {indonesian.number(total)} baris")
            self._told += _PLAIN_STEP

    def _show(self, done: int, total: int) -> None:
        if self._bar is None:
            columns = (TextColumn("Mengirim"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)


def _sentences(summary: Any) -> list[str]:
    """The summary for a person."""
    number = indonesian.number
    lines = [
        f"{number(summary.rows)} baris dibaca: {number(summary.sent)} terkirim, "
        f"{number(summary.rejected)} belum dapat dikirim ({indonesian.duration(summary.seconds)})."
    ]
    if summary.rejected:
        lines += [f"  {code}: {number(count)} baris" for code, count in summary.codes.items()]
        lines.append(
            f"Baris yang belum dapat dikirim dan alasannya ada di {summary.rejected_file}. "
            "Mohon perbaiki di sistem asal, lalu kirim lagi."
        )
    return lines
