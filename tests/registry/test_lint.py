"""Every verdict on a contract file is given for its cause, on the line of the cause, and for nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base import instance
from registry.artefacts.lint import Verdict, is_refused, lint
from schemas.contract import Severity
from schemas.loader import load_all

ROOT = Path(__file__).parent.parent.parent
HERE = instance.load(ROOT / "instansi.toml")
ALL = load_all(ROOT / "schemas" / "avro", HERE)
FILE = "dinsos/pekerja-sosial.avsc"
Bend = Callable[[dict[str, Any]], object]


def good() -> dict[str, Any]:
    """A contract without a fault: a person, her contact, a limit, a rule."""
    return {
        "type": "record",
        "name": "pekerja_sosial",
        "namespace": f"{HERE.namespace}.dinsos",
        "doc": "Pekerja sosial masyarakat.",
        "contract": {
            "opd": "dinsos",
            "document": "pekerja-sosial",
            "entity": "pekerja_sosial",
            "key": ["nik"],
            "owner": "Bidang Pemberdayaan Sosial",
            "deputy": "Sekretariat",
            "contact": "data@dinsos.example",
            "legalBasis": "Permensos 10/2019",
            "sensitivity": "pribadi",
            "freshness": "P31D",
            "rules": [
                {
                    "name": "tugas_setelah_lahir",
                    "expression": "mulai_tugas > tanggal_lahir",
                    "severity": "error",
                    "message": "Mulai tugas lebih awal daripada tanggal lahir.",
                }
            ],
        },
        "fields": [
            text("nik", "Nomor Induk Kependudukan", "3201131708909001", format="nik"),
            text("nama", "Nama lengkap", "SITI AMINAH", format="nama-orang"),
            text("telepon", "Nomor telepon", "+6280000000000", format="telepon"),
            {**text("tanggal_lahir", "Tanggal lahir", "1990-08-17"), "type": {"type": "int", "logicalType": "date"}},
            {**text("mulai_tugas", "Mulai tugas", "2020-01-01"), "type": {"type": "int", "logicalType": "date"}},
            text("wilayah_kerja", "Wilayah kerja", "UTARA", sensitivity="umum", enum=["UTARA", "SELATAN"]),
            {
                **text("sumber_diubah", "Waktu perubahan di sumber", "2026-01-05T07:05:00Z", sensitivity="umum"),
                "type": {"type": "long", "logicalType": "timestamp-millis"},
            },
        ],
    }


def text(name: str, doc: str, example: str, *, sensitivity: str = "pribadi", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "doc": doc, "sensitivity": sensitivity, "example": example, **more}


def verdicts(schema: Any) -> list[Verdict]:
    return lint(written(schema), HERE, file=FILE, others=ALL)


def written(schema: Any) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False)


def record(**changes: Any) -> Bend:
    return lambda schema: schema.update(changes)


def contract(**changes: Any) -> Bend:
    return lambda schema: schema["contract"].update(changes)


def without(word: str) -> Bend:
    return lambda schema: schema["contract"].pop(word)


def field(place: int, **changes: Any) -> Bend:
    return lambda schema: schema["fields"][place].update(changes)


def bare(place: int, word: str) -> Bend:
    return lambda schema: schema["fields"][place].pop(word)


def rule(**changes: Any) -> Bend:
    return lambda schema: schema["contract"]["rules"][0].update(changes)


def more(**changes: Any) -> Bend:
    """One field more, open and with an example."""
    return lambda schema: schema["fields"].append({**text("isian", "Isian", "X", sensitivity="umum"), **changes})


ERROR, WARN = Severity.ERROR, Severity.WARN
LAST = ("fields", 7)
# id → bend, severity, code, path of the line, part of the message
CASES: dict[str, tuple[Bend, Severity, str, tuple[str | int, ...], str]] = {
    "name in capitals": (more(name="NamaToko"), ERROR, "nama", (*LAST, "name"), "bukan huruf kecil"),
    "name shortened": (more(name="tgl_daftar"), WARN, "singkatan", (*LAST, "name"), "tulis tanggal"),
    "no doc": (bare(5, "doc"), ERROR, "doc", ("fields", 5), "keterangan (doc) belum ada"),
    "empty doc": (field(5, doc=" "), ERROR, "doc", ("fields", 5), "keterangan (doc) belum ada"),
    "doc is the abbreviation": (
        more(name="kip", doc="KIP", sensitivity="pribadi", specific=True),
        WARN,
        "doc",
        (*LAST, "doc"),
        "singkatan",
    ),
    "doc is a guess": (
        field(5, doc="Wilayah (dugaan: dari data)"),
        WARN,
        "dugaan",
        ("fields", 5, "doc"),
        "masih dugaan",
    ),
    "record doc": (record(doc="Pekerja sosial"), WARN, "doc-kalimat", ("doc",), "titik"),
    "fingerprint": (more(name="sidik_jari"), ERROR, "isi-biometrik", (*LAST, "name"), "biometrik"),
    "biometrics in the doc": (
        more(doc="Foto wajah dalam base64"),
        ERROR,
        "isi-biometrik",
        (*LAST, "name"),
        "biometrik",
    ),
    "diagnosis": (more(name="diagnosis_utama"), ERROR, "isi-diagnosis", (*LAST, "name"), "diagnosis"),
    "ICD": (more(name="kode_icd10"), ERROR, "isi-diagnosis", (*LAST, "name"), "diagnosis"),
    "signature": (more(name="tanda_tangan"), ERROR, "isi-tanda-tangan", (*LAST, "name"), "tanda-tangan"),
    "password": (more(doc="Password aplikasi"), ERROR, "isi-rahasia", (*LAST, "name"), "rahasia"),
    "disgrace": (more(doc="Catatan aib"), ERROR, "isi-aib", (*LAST, "name"), "aib"),
    "no sensitivity": (bare(5, "sensitivity"), ERROR, "sensitivitas", ("fields", 5), "belum disebut"),
    "open NIK": (
        field(0, sensitivity="terbatas"),
        ERROR,
        "sensitivitas",
        ("fields", 0, "sensitivity"),
        "seharusnya pribadi",
    ),
    "open name": (
        field(1, sensitivity="umum"),
        ERROR,
        "sensitivitas",
        ("fields", 1, "sensitivity"),
        "seharusnya pribadi",
    ),
    "open telephone": (
        field(2, sensitivity="umum"),
        ERROR,
        "sensitivitas",
        ("fields", 2, "sensitivity"),
        "seharusnya pribadi",
    ),
    "open day of birth": (
        field(3, sensitivity="umum"),
        ERROR,
        "sensitivitas",
        ("fields", 3, "sensitivity"),
        "seharusnya pribadi",
    ),
    "open NIP": (
        more(name="nip", doc="Nomor pegawai", format="nip", example="198703122010012903"),
        ERROR,
        "sensitivitas",
        (*LAST, "sensitivity"),
        "seharusnya terbatas",
    ),
    "specific": (
        more(name="golongan_darah", sensitivity="pribadi"),
        WARN,
        "spesifik",
        (*LAST, "sensitivity"),
        "specific",
    ),
    "document more open than a field": (
        contract(sensitivity="terbatas"),
        ERROR,
        "sensitivitas",
        ("contract", "sensitivity"),
        "ada isian pribadi",
    ),
    "no example": (bare(5, "example"), WARN, "contoh", ("fields", 5), "contoh buatan"),
    "example of somebody": (
        field(0, example="3201131708900001"),
        ERROR,
        "contoh-orang",
        ("fields", 0, "example"),
        "nomor buatan",
    ),
    "example is no value": (field(5, example="BARAT"), ERROR, "contoh", ("fields", 5, "example"), "bukan nilai"),
    "example is no date": (field(4, example="kemarin"), ERROR, "contoh", ("fields", 4, "example"), "bukan nilai"),
    "no examples keep a rule": (rule(expression="nik IS NULL"), ERROR, "contoh", ("fields",), "bersama-sama"),
    "rule that nothing breaks": (
        rule(expression="mulai_tugas > tanggal_lahir OR nik IS NOT NULL"),
        WARN,
        "contoh-aturan",
        ("contract", "rules", 0),
        "tugas_setelah_lahir",
    ),
    "many words": (
        more(enum=[f"W{n}" for n in range(21)], example="W1"),
        WARN,
        "enum-panjang",
        (*LAST, "enum"),
        "daftar kode",
    ),
    "no owner": (without("owner"), ERROR, "pemilik", ("contract",), "belum disebut"),
    "no deputy": (without("deputy"), WARN, "pengganti", ("contract",), "belum disebut"),
    "deputy is the owner": (
        contract(deputy="Bidang Pemberdayaan Sosial"),
        ERROR,
        "pengganti",
        ("contract", "deputy"),
        "sama",
    ),
    "owner is a person": (
        contract(owner="Drs. Slamet Riyadi"),
        ERROR,
        "pejabat",
        ("contract", "owner"),
        "menyebut orang",
    ),
    "deputy is a person": (
        contract(deputy="Siti Aminah, S.Kom"),
        ERROR,
        "pejabat",
        ("contract", "deputy"),
        "menyebut orang",
    ),
    "private mail": (
        contract(contact="dinsos@gmail.com"),
        ERROR,
        "narahubung",
        ("contract", "contact"),
        "surel pribadi",
    ),
    "no legal basis": (without("legalBasis"), ERROR, "dasar-hukum", ("contract",), "legalBasis"),
    "rule's message": (rule(message="tanggal salah"), WARN, "pesan", ("contract", "rules", 0, "message"), "kalimat"),
    "key is a name": (contract(key=["nama"]), ERROR, "kunci", ("contract", "key", 0), "nama"),
    "key without a form": (
        lambda s: (s["contract"].update(key=["nomor"]), more(name="nomor")(s)),
        WARN,
        "kunci",
        ("contract", "key", 0),
        "tidak berbentuk",
    ),
    "key is no field": (contract(key=["nomor"]), ERROR, "kontrak", ("contract", "key"), "nomor"),
    "no key": (without("key"), ERROR, "kontrak", ("contract",), "belum ada"),
    "unknown keyword": (contract(pemilik="x"), ERROR, "kontrak", ("contract", "pemilik"), "tidak dikenal"),
    "unknown keyword of a field": (
        field(5, nullable=True),
        ERROR,
        "kontrak",
        ("fields", 5, "nullable"),
        "tidak dikenal",
    ),
    "unknown format": (field(2, format="hp"), ERROR, "kontrak", ("fields", 2), "unknown format"),
    "field twice": (more(name="nama", sensitivity="pribadi"), ERROR, "kontrak", (*LAST, "name"), "dua kali"),
    "rule with a sub-query": (
        rule(expression="nik IN (SELECT nik FROM penduduk)"),
        ERROR,
        "kontrak",
        ("contract", "rules", 0, "expression"),
        "SELECT",
    ),
    "pattern with look-ahead": (more(pattern="(?=a)b"), ERROR, "kontrak", LAST, "pattern"),
    "reference to nothing": (
        more(references="planet.kode", onMissing="warn"),
        ERROR,
        "antar-kontrak",
        (*LAST, "references"),
        "planet.kode",
    ),
    "the replacing key of another entity": (
        more(type=["null", "string"], default=None, references="penduduk.nik", onMissing="warn", isReplacedBy=True),
        ERROR,
        "kontrak",
        (*LAST, "isReplacedBy"),
        "by its key",
    ),
    "a reference to what is no key": (
        more(references="penduduk.nama", onMissing="warn"),
        ERROR,
        "antar-kontrak",
        (*LAST, "references"),
        "is not the key of penduduk",
    ),
    "another document's priority": (
        contract(entity="penduduk", priority=1),
        ERROR,
        "antar-kontrak",
        ("contract", "priority"),
        "priority",
    ),
    "file of another name": (
        lambda s: (s.update(name="relawan"), s["contract"].update(document="relawan")),
        WARN,
        "nama-berkas",
        ("contract", "document"),
        "dinsos/relawan.avsc",
    ),
}


def line_of(schema: dict[str, Any], path: tuple[str | int, ...]) -> int:
    """The line of a path in the text, found by marking its value: not with the code under test."""
    place: Any = schema
    for part in path[:-1]:
        place = place[part]
    mark = "@@@"
    if isinstance(place, list):
        before, place[int(path[-1])] = place[int(path[-1])], mark
        found = next(n for n, line in enumerate(written(schema).splitlines(), 1) if f'"{mark}"' in line)
        place[int(path[-1])] = before
        return found
    before, place[path[-1]] = place[path[-1]], mark
    found = next(n for n, line in enumerate(written(schema).splitlines(), 1) if f'"{mark}"' in line)
    place[path[-1]] = before
    return found


def test_a_good_contract_has_no_verdict() -> None:
    assert verdicts(good()) == []


@pytest.mark.parametrize("case", CASES)
def test_each_verdict_is_given_for_its_cause_on_its_line(case: str) -> None:
    bend, severity, code, path, part = CASES[case]
    schema = good()
    bend(schema)

    found = [each for each in verdicts(schema) if each.code == code]

    assert len(found) == 1, verdicts(schema)
    assert (found[0].severity, found[0].line) == (severity, line_of(schema, path))
    assert part in found[0].message


@pytest.mark.parametrize(
    "change",
    [
        more(name="tanggal_tanda_tangan", doc="Tanggal tanda tangan"),
        more(
            name="telepon_kantor",
            doc="Telepon kantor",
            example="+6280000000000",
            format="telepon",
            sensitivity="pribadi",
        ),
        more(name="kodefikasi"),
        contract(owner="Bidang Ibu dan Anak"),
    ],
)
def test_what_only_looks_like_a_fault_is_none(change: Bend) -> None:
    schema = good()
    change(schema)

    assert [each for each in verdicts(schema) if each.severity is ERROR] == []


def test_every_fault_is_told_at_once() -> None:
    schema = good()
    for change in (field(2, format="hp"), field(5, nullable=True), without("freshness"), rule(expression="1 +")):
        change(schema)

    assert [(each.code, each.severity) for each in verdicts(schema)] == [("kontrak", ERROR)] * 3


def test_all_contracts_pass() -> None:
    for path in sorted((ROOT / "schemas" / "avro").glob("*/*.avsc")):
        found = lint(path.read_text(encoding="utf-8"), HERE, file=f"{path.parent.name}/{path.name}", others=ALL)
        assert not is_refused(found), [each.words(str(path)) for each in found]


HOSTILE = {
    "100,000 levels": ("[" * 100_000, 1, "levels deep"),
    "100,000 levels, closed": ("[" * 100_000 + "]" * 100_000, 1, "levels deep"),
    "10 MB": (written({**good(), "doc": "x" * 10_000_000}), 1, "larger than"),
    "1 MB name": (written({**good(), "name": "n" * 1_000_000}), 1, "larger than"),
    "200 KB name": (written({**good(), "fields": [text("n" * 200_000, "Isian", "X")]}), None, "48 karakter"),
    "1,000,000 symbols": (
        written({"type": "enum", "name": "e", "symbols": [f"S{n}" for n in range(1_000_000)]}),
        1,
        "larger",
    ),
    "no JSON": ('{\n "type": "record",\n', 2, "no JSON"),
    "a comma too many": ('\n\n{"type": "record",\n "fields": [],\n}', 5, "no JSON"),
    "key twice": ('{\n "type": "record",\n "doc": "a",\n "doc": "b"}', 3, "twice"),
    "unknown placeholder": ('{\n "type": "record",\n "name": "${daerah.nama_ibu}"}', 3, "${daerah.nama_ibu}"),
    "no record": ('"string"', 1, "record"),
    "recursive": (
        written({**good(), "fields": [{**text("f", "Isian", "X"), "type": "pekerja_sosial"}]}),
        None,
        "pekerja_sosial",
    ),
    "half a surrogate": ('{"type":"record","doc":"\\ud800"}', 1, "surrogate"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_text_is_refused_with_its_reason(case: str) -> None:
    hostile, line, reason = HOSTILE[case]

    found = [each for each in lint(hostile, HERE, file=FILE, others=ALL) if each.severity is ERROR]

    assert any(reason.lower() in each.message.lower() for each in found), found
    assert line is None or found[0].line == line
    assert all(len(each.words("f")) < 1_000 for each in found)


def test_a_pattern_that_never_ends_elsewhere_is_refused() -> None:
    schema = good()
    more(pattern="(a+)+$", example="a" * 499)(schema)

    assert [each.code for each in verdicts(schema) if each.severity is Severity.ERROR] == ["kontrak"]


def test_a_contract_made_to_be_slow_is_bounded() -> None:
    schema = good()
    names = [f"isian_{number}" for number in range(300)]
    schema["fields"] += [text(name, "Isian", "X", sensitivity="umum") for name in names]
    schema["contract"]["rules"] = [
        {
            "name": f"aturan_{number}",
            "expression": " OR ".join(f"{name} <> 'A{number}'" for name in names[number : number + 8]),
            "severity": "error",
            "message": "Isian tidak cocok.",
        }
        for number in range(200)
    ]

    assert {each.code for each in verdicts(schema)} == {"contoh-aturan"}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


@settings(deadline=None)
@given(data=st.data(), value=JSON)
def test_whatever_stands_in_a_contract_is_judged(data: st.DataObject, value: Any) -> None:
    schema = good()
    where = data.draw(st.sampled_from(["record", "contract", "rule", "field"]))
    target = {
        "record": schema,
        "contract": schema["contract"],
        "rule": schema["contract"]["rules"][0],
        "field": schema["fields"][data.draw(st.integers(0, 6))],
    }[where]
    words = [*target, "format", "enum", "feeds", "checks", "retention", "warnOnly", "references", "deprecated"]
    target[data.draw(st.sampled_from(words))] = value

    assert isinstance(verdicts(schema), list)
