"""The watch and the notifier, put together: what they are told of this hub, and the loops that run them."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import instance
from cli import settings
from cli.hub_access import pages_url
from cli.stack import postgres
from cli.stack.layout import Layout
from cli.stack.passwords import password
from hub_db.calendar import working_calendar
from hub_db.connection import transaction
from jobs import Loop, Session, watch_facts
from jobs.notices_loop import channels, notify
from jobs.notices_settings import NoticeSettings, SmtpSettings, WebhookSettings
from jobs.watch import Looked, WatchContext, look_all, look_due
from jobs.watch_log_ends import log_ends
from jobs.watch_rules import RULES
from jobs.watch_settings import WatchSettings
from sop.evidence import FRESH
from sop.facts import stages_asking
from sop.procedure import book

TELL_EVERY_S = 2.0
LOOK_EVERY_S = 15.0
REPORT_EVERY_S = 15.0
PRINCIPAL = "hub-jobs"  # at Kafka


def notice_settings(home: Path | None) -> NoticeSettings:
    """What the notifier is told of this hub."""
    told = settings.load(home)
    here = instance.load(told.instance)
    return NoticeSettings(
        zone_name=here.zona_waktu,
        walidata=here.sop.walidata,
        place=here.nama_pendek,
        public_url=pages_url(told),
        quiet_from=here.jam.tenang.mulai,
        quiet_until=here.jam.tenang.selesai,
        digest_hour=told.digest_hour,
        smtp=smtp_settings(told, here),
        webhook=WebhookSettings(
            key=password(told.secrets_folder, "webhook-master"),
            networks=told.webhook_networks,
            ports=told.webhook_ports,
        ),
    )


def smtp_settings(told: settings.Settings, here: instance.Instance) -> SmtpSettings | None:
    if told.smtp_host is None:
        return None
    return SmtpSettings(
        host=told.smtp_host,
        port=told.smtp_port,
        security=told.smtp_security,
        username=told.smtp_username,
        password=smtp_password(told) if told.smtp_username else None,
        ca_file=told.smtp_ca_file,
        sender=told.smtp_sender or here.kop.surel,
        sender_name=f"Simpul {here.nama_pendek}",
    )


def smtp_password(told: settings.Settings) -> SecretStr | None:
    """What is set, else the file `smtp` among the passwords: it is the mail server's to choose, so none is made."""
    file = told.secrets_folder / "smtp"
    if told.smtp_password is None and file.is_file():
        return SecretStr(file.read_text(encoding="utf-8").strip())
    return told.smtp_password


def telling(home: Path | None) -> Loop:
    """The notifier."""
    told = notice_settings(home)
    here = instance.load(settings.load(home).instance)
    session = Session(settings.dsn(home, "simpul_jobs"), "simpul-notifier")
    ways = channels(told)

    def once() -> None:
        conn = session()
        with transaction(conn):
            calendar = working_calendar(conn, here)
        notify(conn, told, ways, calendar.is_working_day, now=datetime.now(UTC))

    return Loop("notifier", TELL_EVERY_S, once, session.close)


def looking(home: Path | None) -> Loop:
    """The watch: the rules whose time has come."""
    session = Session(settings.dsn(home, "simpul_jobs"), "simpul-watch")

    def once() -> None:
        conn = session()
        look_due(conn, context(conn, home), RULES)

    return Loop("watch", LOOK_EVERY_S, once, session.close)


def promising(home: Path | None) -> Loop:
    """What the watch sees of documents that cases depend on goes to `sop.fact`."""
    session = Session(settings.dsn(home, "simpul_jobs"), "simpul-promises")
    stages = stages_asking(book(), FRESH)

    def once() -> None:
        conn = session()
        watch_facts.report(conn, context(conn, home), stages=stages)

    return Loop("promises", REPORT_EVERY_S, once, session.close)


def look_once(conn: Connection[TupleRow], home: Path | None) -> list[Looked]:
    """Every rule, now."""
    return look_all(conn, context(conn, home), RULES)


def context(conn: Connection[TupleRow], home: Path | None) -> WatchContext:
    """What the rules are told of this hub."""
    told = settings.load(home)
    here = instance.load(told.instance)
    with transaction(conn):
        calendar = working_calendar(conn, here)
    return WatchContext(
        now=datetime.now(UTC),
        zone=here.zone,
        worked=calendar.is_working_day,
        walidata=here.sop.walidata,
        settings=WatchSettings.model_validate(told.watch),
        log_ends=partial(log_ends, settings.kafka_settings(home, PRINCIPAL)),
        disks=disks(told),
    )


def disks(told: settings.Settings) -> dict[str, Path]:
    """The folders of this machine that grow; servers elsewhere watch their own."""
    layout = Layout(told.home)
    folders = {"folder keadaan hub": layout.home, "jangkar audit": told.anchors or layout.anchors}
    if told.kafka_bootstrap is None:
        folders["Kafka"] = layout.kafka
    if told.database_url is None:
        folders["PostgreSQL"] = postgres.place(layout).folder
    return {name: folder for name, folder in folders.items() if folder.is_dir()}
