"""Dossiers for papers: a case that has gone its way, with contracts of sixty fields, long names and hostile texts."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from base import instance
from base.calendar import pinned
from base.instance import Instance
from schemas.contract import Contract
from schemas.loader import read
from sop.papers.dossier import Access, Dossier, Fault, Interchange, Officer, Tally
from sop.procedure import Side, book
from sop.store import Contact
from tests.sop.town import DOCUMENTS, KABID, TEKNIS, TEKNIS_TOO, Walk

# Markup of Typst, of XML and of spreadsheets, quotes, signs that turn the direction of writing, and other scripts.
HOSTILE: Final = (
    '#panic("x") $x^2$ *b* _i_ \\n @a <b> `c` // d /* e */ [f] {g} ~ &amp; ]]> '
    "'s' \"q\" =1+1 \u202egnp\u202c مرحبا 中文"
)
LONG_WORD: Final = "pertanggungjawaban" * 9
ON: Final = date(2026, 5, 4)
_KINDS: Final = (
    {"type": "string", "maxLength": 150, "example": "CONTOH"},
    {"type": ["null", {"type": "int", "logicalType": "date"}], "default": None, "example": "1990-08-17"},
    {"type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 15, "scale": 2}], "default": None},
    {"type": "string", "enum": ["L", "P"], "example": "L"},
    {"type": ["null", "int"], "default": None, "minimum": 0, "maximum": 200},
)


def here() -> Instance:
    """An invented local government, with arms and a name of its own."""
    return instance.load(Path("tests/instances/tanasari.toml"))


def contract(name: str, fields: int = 60, doc: str = "Isi dokumen") -> Contract:
    """A contract with so many fields, the key and the date of change among them."""
    opd, _, document = name.partition(".")
    made = [_field(number) for number in range(1, fields - 1)]
    changed = {"type": "long", "logicalType": "timestamp-millis"}
    return read(
        {
            "type": "record",
            "name": document.replace("-", "_"),
            "namespace": f"id.go.contoh.{opd}",
            "doc": doc,
            "contract": {
                "opd": opd,
                "document": document,
                "entity": document.replace("-", "_"),
                "key": ["kunci"],
                "owner": "Bidang Pembinaan",
                "contact": "data@contoh.example",
                "sensitivity": "pribadi",
                "freshness": "P1D",
                "legalBasis": "Peraturan contoh nomor 1",
                "retention": {"events": "P90D", "history": "P50Y"},
                "rules": [_rule(number) for number in range(1, 4)],
            },
            "fields": [
                {"name": "kunci", "type": "string", "doc": "Kunci", "sensitivity": "umum", "example": "A-1"},
                *made,
                {"name": "sumber_diubah", "type": changed, "doc": "Waktu berubah di sumber", "sensitivity": "umum"},
            ],
        },
        file=name,
    )


def _field(number: int) -> dict[str, Any]:
    name = f"kolom_{number}_yang_namanya_panjang_sekali_sekali"[:48].rstrip("_")
    told = (HOSTILE, LONG_WORD, "Keterangan biasa")[number % 3]
    level = ("umum", "terbatas", "pribadi")[number % 3]
    return {"name": name, "doc": told, "sensitivity": level, **_KINDS[number % len(_KINDS)]}


def _rule(number: int) -> dict[str, Any]:
    expression = "LENGTH(kunci) > 1"
    return {"name": f"aturan_{number}", "expression": expression, "severity": "error", "message": HOSTILE}


def walked() -> Walk:
    """A case that went through both returns, a rework and a hold, and is closed."""
    walk = Walk().to(3)
    walk.day = date(2026, 1, 12)
    walk.send_back(2, TEKNIS)
    walk.to(5)
    walk.rework(Side.OPD)
    walk.hold(3)
    walk.day = date(2026, 2, 27)
    walk.resume()
    walk.to(11)
    walk.show()
    walk.send_back(3, KABID)
    walk.day = date(2026, 4, 1)
    walk.to(12)
    walk.fulfil()
    walk.confirm()
    return walk


def dossier(walk: Walk | None = None, **more: Any) -> Dossier:
    """Everything that papers are made from; hostile wherever somebody outside has a say."""
    walk = walked() if walk is None else walk
    contracts = [contract(DOCUMENTS[0], doc=HOSTILE), contract(DOCUMENTS[1], fields=5, doc=LONG_WORD)]
    told = {
        "case": walk.now,
        "events": tuple(walk.events),
        "procedure": book().of(walk.now.procedure),
        "instance": here(),
        "calendar": pinned(),
        "on": ON,
        "interchanges": tuple(
            Interchange(each.name, each, "berlaku, versi 3", "aktif", Tally(1200, 1100, 60, 25, 15), Tally(9, 9))
            for each in contracts
        ),
        "agencies": {"disdik": f"Dinas Pendidikan, Kepemudaan & Olahraga {HOSTILE}", "kominfo": "Dinas Kominfo"},
        "officers": {
            KABID.name: Officer("SRI " * 12, "Kepala Bidang Aplikasi dan Informatika"),
            TEKNIS_TOO.name: Officer(f"Dewi {HOSTILE}", LONG_WORD),
        },
        "systems": ("Dapodik", HOSTILE),
        "accesses": (Access("disdik", "gtk", tuple(map(str, contracts[0].by_name)), HOSTILE, "PKS/1/2026", ON),),
        "readings": (Access("disdik", "penduduk", ("nik", "nama"), LONG_WORD, None, ON),),
        "faults": (
            Fault(f"uji.{DOCUMENTS[0]}", "maxLength", "kolom_3", HOSTILE, 15, 3),
            Fault(f"opd.{DOCUMENTS[0]}", "pattern", "", LONG_WORD, 1, 0),
        ),
        "contact": Contact(f"Wati {HOSTILE}", "+6281200009001"),
    }
    return Dossier(**{**told, **more})
