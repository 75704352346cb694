"""Kafka does not have what the hub has read, or had lost it before; and records that end their readers."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db import stops
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")
TOLD_FOR = timedelta(days=7)  # what cannot be mended is told for so long


def lost(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    since = {"since": context.now - TOLD_FOR}
    stopped = [
        Finding(
            subject=f"stopped:{each.topic}:{each.partition}",
            title=f"Data {_name(each.topic)} (partisi {each.partition}) dihentikan: log Kafka kehilangan ujungnya.",
            body=f"{number(each.lost)} tempat pesan yang sudah diolah tidak ada lagi di Kafka, diketahui"
            f" {moment(each.at, context.zone)}.",
            urgent=True,
        )
        for each in stops.stops(conn)
    ]
    gaps = [
        Finding(
            subject=f"gap:{topic}",
            title=f"Data {_name(topic)}: {number(count)} tempat pesan terhapus dari Kafka sebelum diolah.",
            body=f"Terakhir diketahui {moment(at, context.zone)}.",
        )
        for topic, count, at in conn.execute(SQL["gaps"], since)
    ]
    anew = [
        Finding(
            subject=f"anew:{topic}",
            title=f"Topik {_name(topic)} dibuat ulang; hub membacanya dari awal.",
            body=f"Diketahui {moment(at, context.zone)}.",
            severity=Severity.ATTENTION,
        )
        for topic, at in conn.execute(SQL["made_anew"], since)
    ]
    return [*stopped, *gaps, *anew]


def deaths(conn: Connection[TupleRow], _: WatchContext) -> list[Finding]:
    return [
        Finding(
            subject=f"{topic}:{partition}",
            title=f"Penerima data {_name(topic)} berhenti {deaths} kali pada pesan yang sama.",
            body=f"Partisi {partition}, mulai tempat {first}, {number(records)} pesan.",
        )
        for topic, partition, first, records, deaths in conn.execute(SQL["deaths"])
    ]


def _name(topic: str) -> str:
    return topic.removeprefix("opd.")


LOST = Rule("lost-records", "Pesan yang hilang dari Kafka", Role.OPERATOR, Severity.DISTURBANCE, lost, link=EXCHANGE)
DEATHS = Rule(
    "worker-deaths", "Penerima yang berhenti berulang", Role.OPERATOR, Severity.DISTURBANCE, deaths, every_s=30
)
