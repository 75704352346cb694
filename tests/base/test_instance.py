"""The instance file and its placeholders."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from base.instance import Instance, InstanceError, fill, load
from base.instance_tables import Span

ROOT = Path(__file__).resolve().parents[2]
INVENTED = ROOT / "tests" / "instances" / "tanasari.toml"
TEXT = INVENTED.read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    shutil.copy(INVENTED.with_suffix(".svg"), folder)
    file = folder / "instansi.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_file_is_read() -> None:
    instance = load(INVENTED)

    assert (instance.kode, instance.namespace, instance.zone.key) == ("99.07", "id.go.tanasarikab", "Asia/Makassar")
    assert instance.kop.baris == ("PEMERINTAH KABUPATEN TANASARI", "DINAS KOMINFO DAN STATISTIK")
    assert instance.kop.logo == INVENTED.with_suffix(".svg")
    assert (instance.sop.nomor, instance.sop.tanggal) == ("100.3.3.2/7/2025", date(2025, 2, 3))
    assert [agency.kode for agency in instance.opd] == ["kominfo", "disdukcapil", "dinaslaut"]
    assert instance.agencies["dinaslaut"].nama == "Dinas Kelautan"
    assert [(closure.tanggal, closure.dasar) for closure in instance.libur] == [
        (date(2026, 3, 25), "Keputusan Bupati Tanasari 5/2026")
    ]


def test_the_file_of_the_repository_is_valid_and_has_the_agencies_of_the_contracts() -> None:
    instance = load(ROOT / "instansi.toml")

    assert instance.zone.key == instance.zona_waktu
    assert {path.parent.name for path in (ROOT / "schemas" / "avro").glob("*/*.avsc")} <= instance.agencies.keys()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param('kode = "99.07"', 'kode = "9907"', r"daerah\.kode: ", id="region code"),
        pytest.param("id.go.tanasarikab", "id.go.Tana-Sari", r"daerah\.namespace: ", id="namespace"),
        pytest.param("Asia/Makassar", "Asia/Nowhere", r"daerah\.zona_waktu: is no time zone", id="time zone"),
        pytest.param('kode_pos = "987"', "kode_pos = 987", r"daerah\.kode_pos: ", id="a number for a text"),
        pytest.param('kode_pos = "987"', "", r"daerah\.kode_pos: Field required", id="missing"),
        pytest.param('kode_pos = "987"', 'kode_pos = "987"\nbupati = "x"', "daerah.bupati: unknown key", id="unknown"),
        pytest.param('kode_pos = "987"', 'kode_pos = "987"\nkop = "x"', "daerah.kop: unknown key", id="table as a key"),
        pytest.param("[daerah]", "[lain]\n[daerah]", r"unknown table \[lain\]", id="unknown table"),
        pytest.param("[daerah]", "[[daerah]]", r"table \[daerah\]", id="a list of tables"),
        pytest.param("[daerah]", "[daerah", "line 3", id="no TOML"),
        pytest.param(
            TEXT.split("[sop]")[0].split("[kop]")[1], "\n", r"kop\.baris: Field required", id="an empty table"
        ),
        pytest.param("[kop]" + TEXT.split("[sop]")[0].split("[kop]")[1], "", "kop: Field required", id="no table"),
        pytest.param('surel = "kominfo@', 'surel = "kominfo ', r"kop\.surel: ", id="e-mail"),
        pytest.param("tanasari.svg", "lain.svg", r"kop\.logo: .*lain\.svg is no file that ends in", id="no logo"),
        pytest.param("tanasari.svg", "instansi.toml", r"kop\.logo: .* is no file that ends in", id="logo's kind"),
        pytest.param("{urut}/{klas", "{urut}/{urut}/{klas", r"nomor\.surat: needs \{klasifikasi\}", id="letter number"),
        pytest.param("INT.{urut}", "INT.{nomor}", r"nomor\.permohonan: needs ", id="case number"),
        pytest.param("[-2.5, -1.5]", "[-1.5, -2.5]", r"setempat\.lintang: is not lowest and highest", id="box"),
        pytest.param("22:00:00", "05:00:00", r"jam\.tenang: begins when it ends", id="hours"),
        pytest.param('kode = "dinaslaut"', 'kode = "Dinas Laut"', r"opd\[3\]\.kode: ", id="agency's code"),
        pytest.param('kode = "dinaslaut"', 'kode = "kominfo"', r"opd\.kode: kominfo stands twice", id="doubled agency"),
        pytest.param('"Dinlaut"\njenis = "DINAS"', '"D"\njenis = "TOKO"', r"opd\[3\]\.jenis: .*'DINAS'", id="kind"),
        pytest.param('walidata = "kominfo"', 'walidata = "lain"', r"sop\.walidata: lain is none", id="walidata"),
        pytest.param("2026-03-25", '"kemarin"', r"libur\[1\]\.tanggal: ", id="closure"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in TEXT
    file = write(tmp_path, TEXT.replace(old, new))

    with pytest.raises(InstanceError, match=reason) as caught:
        load(file)

    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


DERIVED = """[[dokumen.turunan]]
nama = "dinaslaut.pasien"
dari = "dinkes.pasien"
prioritas = 40
pemilik = "Klinik"
kontak = "k@l.example"
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            DERIVED.replace("dinaslaut", "rsud"), r"dokumen\.turunan: rsud\.pasien is a document of none", id="opd"
        ),
        pytest.param(DERIVED * 2, r"dokumen: turunan\.nama: dinaslaut\.pasien stands twice", id="twice"),
        pytest.param(
            DERIVED
            + DERIVED.replace('nama = "dinaslaut.pasien"', 'nama = "kominfo.x1"').replace("dinkes", "dinaslaut"),
            r"dokumen: turunan\.dari: dinaslaut\.pasien is derived itself",
            id="chain",
        ),
        pytest.param(DERIVED.replace("40", "0"), r"dokumen\.turunan\[1\]\.prioritas: ", id="priority"),
        pytest.param(DERIVED.replace("dari", "asal"), r"dokumen\.turunan\[1\]\.", id="unknown key"),
    ],
)
def test_a_wrong_derived_document_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert load(write(tmp_path, TEXT + DERIVED)).dokumen.turunan[0].wakil is None

    with pytest.raises(InstanceError, match=reason):
        load(write(tmp_path, TEXT + text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match=r"instansi\.toml"):
        load(tmp_path / "instansi.toml")


def test_nothing_of_it_changes_after_loading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(INVENTED).kop.alamat = "x"  # type: ignore[misc]


def test_placeholders_are_filled_once() -> None:
    instance = load(INVENTED).model_copy(update={"nama": "${daerah.kode}"})

    assert fill("${daerah.namespace}.x ${daerah.nama} ${daerah.kode_bps} $ {} $daerah", instance) == (
        "id.go.tanasarikab.x ${daerah.kode} 9913 $ {} $daerah"
    )


@pytest.mark.parametrize(
    "text", ["${daerah.ibukota}", "${kode}", "${}", "${daerah.zone}", "${daerah.kode.x}", "${daerah.kop}", "${kop}"]
)
def test_an_unknown_placeholder_is_refused(text: str) -> None:
    instance: Instance = load(INVENTED)

    with pytest.raises(InstanceError, match="unknown placeholder"):
        fill(text, instance)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        pytest.param("12/100.3.3.2-21/2026", {"klasifikasi": "100.3.3.2", "urut": "12", "tahun": "2026"}, id="ours"),
        pytest.param("12/800-21/2026", {"klasifikasi": "800", "urut": "12", "tahun": "2026"}, id="old classification"),
        pytest.param("12/800-22/2026", None, id="another unit"),
        pytest.param("800/12/21/2026", None, id="another order"),
    ],
)
def test_a_letters_number_is_recognised(typed: str, known: dict[str, str] | None) -> None:
    match = load(INVENTED).nomor.letter_form().fullmatch(typed)

    assert (match.groupdict() if match else None) == known


def test_cases_are_numbered_as_the_file_says() -> None:
    assert load(INVENTED).nomor.case_number(2026, 7) == "INT.0007.2026"
    assert load(ROOT / "instansi.toml").nomor.case_number(2026, 12_345) == "PI-2026-12345"


@pytest.mark.parametrize(
    ("clock", "day", "night"),
    [
        (time(7), True, False),
        (time(15, 30), False, False),
        (time(20), False, True),
        (time(0), False, True),
        (time(5, 59), False, True),
        (time(6), False, False),
    ],
)
def test_a_span_may_go_over_midnight(clock: time, *, day: bool, night: bool) -> None:
    office, quiet = Span(mulai=time(7), selesai=time(15, 30)), Span(mulai=time(20), selesai=time(6))

    assert (office.holds(clock), quiet.holds(clock)) == (day, night)
