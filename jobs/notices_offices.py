"""Offices and the people who hold them: whom a notice reaches, how each wants to be told, who stands above."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity.permissions import ROLES_OF_ANY_OPD, Role
from identity.principals import Principal
from jobs.errors import NotPossible
from jobs.notices import Office

SQL = load("jobs", "sql/notices_offices.sql")

# Who is told when an office does not move. The first row is of agencies, the others are offices of the Walidata.
_ABOVE = {
    Role.OPD_PROGRAMMER: Role.OPD_ADMIN,
    Role.READER: Role.OPD_ADMIN,
    Role.OPD_ADMIN: Role.PEJABAT_PENGAWAS,
    Role.TIM_TEKNIS: Role.PEJABAT_PENGAWAS,
    Role.PEJABAT_PENGAWAS: Role.KABID_APTIKA,
    Role.OPERATOR: Role.KABID_APTIKA,
    Role.STEWARD: Role.KABID_APTIKA,
    Role.ADMINISTRATOR: Role.KABID_APTIKA,
    Role.KABID_APTIKA: Role.KEPALA_DINAS,
}


class MailWish(StrEnum):
    """How much mail a person wants. What is urgent comes at once, whatever the wish."""

    EACH = "each"
    DIGEST = "digest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which only what is urgent is sent; over midnight when it begins later than it ends."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Preference:
    """How a person wants to be told; None = as the instance does."""

    mail: MailWish = MailWish.EACH
    digest_hour: int | None = None
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as holder of an office."""

    person_id: int
    shown_name: str
    email: str | None
    acting: str | None  # "Plt.", "Plh."
    preference: Preference


def people_of_office(conn: Connection[TupleRow], office: Office, on: date) -> list[Recipient]:
    """Who holds the office on that day, delegates (Plt., Plh.) among them; each person once."""
    found = conn.execute(SQL["people_of_office"], {"opd": office.opd, "role": office.role.value, "on": on})
    return [
        Recipient(person, shown_name, email, acting, _preference(mail, hour, begins, ends))
        for person, shown_name, email, acting, mail, hour, begins, ends in found
    ]


def superior(office: Office, walidata: str) -> Office | None:
    """The office above, or None at the top: an agency's admin stands below the Walidata's Pejabat Pengawas."""
    role = _ABOVE.get(office.role)
    if role is None:
        return None
    return Office(office.opd if role in ROLES_OF_ANY_OPD else walidata, role)


def offices_of(principal: Principal) -> tuple[Office, ...]:
    """The offices that a person holds now, delegated ones among them."""
    return tuple(dict.fromkeys(Office(each.opd, each.role) for each in principal.roles))


def preference(conn: Connection[TupleRow], person_id: int) -> Preference:
    """How a person wants to be told."""
    row = conn.execute(SQL["preference_of"], {"person": person_id}).fetchone()
    return Preference() if row is None else _preference(*row)


def prefer(conn: Connection[TupleRow], person_id: int, wish: Preference, *, now: datetime) -> None:
    """Keep how a person wants to be told. Raises NotPossible for hours that no day has."""
    if wish.digest_hour is not None and not 0 <= wish.digest_hour <= 23:
        raise NotPossible("Jam ringkasan harus antara 0 dan 23.")
    if wish.quiet is not None and wish.quiet.begins == wish.quiet.ends:
        raise NotPossible("Jam tenang harus punya awal dan akhir yang berbeda.")
    conn.execute(
        SQL["set_preference"],
        {
            "person": person_id,
            "mail": wish.mail.value,
            "digest_hour": wish.digest_hour,
            "quiet_from": wish.quiet.begins if wish.quiet else None,
            "quiet_until": wish.quiet.ends if wish.quiet else None,
            "now": now,
        },
    )


def _preference(mail: str, hour: int | None, begins: time | None, ends: time | None) -> Preference:
    quiet = Quiet(begins, ends) if begins is not None and ends is not None else None
    return Preference(MailWish(mail), hour, quiet)
