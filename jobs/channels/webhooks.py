"""The webhooks of offices: added, renewed, switched off. Their keys are reckoned from the master key, never stored."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.principals import Scope
from jobs.channels import outward, signature
from jobs.channels.webhook import limits
from jobs.errors import NotPossible
from jobs.notices_settings import WebhookSettings

SQL = load("jobs", "sql/webhooks.sql")

_WHY = {
    "url": "alamat memuat tanda yang tidak dapat dipakai",
    "scheme": "alamat harus diawali http:// atau https://",
    "host": "nama host tidak dapat dipakai; nama pengguna dan kata sandi tidak ditulis di alamat",
    "port": "port itu tidak dibuka untuk webhook",
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One program of an office; `role` None: of all offices of the OPD."""

    id: int
    opd: str
    role: str | None
    url: str
    generation: int
    made_by: str
    made_at: datetime
    disabled_at: datetime | None


def add(
    conn: Connection[TupleRow],
    settings: WebhookSettings,
    *,
    opd: str,
    role: str | None,
    url: str,
    by: Actor,
    now: datetime,
) -> tuple[int, str]:
    """A new webhook: its number, and its key, which is shown this once. Raises NotPossible for an address."""
    try:
        outward.check(url, limits(settings))
    except outward.Forbidden as error:
        raise NotPossible(f"Alamat webhook tidak dapat dipakai: {_WHY[str(error)]}.") from None
    row = conn.execute(
        SQL["add_webhook"], {"opd": opd, "role": role, "url": url, "made_by": by.name, "now": now}
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    number, generation = row
    note(conn, by, Act.WEBHOOK_ADD, f"webhook:{number}", now=now, opd=opd)
    return number, signature.key_of(settings.key, f"{number}.{generation}").decode()


def renew_key(conn: Connection[TupleRow], settings: WebhookSettings, number: int, *, by: Actor, now: datetime) -> str:
    """A new key in place of the old one. Raises NotPossible for a webhook that is switched off."""
    row = conn.execute(SQL["renew_key"], {"id": number}).fetchone()
    if row is None:
        raise NotPossible(f"Webhook nomor {number} tidak ada atau sudah dimatikan.")
    note(conn, by, Act.WEBHOOK_RENEW, f"webhook:{number}", now=now)
    return signature.key_of(settings.key, f"{number}.{row[0]}").decode()


def disable(conn: Connection[TupleRow], number: int, *, by: Actor, now: datetime) -> bool:
    """Tell it nothing more; false if it was switched off before."""
    changed = conn.execute(SQL["disable_webhook"], {"id": number, "now": now}).rowcount == 1
    if changed:
        note(conn, by, Act.WEBHOOK_DISABLE, f"webhook:{number}", now=now)
    return changed


def hooks(conn: Connection[TupleRow], scope: Scope) -> list[Hook]:
    """The webhooks that somebody with this scope may see."""
    with conn.cursor(row_factory=class_row(Hook)) as cursor:
        cursor.execute(SQL["webhooks"], {"everywhere": scope.everywhere, "opds": sorted(scope.opds)})
        return cursor.fetchall()
