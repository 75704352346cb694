"""The instance file and its placeholders."""

from pathlib import Path

import pytest

from base.instance import Instance, InstanceError, fill, load

TEXT = """
[daerah]
kode = "12.34"
nama = "Kabupaten Contoh"
nama_pendek = "Kab. Contoh"
namespace = "id.go.contohkab"
kode_pos = "64"
zona_waktu = "Asia/Makassar"
zona_waktu_singkat = "WITA"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "instansi.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_file_is_read(tmp_path: Path) -> None:
    instance = load(write(tmp_path, TEXT))

    assert (instance.kode, instance.namespace, instance.zone.key) == ("12.34", "id.go.contohkab", "Asia/Makassar")


def test_the_file_of_the_repository_is_valid() -> None:
    instance = load(Path(__file__).resolve().parents[2] / "instansi.toml")

    assert instance.zone.key == instance.zona_waktu


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param('kode = "12.34"', 'kode = "1234"', "daerah.kode", id="region code"),
        pytest.param("id.go.contohkab", "id.go.Contoh-Kab", "daerah.namespace", id="namespace"),
        pytest.param("Asia/Makassar", "Asia/Nowhere", "daerah.zona_waktu", id="time zone"),
        pytest.param('kode_pos = "64"', "kode_pos = 64", "daerah.kode_pos", id="a number for a text"),
        pytest.param('kode_pos = "64"', "", "daerah.kode_pos: Field required", id="missing"),
        pytest.param('kode_pos = "64"', 'kode_pos = "64"\nbupati = "x"', "daerah.bupati", id="unknown key"),
        pytest.param("[daerah]", "[lain]\n[daerah]", r"unknown table \[lain\]", id="unknown table"),
        pytest.param("[daerah]", "[[daerah]]", "daerah", id="a list of tables"),
        pytest.param("[daerah]", "[daerah", "line 2", id="no TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    file = write(tmp_path, TEXT.replace(old, new))

    with pytest.raises(InstanceError, match=reason) as caught:
        load(file)

    assert str(file) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match=r"instansi\.toml"):
        load(tmp_path / "instansi.toml")


def test_placeholders_are_filled_once(tmp_path: Path) -> None:
    instance = load(write(tmp_path, TEXT)).model_copy(update={"nama": "${daerah.kode}"})

    assert fill("${daerah.namespace}.x ${daerah.nama} $ {} $daerah", instance) == (
        "id.go.contohkab.x ${daerah.kode} $ {} $daerah"
    )


@pytest.mark.parametrize("text", ["${daerah.ibukota}", "${kode}", "${}", "${daerah.zone}", "${daerah.kode.x}"])
def test_an_unknown_placeholder_is_refused(tmp_path: Path, text: str) -> None:
    instance: Instance = load(write(tmp_path, TEXT))

    with pytest.raises(InstanceError, match="unknown placeholder"):
        fill(text, instance)
