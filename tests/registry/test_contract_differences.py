"""What changes from one version of a contract to the next, in the words that people read."""

from typing import Any

import pytest

from registry.governance.differences import Effect, differences

CONTRACT = {"opd": "dinas", "document": "dok", "entity": "dok", "key": ["k"], "owner": "Bidang A", "priority": 1}
RULE = {"name": "urut", "expression": "a <= b", "severity": "error", "message": "A tidak boleh melebihi B."}


def text(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "doc": "Isian.", "sensitivity": "umum", **more}


def document(*fields: dict[str, Any], doc: str = "Dokumen.", **contract: Any) -> dict[str, Any]:
    found = {word: value for word, value in (CONTRACT | contract).items() if value is not None}
    return {"type": "record", "name": "dok", "doc": doc, "contract": found, "fields": list(fields)}


OPTIONAL: dict[str, Any] = {"type": ["null", "string"], "default": None}
S, L, T = Effect.NARROWER, Effect.WIDER, Effect.SAME


@pytest.mark.parametrize(
    ("old", "new", "sentence", "effect"),
    [
        pytest.param(
            document(text()), document(text(), text("telepon", **OPTIONAL, sensitivity="pribadi", format="telepon")),
            "Isian telepon ditambahkan: teks, boleh kosong, pribadi; bentuk “telepon”.", T, id="optional field",
        ),
        pytest.param(
            document(text()), document(text(), text("b", type="int", minimum=0)),
            "Isian b ditambahkan: bilangan bulat, wajib diisi, umum; nilai terkecil “0”.", S, id="required field",
        ),
        pytest.param(
            document(text(), text("b", doc="Lain.")), document(text()),
            "Isian b dihapus; nilai yang sudah ada tetap tersimpan.", L, id="field gone",
        ),
        pytest.param(
            document(text("hp", doc="Nomor.")), document(text("telepon", doc="Nomor.")),
            "Isian hp tampaknya berganti nama menjadi telepon; nilai lama tetap tersimpan pada hp.", T, id="renamed",
        ),
        pytest.param(
            document(text(type="int")), document(text(type="long")),
            "Jenis isian a berubah dari bilangan bulat menjadi bilangan bulat panjang.", L, id="promoted",
        ),
        pytest.param(
            document(text(type="int")), document(text()),
            "Jenis isian a berubah dari bilangan bulat menjadi teks.", S, id="type",
        ),
        pytest.param(
            document(text()), document(text(**OPTIONAL)), "Isian a kini boleh kosong.", L, id="optional now",
        ),
        pytest.param(document(text(**OPTIONAL)), document(text()), "Isian a kini wajib diisi.", S, id="required now"),
        pytest.param(
            document(text(maxLength=9)), document(text(maxLength=8)),
            "Panjang terbesar isian a berubah dari 9 menjadi 8: lebih sempit.", S, id="shorter",
        ),
        pytest.param(
            document(text(minLength=3)), document(text(minLength=2)),
            "Panjang terpendek isian a berubah dari 3 menjadi 2: lebih longgar.", L, id="may be shorter",
        ),
        pytest.param(
            document(text(maximum="2026-01-01")), document(text(maximum="today")),
            "Nilai terbesar isian a berubah dari 2026-01-01 menjadi hari penerimaan: lebih longgar.", L, id="today",
        ),
        pytest.param(
            document(text()), document(text(minimum=1)), "Nilai terkecil isian a kini dibatasi: 1.", S, id="limit",
        ),
        pytest.param(
            document(text()), document(text(pattern="[0-9]+")),
            "Pola isian a kini ditentukan: “[0-9]+”; lebih sempit.", S, id="pattern",
        ),
        pytest.param(
            document(text(pattern="[0-9]+")), document(text(pattern="[0-9]{3}")),
            "Pola isian a berubah dari “[0-9]+” menjadi “[0-9]{3}”; dapat menolak nilai yang tadinya sah.", S,
            id="another pattern",
        ),
        pytest.param(
            document(text(enum=["A"])), document(text(enum=["A", "B"])),
            "Pilihan isian a bertambah: B.", L, id="choice",
        ),
        pytest.param(
            document(text(enum=["A", "B"])), document(text(enum=["A"])),
            "Pilihan isian a berkurang: B tidak lagi diterima.", S, id="choice gone",
        ),
        pytest.param(
            document(text(references="x.y", onMissing="warn")), document(text(references="x.y", onMissing="park")),
            "Baris yang rujukan a-nya belum ada kini menunggu sampai rujukannya ada.", S, id="parks",
        ),
        pytest.param(
            document(text()), document(text(isReplacedBy=True)), "Isian a kini menunjuk baris penggantinya.", T,
            id="replacing key",
        ),
        pytest.param(
            document(text()), document(text(sensitivity="pribadi")),
            "Sensitivitas isian a berubah dari “umum” menjadi “pribadi”.", T, id="sensitivity",
        ),
        pytest.param(
            document(text()), document(text(specific=True)),
            "Isian a kini data spesifik menurut UU PDP.", T, id="specific",
        ),
        pytest.param(
            document(text(warnOnly=["nik.tanggal"])), document(text()),
            "Pemeriksaan nik.tanggal pada isian a kini menolak.", S, id="no longer only a warning",
        ),
        pytest.param(
            document(text()), document(text(deprecated={"since": "2026-01-01", "until": "2027-01-01", "use": "b"})),
            "Isian a akan dihapus (sejak 1 Januari 2026, dipakai sampai 1 Januari 2027; sebagai gantinya b).", T,
            id="deprecated",
        ),
        pytest.param(
            document(text(), owner="Bidang A"), document(text(), owner="Bidang B"),
            "Pemilik berubah dari “Bidang A” menjadi “Bidang B”.", T, id="owner",
        ),
        pytest.param(
            document(text()), document(text(), deputy="Bidang C"),
            "Pengganti pemilik kini disebut: “Bidang C”.", T, id="deputy",
        ),
        pytest.param(
            document(text()), document(text(), key=["a"]),
            "Kunci berubah dari k menjadi a: itu dokumen lain, bukan versi berikutnya.", S, id="key",
        ),
        pytest.param(
            document(text()), document(text(), rules=[RULE]),
            "Aturan urut baru, menolak: A tidak boleh melebihi B.", S, id="rule",
        ),
        pytest.param(
            document(text(), rules=[RULE]), document(text()), "Aturan urut dihapus.", L, id="rule gone",
        ),
        pytest.param(
            document(text(), rules=[RULE]), document(text(), rules=[RULE | {"severity": "warn"}]),
            "Aturan urut kini hanya memperingatkan.", L, id="rule milder",
        ),
        pytest.param(
            document(text(), checks=[RULE]), document(text(), checks=[RULE | {"expression": "a < b"}]),
            "Pemeriksaan urut berubah dari “a <= b” menjadi “a < b”.", S, id="check",
        ),
    ],
)  # fmt: skip
def test_one_change_is_one_sentence(old: Any, new: Any, sentence: str, effect: Effect) -> None:
    assert [(each.sentence, each.effect) for each in differences(old, new)] == [(sentence, effect)]


def test_a_first_version_is_told_as_a_whole() -> None:
    told = [each.sentence for each in differences(None, document(text("k"), text("a"), rules=[RULE]))]

    assert told == [
        "Dokumen baru dengan 2 isian, kuncinya k.",
        "Pemiliknya Bidang A; sensitivitas belum disebut.",
        "Isiannya: k dan a.",
        "Aturannya: urut.",
    ]


def test_nothing_changed_says_nothing_and_the_order_of_keywords_is_no_change() -> None:
    schema = document(text(pattern="x", maxLength=3))

    assert differences(schema, dict(reversed(schema.items()))) == []


@pytest.mark.parametrize("schema", ["string", ["null", "int"], {"type": "record"}, {"type": "record", "fields": [1]}])
def test_whatever_was_sent_is_told_of_without_a_fault(schema: Any) -> None:
    assert all(each.sentence for each in (*differences(schema, document()), *differences(document(text()), schema)))
