"""People in offices, for tests of notices; and the notifier's settings."""

from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from identity.permissions import Role
from jobs.notices import Notice, Office, Severity
from jobs.notices_settings import NoticeSettings

NOW = datetime(2026, 1, 5, 3, 5, tzinfo=UTC)  # Monday, 10.05 WIB
OPERATOR = Office("kominfo", Role.OPERATOR)
KABID = Office("kominfo", Role.KABID_APTIKA)
ADMIN = Office("dinkes", Role.OPD_ADMIN)
PENGAWAS = Office("kominfo", Role.PEJABAT_PENGAWAS)


def settings(**more: Any) -> NoticeSettings:
    told = {
        "zone_name": "Asia/Jakarta",
        "walidata": "kominfo",
        "place": "Kab. Uji",
        "public_url": "https://simpul.example",
    }
    return NoticeSettings(**{**told, **more})


def worked(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def add_opds(conn: Connection[Any]) -> None:
    for code, walidata in (("kominfo", True), ("dinkes", False)):
        conn.execute(
            "insert into identity.opd (code, name, short_name, walidata) values (%s, %s, %s, %s)",
            (code, f"Dinas {code}", code, walidata),
        )


def appoint(
    conn: Connection[Any],
    name: str,
    office: Office,
    *,
    email: str | None = "",
    acting: str | None = None,
    from_on: date = date(2025, 1, 1),
    until_on: date | None = None,
) -> int:
    """A person in an office; an address is made of the name. A known name gets one more office."""
    address = f"{name}@opd.example" if email == "" else email
    row = conn.execute(
        "insert into identity.person (name, shown_name, office, email) values (%s, %s, 'Jabatan', %s)"
        " on conflict (name) do update set shown_name = excluded.shown_name returning id",
        (name, name.title(), address),
    ).fetchone()
    assert row is not None
    conn.execute(
        "insert into identity.appointment (person_id, role, opd, acting, letter, from_on, until_on, appointed_by)"
        " values (%s, %s, %s, %s, %s, %s, %s, 'uji')",
        (row[0], office.role.value, office.opd, acting, "800/1" if acting else None, from_on, until_on),
    )
    return int(row[0])


def a_notice(**more: Any) -> Notice:
    told: dict[str, Any] = {
        "cause": "watch:lag:opd.uji.orang",
        "kind": "watch.lag",
        "office": OPERATOR,
        "severity": Severity.DISTURBANCE,
        "title": "Data orang belum terolah sejak 10 menit.",
        "body": "Mohon periksa penerima data.",
        "link": "/pertukaran",
    }
    return Notice(**{**told, **more})
