"""Loads wait for somebody's yes, and partitions rest until somebody lets them go on."""

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import announced, pauses
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import Finding, Rule, WatchContext

LOADS = "/muatan"


def look_waiting(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """Each to the agency whose load it is, and to the stewards: either may say yes or no."""
    return [
        Finding(
            subject=f"{each.topic}/{each.load}/{office.role}",
            title=f"Muatan data {each.topic.removeprefix('opd.')} menunggu persetujuan.",
            body=" ".join([*announced.why(each), "Belum ada yang dikirim."]),
            office=office,
            link=f"{LOADS}/{each.topic.removeprefix('opd.').replace('.', '/')}",
        )
        for each in announced.waiting(conn)
        for office in (Office(each.topic.split(".")[1], Role.OPD_ADMIN), Office(context.walidata, Role.STEWARD))
    ]


def look_resting(conn: Connection[TupleRow], _: WatchContext) -> list[Finding]:
    return [
        Finding(
            subject=f"{each.topic}/{each.partition}",
            title=f"Data {each.document} dijeda pada partisi {each.partition}.",
            body=f"{pauses.why(each)}. Partisi dan dokumen lain berjalan terus; tidak ada yang hilang.",
        )
        for each in pauses.pauses(conn)
    ]


WAITING = Rule(
    "waiting-loads",
    "Muatan yang menunggu persetujuan",
    Role.STEWARD,
    Severity.ATTENTION,
    look_waiting,
    every_s=15,
    link=LOADS,
)
RESTING = Rule(
    "resting-partitions",
    "Partisi yang dijeda",
    Role.OPERATOR,
    Severity.DISTURBANCE,
    look_resting,
    every_s=15,
    urgent=True,
    link=LOADS,
)
