"""Who may do what: the one table of role × permission × own or foreign OPD, whose rows are those of DOMAIN §7.

Pages, the REST interface, the command line and the tests all read this table. What it does not say is refused. A
permission says which acts a person may do; of which OPD the rows may be is its reach, and the query asks for that
(`Principal.scope`). Whether a *value* may be read in clear is for grants and masking to say, not for this table alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """The roles of DOMAIN §7, by their codes."""

    OPD_ADMIN = "opd_admin"
    OPD_PROGRAMMER = "opd_programmer"
    TIM_TEKNIS = "tim_teknis"
    PEJABAT_PENGAWAS = "pejabat_pengawas"
    KABID_APTIKA = "kabid_aptika"
    KEPALA_DINAS = "kepala_dinas"
    OPERATOR = "operator"
    STEWARD = "steward"
    AUDITOR = "auditor"
    READER = "reader"
    ADMINISTRATOR = "administrator"


ROLE_TITLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.OPD_ADMIN: "Admin OPD",
        Role.OPD_PROGRAMMER: "Programmer OPD",
        Role.TIM_TEKNIS: "Tim Teknis Data Center",
        Role.PEJABAT_PENGAWAS: "Pejabat Pengawas",
        Role.KABID_APTIKA: "Kepala Bidang Aptika",
        Role.KEPALA_DINAS: "Kepala Dinas selaku Walidata",
        Role.OPERATOR: "Operator",
        Role.STEWARD: "Pengelola Kualitas Data",
        Role.AUDITOR: "Auditor",
        Role.READER: "Pengguna Data",
        Role.ADMINISTRATOR: "Administrator",
    }
)

# These may be held in any OPD; the others are offices of the Walidata and reach over all OPDs.
ROLES_OF_ANY_OPD = frozenset({Role.OPD_ADMIN, Role.OPD_PROGRAMMER, Role.READER, Role.AUDITOR})
# Who can change accounts or decide over data signs in with a second factor (RELIABILITY §5).
ROLES_WITH_SECOND_FACTOR = frozenset({Role.STEWARD, Role.ADMINISTRATOR})


class Permission(StrEnum):
    """One kind of act. The text is what service tokens and audit rows name."""

    MANAGE_ACCOUNT = "account.manage"
    VIEW_CATALOGUE = "catalogue.view"
    VIEW_EXCHANGE = "exchange.view"
    SEND_EVENTS = "events.send"
    VIEW_DEAD_LETTERS = "dead_letters.view"
    REPLAY_DEAD_LETTERS = "dead_letters.replay"
    VIEW_PARKED = "parked.view"
    VIEW_LOADS = "loads.view"
    DECIDE_LOADS = "loads.decide"
    END_PAUSES = "exchange.resume"
    VIEW_RECORDS = "records.view"
    UNMASK = "records.unmask"
    VIEW_GRANTS = "grants.view"
    DECIDE_GRANTS = "grants.decide"
    VIEW_ACCESS = "access.view"
    REQUEST_ACCESS = "access.request"
    DECIDE_ACCESS = "access.decide"
    VIEW_CONTRACTS = "contracts.view"
    DRAFT_CONTRACTS = "contracts.draft"
    APPROVE_CONTRACTS = "contracts.approve"
    VIEW_PEOPLE = "people.view"
    MANAGE_PEOPLE = "people.manage"
    VIEW_OPDS = "opds.view"
    MANAGE_OPDS = "opds.manage"
    VIEW_TOKENS = "tokens.view"
    MANAGE_TOKENS = "tokens.manage"
    VIEW_SOURCES = "sources.view"
    CHANGE_SOURCES = "sources.change"
    VIEW_CONFLICTS = "conflicts.view"
    DECIDE_CONFLICTS = "conflicts.decide"
    FETCH_CREDENTIALS = "credentials.fetch"
    VIEW_CASES = "cases.view"
    BEGIN_CASES = "cases.begin"
    ACT_ON_CASES = "cases.act"
    COMMENT_ON_CASES = "cases.comment"
    VIEW_AUDIT = "audit.view"
    VERIFY_AUDIT = "audit.verify"
    VIEW_JOBS = "jobs.view"
    CONTROL_JOBS = "jobs.control"
    VIEW_NOTICES = "notices.view"
    ACK_NOTICES = "notices.acknowledge"
    SILENCE_NOTICES = "notices.silence"
    VIEW_CALENDAR = "calendar.view"
    MANAGE_CALENDAR = "calendar.manage"
    VIEW_COMPONENTS = "components.view"


class Reach(Enum):
    """Over which OPDs' rows a permission goes."""

    NONE = 0
    OWN = 1  # those of the OPD in which the role is held
    ALL = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A permission: what it lets a person do (Indonesian, for pages and the book), and the roles that have it."""

    permission: Permission
    title: str
    own: frozenset[Role]
    everywhere: frozenset[Role]


def _row(permission: Permission, title: str, *, own: str = "", everywhere: str = "") -> Row:
    return Row(permission, title, frozenset(map(Role, own.split())), frozenset(map(Role, everywhere.split())))


_EVERYBODY = " ".join(Role)
_OPD = "opd_admin opd_programmer"
_OFFICES = "tim_teknis pejabat_pengawas kabid_aptika kepala_dinas operator steward administrator"

ROWS = (
    _row(Permission.MANAGE_ACCOUNT, "Mengelola akun sendiri", everywhere=_EVERYBODY),
    _row(Permission.VIEW_CATALOGUE, "Melihat katalog data", everywhere=_EVERYBODY),
    _row(
        Permission.VIEW_EXCHANGE,
        "Melihat jalannya pertukaran data",
        own=f"{_OPD} reader",
        everywhere=f"{_OFFICES} auditor",
    ),
    _row(Permission.SEND_EVENTS, "Mengirim data OPD", own=_OPD),
    _row(
        Permission.VIEW_DEAD_LETTERS,
        "Melihat data yang dikembalikan",
        own=_OPD,
        everywhere="tim_teknis operator steward auditor",
    ),
    _row(Permission.REPLAY_DEAD_LETTERS, "Mengirim ulang data yang dikembalikan", own=_OPD, everywhere="operator"),
    _row(
        Permission.VIEW_PARKED,
        "Melihat data yang ditunda",
        own=_OPD,
        everywhere="tim_teknis operator steward auditor",
    ),
    _row(Permission.VIEW_LOADS, "Melihat muatan dan jeda", own=_OPD, everywhere="tim_teknis operator steward auditor"),
    _row(Permission.DECIDE_LOADS, "Menyetujui dan menarik muatan", own="opd_admin", everywhere="steward"),
    _row(Permission.END_PAUSES, "Melanjutkan partisi yang dijeda", everywhere="operator"),
    _row(
        Permission.VIEW_RECORDS,
        "Melihat Data Induk dengan nilai pribadi disamarkan",
        own=f"{_OPD} reader",
        everywhere="tim_teknis steward auditor",
    ),
    _row(
        Permission.UNMASK,
        "Membuka nilai yang disamarkan, sesuai Hak Akses",
        own="opd_admin reader",
        everywhere="steward",
    ),
    _row(
        Permission.VIEW_GRANTS,
        "Melihat Hak Akses",
        own=f"{_OPD} reader",
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas steward auditor",
    ),
    _row(Permission.DECIDE_GRANTS, "Memutuskan dan mencabut Hak Akses", everywhere="kepala_dinas"),
    _row(
        Permission.VIEW_ACCESS,
        "Melihat permohonan akses, sebagai pembaca atau pemilik data",
        own=f"{_OPD} reader",
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas steward auditor",
    ),
    _row(Permission.REQUEST_ACCESS, "Mengajukan permohonan akses dan menyatakan penghapusan", own=f"{_OPD} reader"),
    _row(
        Permission.DECIDE_ACCESS,
        "Memutuskan permohonan akses: pemilik data, lalu Walidata",
        own="opd_admin",
        everywhere="kepala_dinas",
    ),
    _row(
        Permission.VIEW_CONTRACTS,
        "Melihat kontrak dan rancangannya",
        own=f"{_OPD} reader",
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas operator steward auditor",
    ),
    _row(
        Permission.DRAFT_CONTRACTS,
        "Membuat, menanggapi, mengajukan, dan menarik rancangan kontrak",
        own=_OPD,
        everywhere="tim_teknis",
    ),
    _row(Permission.APPROVE_CONTRACTS, "Menyetujui rancangan kontrak orang lain", everywhere="tim_teknis"),
    _row(
        Permission.VIEW_PEOPLE,
        "Melihat daftar pengguna",
        own="opd_admin",
        everywhere="kabid_aptika kepala_dinas auditor administrator",
    ),
    _row(Permission.MANAGE_PEOPLE, "Mengelola pengguna dan perannya", everywhere="administrator"),
    _row(
        Permission.VIEW_OPDS, "Melihat daftar OPD dan sistemnya", own=f"{_OPD} reader", everywhere=f"{_OFFICES} auditor"
    ),
    _row(Permission.MANAGE_OPDS, "Mengelola OPD dan sistemnya", everywhere="administrator"),
    _row(
        Permission.VIEW_TOKENS,
        "Melihat daftar token layanan",
        own=_OPD,
        everywhere="tim_teknis operator auditor administrator",
    ),
    _row(Permission.MANAGE_TOKENS, "Menerbitkan dan mencabut token layanan", own=_OPD, everywhere="administrator"),
    _row(
        Permission.VIEW_SOURCES, "Melihat keadaan sumber data", own=f"{_OPD} reader", everywhere=f"{_OFFICES} auditor"
    ),
    _row(Permission.CHANGE_SOURCES, "Mengubah keadaan sumber data", everywhere="kepala_dinas"),
    _row(Permission.VIEW_CONFLICTS, "Melihat Tidak Padan", own=_OPD, everywhere="tim_teknis steward auditor"),
    _row(Permission.DECIDE_CONFLICTS, "Memutuskan Tidak Padan", everywhere="steward"),
    _row(Permission.FETCH_CREDENTIALS, "Mengambil kata sandi Kafka sistem OPD", own="opd_programmer"),
    _row(
        Permission.VIEW_CASES,
        "Melihat permohonan integrasi dan tahapnya",
        own=f"{_OPD} reader",
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas operator steward auditor",
    ),
    _row(Permission.BEGIN_CASES, "Mengajukan permohonan integrasi", own="opd_admin"),
    _row(
        Permission.ACT_ON_CASES,
        "Melakukan langkah pada tahap permohonan, menurut tahap dan perannya",
        own=_OPD,
        everywhere="tim_teknis pejabat_pengawas kabid_aptika operator",
    ),
    _row(
        Permission.COMMENT_ON_CASES,
        "Mengomentari permohonan integrasi",
        own=_OPD,
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas operator steward",
    ),
    _row(Permission.VIEW_AUDIT, "Melihat jejak audit", everywhere="auditor"),
    _row(Permission.VERIFY_AUDIT, "Memeriksa keutuhan jejak audit", everywhere="auditor operator"),
    _row(
        Permission.VIEW_JOBS,
        "Melihat pekerjaan",
        own=_OPD,
        everywhere="tim_teknis operator steward auditor administrator",
    ),
    _row(Permission.CONTROL_JOBS, "Menjeda, melanjutkan, dan membatalkan pekerjaan", everywhere="operator"),
    _row(
        Permission.VIEW_NOTICES,
        "Melihat pemberitahuan",
        own=f"{_OPD} reader steward administrator",
        everywhere="tim_teknis pejabat_pengawas kabid_aptika kepala_dinas operator auditor",
    ),
    _row(
        Permission.ACK_NOTICES,
        "Menandai pemberitahuan sudah ditangani",
        own=f"{_OPD} reader tim_teknis pejabat_pengawas kabid_aptika kepala_dinas steward administrator",
        everywhere="operator",
    ),
    _row(
        Permission.SILENCE_NOTICES,
        "Membisukan pemberitahuan sampai suatu waktu",
        own="opd_admin tim_teknis pejabat_pengawas kabid_aptika kepala_dinas steward administrator",
        everywhere="operator",
    ),
    _row(Permission.VIEW_CALENDAR, "Melihat kalender kerja", everywhere=_EVERYBODY),
    _row(Permission.MANAGE_CALENDAR, "Mengubah kalender kerja", everywhere="administrator"),
    _row(Permission.VIEW_COMPONENTS, "Melihat halaman contoh tampilan", everywhere="tim_teknis operator administrator"),
)

# What a service token may be scoped to: what programs of an OPD do. A token never manages anything. It may open what a
# grant of its OPD names, for a purpose that the program states each time (docs/decisions/0010).
TOKEN_PERMISSIONS = frozenset(
    {
        Permission.SEND_EVENTS,
        Permission.VIEW_EXCHANGE,
        Permission.VIEW_DEAD_LETTERS,
        Permission.VIEW_PARKED,
        Permission.VIEW_RECORDS,
        Permission.UNMASK,
        Permission.VIEW_CASES,
    }
)


def _reach_of(row: Row, role: Role) -> Reach:
    if role in row.everywhere:
        return Reach.ALL
    return Reach.OWN if role in row.own else Reach.NONE


TABLE: Mapping[Role, Mapping[Permission, Reach]] = MappingProxyType(
    {role: MappingProxyType({row.permission: _reach_of(row, role) for row in ROWS}) for role in Role}
)
TITLES: Mapping[Permission, str] = MappingProxyType({row.permission: row.title for row in ROWS})


def reach(roles: Iterable[Role], permission: Permission) -> Reach:
    """The widest reach that one of the roles has."""
    return max((TABLE[role][permission] for role in roles), key=lambda found: found.value, default=Reach.NONE)
