"""The command line: which commands there are, and how their errors end.

A command's module is imported only when that command is called, so that the small install at an OPD never meets
a package of the hub, and a new command is one row of COMMANDS.
"""

import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import typer
from pydantic import ValidationError

from cli.loading import loading

DONE, REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command stands (`module:attribute`, a function or a Typer with several) and what it is for."""

    place: str
    help: str
    hidden: bool = False


COMMANDS = {
    "demo": Command("cli.commands.demo:app", "Menjalankan peragaan lengkap dari nol."),
    "up": Command("cli.commands.up:up", "Menyalakan Kafka, PostgreSQL, dan semua proses hub."),
    "down": Command("cli.commands.down:down", "Menghentikan semua yang dinyalakan 'up'."),
    "status": Command("cli.commands.status:status", "Menunjukkan apa yang berjalan dan di mana alamatnya."),
    "check": Command("cli.commands.check:check", "Memeriksa apakah semua pesan tercatat tepat sekali."),
    "publish": Command("cli.commands.publish:app", "Mengirim berkas CSV sebagai satu OPD."),
    "jobs": Command("cli.commands.jobs:app", "Menunjukkan dan mengatur pekerjaan latar."),
    "notices": Command("cli.commands.notices:app", "Menunjukkan dan menangani pemberitahuan."),
    "watch": Command("cli.commands.watch:app", "Menjalankan pengawasan hub."),
    "people": Command("cli.commands.people:app", "Mengelola pengguna, peran, dan tautan masuk."),
    "opd": Command("cli.commands.opd:app", "Mengelola OPD dan sistemnya."),
    "token": Command("cli.commands.token:app", "Mengelola token layanan."),
    "test": Command("cli.commands.test:run_tests", "Menjalankan semua tes."),
    "grant": Command("cli.commands.grants:grant", "Mengelola Hak Akses OPD atas data."),
    "pks": Command("cli.commands.grants:pks", "Mengelola PKS tempat Hak Akses berdiri."),
    "access": Command("cli.commands.access:app", "Menunjukkan dan memutuskan permohonan akses."),
    "audit": Command("cli.commands.audit:app", "Membaca jejak audit dan memeriksa keutuhannya."),
    "contract": Command("cli.commands.contract:app", "Menunjukkan kontrak dan membuat berkas darinya."),
    "record": Command("cli.commands.record:app", "Menunjukkan dari mana nilai Data Induk berasal."),
    "conflicts": Command("cli.commands.conflicts:app", "Menunjukkan dan memutus Tidak Padan."),
    "source": Command("cli.commands.source:app", "Menunjukkan dan mengubah keadaan sumber data."),
    "profile": Command("cli.commands.profile:app", "Menunjukkan profil isian dokumen dari hari ke hari."),
    "provision": Command("cli.commands.provision:app", "Membandingkan dan menyamakan isi Kafka."),
    "dlq": Command("cli.commands.dlq:app", "Menunjukkan dan mengirim ulang data yang dikembalikan."),
    "intake": Command("cli.commands.intake:app", "Membangun ulang tabel dokumen dari riwayatnya."),
    "load": Command("cli.commands.load:app", "Menunjukkan, menyetujui, menarik, dan memulihkan muatan."),
    "pauses": Command("cli.commands.pauses:app", "Menunjukkan partisi yang dijeda dan melanjutkannya."),
    "parked": Command("cli.commands.parked:app", "Menunjukkan data yang ditunda dan rujukan yang berakhir."),
    "cases": Command("cli.commands.cases:app", "Menunjukkan permohonan integrasi pada 12 tahap."),
    "calendar": Command("cli.commands.calendar:app", "Menghitung tenggat dan menunjukkan hari libur."),
    "bench": Command("cli.commands.bench:app", "Mengukur kecepatan."),
    "serve": Command("cli.commands.serve:app", "Menjalankan satu layanan: registry atau web.", hidden=True),
    "prepare": Command("cli.commands.prepare:app", "Menyiapkan basis data, Kafka, dan kontrak.", hidden=True),
    "worker": Command("cli.commands.worker:worker", "Menjalankan satu proses penerima data.", hidden=True),
    "publisher": Command("cli.commands.publisher:publisher", "Menjalankan proses penerbit rujukan.", hidden=True),
    "stages": Command("cli.commands.stages:stages", "Menjalankan proses pembaca kenyataan untuk tahapan.", hidden=True),
    "jobs-worker": Command(
        "cli.commands.jobs_worker:jobs_worker", "Menjalankan satu proses pekerjaan latar.", hidden=True
    ),
}

# The first that fits an error or one of its bases, so leaves stand before bases. Named by their place, so that
# no room is imported for an error that it did not raise.
EXIT_CODES = {
    "cli.stack.errors.StackUnreachable": UNREACHABLE,
    "cli.stack.errors.StackError": REFUSED,
    "cli.demo.run.DemoFailed": REFUSED,
    "cli.demo.log_reader.LogUnreadable": UNREACHABLE,
    "schemas.errors.RegistryUnreachable": UNREACHABLE,
    "schemas.errors.SchemasError": REFUSED,
    "base.instance.InstanceError": REFUSED,
    "base.calendar.CalendarError": REFUSED,
    "registry.errors.StoreUnavailable": UNREACHABLE,
    "registry.errors.KafkaUnreachable": UNREACHABLE,
    "registry.errors.RegistryError": REFUSED,
    "identity.errors.IdentityError": REFUSED,
    "sop.errors.SopError": REFUSED,
    "hub_db.errors.Unreachable": UNREACHABLE,
    "hub_db.errors.HubDbError": REFUSED,
    "jobs.errors.JobsError": REFUSED,
    "consumers.errors.ConsumersError": REFUSED,
    "producers.errors.KafkaUnreachable": UNREACHABLE,
    "producers.errors.NotAnnounced": UNREACHABLE,
    "producers.errors.ProducersError": REFUSED,
    "kafka.errors.KafkaError": UNREACHABLE,
    "psycopg.OperationalError": UNREACHABLE,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command; every failure is one line on stderr and an exit code."""
    try:
        command_line(arguments)(list(arguments), prog_name="simpul")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except KeyboardInterrupt:
        return complain("Dihentikan.", INTERRUPTED)
    except ValidationError as error:
        return complain(settings_line(error), USAGE)
    except ModuleNotFoundError as error:
        return complain(
            f"Paket {error.name} tidak terpasang. Jalankan lewat ./simpul, atau pasang simpul dengan extra 'local'.",
            REFUSED,
        )
    except Exception as error:  # noqa: BLE001 - the one place where every error becomes an exit code
        code = exit_code(error)
        return complain(str(error), code) if code is not None else complain_of_ourselves(error)
    return DONE


def command_line(arguments: Sequence[str]) -> Callable[..., object]:
    """The whole command line, of which only the commands named in the arguments are real."""
    line = typer.Typer(
        help="Simpul: simpul pertukaran data antar-OPD.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    line.callback()(everything)
    for name, command in COMMANDS.items():
        add(line, name, command, loaded(command) if name in arguments else named_only)
    return typer.main.get_command(line)


def everything() -> None:
    """Simpul: simpul pertukaran data antar-OPD."""


def named_only() -> None:
    """Stands for a command that was not called."""


def loaded(command: Command) -> object:
    module, _, attribute = command.place.partition(":")
    with loading():
        return getattr(importlib.import_module(module), attribute)


def add(line: typer.Typer, name: str, command: Command, found: object) -> None:
    if isinstance(found, typer.Typer):
        only = found.registered_commands
        if len(only) == 1 and not found.registered_groups and not found.registered_callback and only[0].callback:
            found = only[0].callback  # a Typer with one command is that command
        else:
            line.add_typer(found, name=name, help=command.help, hidden=command.hidden)
            return
    if not callable(found):
        raise TypeError(f"{command.place} is no command")
    extra = {"allow_extra_args": True, "ignore_unknown_options": True} if name == "test" else None
    line.command(name, help=command.help, hidden=command.hidden, context_settings=extra)(found)


def exit_code(error: BaseException) -> int | None:
    """What the table says of an error; None for one that is a fault of ours."""
    for kind in type(error).__mro__:
        code = EXIT_CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return code
    return None


def complain_of_ourselves(error: Exception) -> int:
    """A fault of ours: its kind and place. Not its text, which may quote a value; SIMPUL_LOG_LEVEL=DEBUG shows all."""
    from cli.settings import load

    if load().log_level == "DEBUG":
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return complain(
        f"Kesalahan pada Simpul sendiri: {type(error).__name__} di {place.filename}:{place.lineno}. "
        "Jalankan lagi dengan SIMPUL_LOG_LEVEL=DEBUG untuk melihat rinciannya, lalu laporkan.",
        REFUSED,
    )


def settings_line(error: ValidationError) -> str:
    """Which settings are wrong, without the values: they may be secret."""
    wrong = [
        f"SIMPUL_{'_'.join(str(part) for part in found['loc']).upper()}: "
        + ("tidak dikenal" if found["type"] == "extra_forbidden" else found["msg"])
        for found in error.errors(include_input=False, include_url=False)
    ]
    return f"Pengaturan salah: {'; '.join(wrong)}. Lihat docs/reference/settings.md."


def complain(line: str, code: int) -> int:
    sys.stderr.write(f"simpul: {' '.join(line.split())}\n")
    return code
