"""Known devices: a browser from which a person has signed in before.

Its failed tries are counted apart, so that the right person gets in while somebody else tries the name from elsewhere.
A device opens nothing by itself: the password is asked for as always.
"""

from datetime import datetime, timedelta
from typing import NewType

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity import bearer

SQL = load("identity", "sql/sign_in.sql")
DeviceToken = NewType("DeviceToken", str)
KNOWN_FOR = timedelta(days=180)  # since it was last used
AT_MOST = 10  # of one person; the longest unused goes
LONGEST_USER_AGENT = 200


def known(conn: Connection[TupleRow], token: str, name: str, *, now: datetime) -> int | None:
    """The number of the device if this person has signed in from it, else None."""
    values = {"token": bearer.digest(token), "name": name, "since": now - KNOWN_FOR}
    row = conn.execute(SQL["known_device"], values).fetchone()
    return None if row is None else int(row[0])


def remember(conn: Connection[TupleRow], person_id: int, *, user_agent: str, now: datetime) -> DeviceToken:
    """From now on this device is known; the token goes into a cookie of its own."""
    token = DeviceToken(bearer.fresh())
    values = {"token": bearer.digest(token), "person_id": person_id, "now": now, "user_agent": label(user_agent)}
    conn.execute(SQL["add_device"], values)
    conn.execute(SQL["keep_newest_devices"], {"person_id": person_id, "keep": AT_MOST})
    return token


def used(conn: Connection[TupleRow], device_id: int, *, now: datetime) -> None:
    conn.execute(SQL["use_device"], {"id": device_id, "now": now})


def forget(conn: Connection[TupleRow], person_id: int) -> None:
    """Forget every device of a person."""
    conn.execute(SQL["forget_devices"], {"person_id": person_id})


def label(user_agent: str) -> str:
    """What a browser says of itself, cut, and fit to be stored and shown."""
    return "".join(sign for sign in user_agent[:LONGEST_USER_AGENT] if sign.isprintable())
