"""The menu: the places that somebody's roles open, in the order of the day's work."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.visit import Visit
from identity.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the menu."""

    way: str
    word: str
    permission: Permission
    here: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    title: str
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "Kerja",
        (
            Place("/", "Beranda", Permission.MANAGE_ACCOUNT),
            Place("/papan", "Papan tahap", Permission.VIEW_CASES),
            Place("/tugas-saya", "Tugas saya", Permission.ACT_ON_CASES),
            Place("/tidak-padan", "Tidak Padan", Permission.VIEW_CONFLICTS),
            Place("/pertukaran", "Pertukaran data", Permission.VIEW_EXCHANGE),
            Place("/data-dikembalikan", "Data dikembalikan", Permission.VIEW_DEAD_LETTERS),
            Place("/muatan", "Muatan", Permission.VIEW_LOADS),
        ),
    ),
    Group(
        "Prosedur",
        (
            Place("/register-permohonan", "Register permohonan", Permission.VIEW_CASES),
            Place("/statistik-permohonan", "Statistik permohonan", Permission.VIEW_CASES),
            Place("/kalender", "Kalender kerja", Permission.VIEW_CALENDAR),
        ),
    ),
    Group(
        "Data",
        (
            Place("/katalog", "Katalog", Permission.VIEW_CATALOGUE),
            Place("/data-induk", "Data Induk", Permission.VIEW_RECORDS),
            Place("/permohonan-akses", "Permohonan akses", Permission.VIEW_ACCESS),
            Place("/hak-akses", "Hak akses", Permission.VIEW_GRANTS),
            Place("/kontrak/rancangan", "Rancangan kontrak", Permission.VIEW_CONTRACTS),
            Place("/sumber", "Sumber data", Permission.VIEW_SOURCES),
        ),
    ),
    Group(
        "Sistem",
        (
            Place("/pekerjaan", "Pekerjaan", Permission.VIEW_JOBS),
            Place("/pemberitahuan", "Pemberitahuan", Permission.VIEW_NOTICES),
            Place("/pengawasan", "Pengawasan", Permission.VIEW_NOTICES),
            Place("/opd", "OPD dan sistem", Permission.VIEW_OPDS),
            Place("/orang", "Orang dan peran", Permission.VIEW_PEOPLE),
            Place("/token", "Token layanan", Permission.VIEW_TOKENS),
            Place("/kredensial", "Kata sandi Kafka", Permission.FETCH_CREDENTIALS),
            Place("/jejak-audit", "Jejak audit", Permission.VIEW_AUDIT),
            Place("/komponen", "Contoh komponen", Permission.VIEW_COMPONENTS),
        ),
    ),
)


def menu(visit: Visit, groups: Sequence[Group] = GROUPS) -> list[Group]:
    """The groups with the places that this person may open; a place marked where the page belongs to it."""
    shown = []
    for group in groups:
        places = tuple(
            Place(place.way, place.word, place.permission, is_at(visit.path, place.way))
            for place in group.places
            if visit.principal.may(place.permission)
        )
        if places:
            shown.append(Group(group.title, places))
    return shown


def is_at(path: str, way: str) -> bool:
    return path == way or (way != "/" and path.startswith(f"{way}/"))
