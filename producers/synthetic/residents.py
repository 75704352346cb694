"""Synthetic residents of the instance's villages: plausible households, none of them anybody's.

The serial of each NIK and family card begins with 9, which no real one reaches. The same seed gives the same people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from schemas.contract import Value

# The first row's time of change at the source; the next resident's is a second later.
FIRST_CHANGE: Final = datetime(2026, 1, 5, tzinfo=UTC)
_LAST_BIRTH: Final = date(2025, 12, 31)
_OLDEST_DAYS: Final = 31_000  # about 85 years before the last birth
_FIRST_SERIAL: Final = 9_000
_SERIALS: Final = 1_000  # 9000 to 9999
_FEMALE_DAY: Final = 40
_ADULT: Final = 17  # years
_SCHOOL: Final = 7

_MEN: Final = (
    "AGUS", "BAMBANG", "BUDI", "DARMAJI", "DEDI", "DWI", "EKO", "FAJAR", "GATOT", "HADI", "HENDRA", "HERU",
    "IMAM", "INDRA", "JOKO", "KARYONO", "KUSNADI", "LUKMAN", "MULYONO", "NUR", "PARDI", "PRASETYO", "PURNOMO",
    "RAHMAT", "RUDI", "SAMSUL", "SANTOSO", "SLAMET", "SUGENG", "SUHARTO", "SUKARDI", "SUPRIYADI", "SUTRISNO",
    "TEGUH", "TRI", "UNTUNG", "WAHYU", "WIDODO", "YUSUF", "ZAINAL",
)  # fmt: skip
_WOMEN: Final = (
    "AMINAH", "ANIK", "ASTUTI", "DEWI", "DIAH", "DWI", "ENDANG", "ERNA", "FITRI", "HARTINI", "HENI", "IDA",
    "INDAH", "KARTINI", "KHOTIMAH", "LESTARI", "LILIK", "MARYATI", "MUJIATI", "NANIK", "NINGSIH", "NUR", "PUJI",
    "RAHAYU", "RATNA", "RINA", "SITI", "SRI", "SULASTRI", "SUMARNI", "SUPARMI", "SURATI", "SUTINI", "TITIK",
    "TRI", "TUTIK", "UMI", "WAHYUNI", "WARTINI", "YULI",
)  # fmt: skip
_FAMILY: Final = (
    "ABADI", "ANGGRAINI", "ANWAR", "BASUKI", "CAHYONO", "EFENDI", "FIRMANSYAH", "GUNAWAN", "HALIM", "HANDAYANI",
    "HARYONO", "HIDAYAT", "IRAWAN", "ISWANTO", "KURNIAWAN", "LAKSONO", "MAHMUD", "MAULANA", "NUGROHO", "PERMATA",
    "PRABOWO", "PRATAMA", "PUTRI", "RAMADHAN", "SAFITRI", "SAPUTRA", "SETIAWAN", "SUBAGYO", "SUSANTO", "SUTANTO",
    "UTAMI", "UTOMO", "WIBOWO", "WICAKSONO", "WIJAYA", "WULANDARI", "YULIANTO",
)  # fmt: skip
_STREETS: Final = (
    "ANGGREK", "CENDANA", "DAHLIA", "DIPONEGORO", "KENANGA", "MAWAR", "MELATI", "MERAPI", "PANGLIMA", "SEMERU",
    "TERATAI", "WILIS",
)  # fmt: skip
_PLACES: Final = (
    "BLITAR", "BOJONEGORO", "JOMBANG", "KEDIRI", "MADIUN", "MALANG", "PONOROGO", "SURABAYA", "TRENGGALEK",
    "TULUNGAGUNG",
)  # fmt: skip
_TRADES: Final = ("2", "5", "9", "9", "9", "15", "15", "19", "65", "84", "88", "88")
_SCHOOLING: Final = ("2", "3", "3", "4", "5", "5", "5", "7", "8")
_STATUS: Final = ("HIDUP",) * 28 + ("MENINGGAL", "PINDAH")


@dataclass(slots=True)
class _Household:
    card: str
    address: str
    rt: str
    rw: str
    village: str
    mother: str
    members_left: int


def residents(count: int, *, seed: int, villages: Sequence[str]) -> Iterator[dict[str, Value]]:
    """`count` rows of `disdukcapil.penduduk` in logical values, valid under its contract, each with a NIK of its own.

    `villages` are the codes in which they live (`producers.wilayah.villages_of`).
    """
    chance = Random(seed)
    serials = _Serials()
    household = _Household("", "", "", "", "", "", 0)
    for place in range(count):
        first = household.members_left == 0
        if first:
            household = _new_household(chance, serials, villages)
        household.members_left -= 1
        yield _resident(chance, serials, household, FIRST_CHANGE + timedelta(seconds=place), first=first)


class _Serials:
    """Gives each (region, date) the serials 9000, 9001, …"""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def number(self, prefix: str) -> str:
        given = self._given.get(prefix, 0)
        if given == _SERIALS:
            raise ValueError("more synthetic residents than serials 9000 to 9999 can tell apart")
        self._given[prefix] = given + 1
        return f"{prefix}{_FIRST_SERIAL + given}"


def _new_household(chance: Random, serials: _Serials, villages: Sequence[str]) -> _Household:
    draw = chance.random
    village = villages[int(draw() * len(villages))]
    issued = date(2010 + int(draw() * 16), 1 + int(draw() * 12), 1 + int(draw() * 28))
    return _Household(
        card=serials.number(f"{_digits(village)}{issued:%d%m%y}"),
        address=f"JL. {_STREETS[int(draw() * len(_STREETS))]} NO. {1 + int(draw() * 200)}",
        rt=f"{1 + int(draw() * 12):03}",
        rw=f"{1 + int(draw() * 8):03}",
        village=village,
        mother=f"{_WOMEN[int(draw() * len(_WOMEN))]} {_FAMILY[int(draw() * len(_FAMILY))]}",
        members_left=1 + int(draw() * 5),
    )


def _resident(
    chance: Random, serials: _Serials, household: _Household, changed: datetime, *, first: bool
) -> dict[str, Value]:
    draw = chance.random
    woman = draw() < 0.5
    born = _LAST_BIRTH - timedelta(days=int(draw() * _OLDEST_DAYS))
    age = _LAST_BIRTH.year - born.year
    names = _WOMEN if woman else _MEN
    status = _STATUS[int(draw() * len(_STATUS))]
    day = born.day + _FEMALE_DAY if woman else born.day
    prefix = f"{_digits(household.village)}{day:02}{born.month:02}{born.year % 100:02}"
    return {
        "nik": serials.number(prefix),
        "nama": f"{names[int(draw() * len(names))]} {_FAMILY[int(draw() * len(_FAMILY))]}",
        "jenis_kelamin": "P" if woman else "L",
        "tempat_lahir": _PLACES[int(draw() * len(_PLACES))],
        "tanggal_lahir": born,
        "agama": "1" if draw() < 0.95 else "2",
        "status_kawin": "2" if age > 25 else "1",
        "shdk": "1" if first else "4",
        "pendidikan": _SCHOOLING[int(draw() * len(_SCHOOLING))] if age >= _ADULT else "1",
        "pekerjaan": _TRADES[int(draw() * len(_TRADES))] if age >= _ADULT else "3" if age >= _SCHOOL else "1",
        "golongan_darah": "13",
        "kewarganegaraan": "WNI",
        "no_kk": household.card,
        "alamat": household.address,
        "rt": household.rt,
        "rw": household.rw,
        "kode_wilayah": household.village,
        "kode_pos": None,
        "nama_ibu": household.mother,
        "status": status,
        "tanggal_meninggal": _LAST_BIRTH if status == "MENINGGAL" else None,
        "nik_pengganti": None,
        "sumber_diubah": changed,
    }


def _digits(village: str) -> str:
    """The six digits of the district in which a village lies."""
    return f"{village[0:2]}{village[3:5]}{village[6:8]}"
