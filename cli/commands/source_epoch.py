"""`simpul source epoch`: what a source that has gone stale sends, held against the hub, and a new epoch for it."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from base import indonesian
from cli import settings
from cli.hub_access import acting
from cli.screen import table, tell
from cli.stack.roles import OWNER

if TYPE_CHECKING:
    from consumers.comparing import Comparison
    from schemas.names import TopicName

PRINCIPAL = "hub-intake"  # reads the topics of agencies
WORDS = {
    "events": "kejadian yang dikirim sejak tertinggal",
    "keys": "kunci di dalamnya",
    "equal": "sama dengan isi hub",
    "different": "berbeda dari isi hub",
    "new": "belum ada di hub",
    "deleted": "dihapus oleh sumber, masih ada di hub",
    "unsent": "baris hub yang tidak terkirim",
    "unread": "kejadian yang tidak sesuai kontrak",
}


def epoch(
    source: Annotated[
        str, typer.Argument(metavar="SUMBER", help="OPD dan dokumennya, misalnya dinsos.sasaran-sosial.")
    ],
    grant: Annotated[bool, typer.Option("--grant", help="Mulai epoch baru setelah membandingkan.")] = False,
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf; wajib dengan --grant.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    from cli.commands.load import topic_of
    from hub_db.errors import NoSuchMove

    topic = topic_of(source)
    now_in, found = _compare(topic)
    if found is None:
        if grant:
            raise NoSuchMove(
                f"Sumber {source} tidak tertinggal: tidak ada kejadian yang lebih tua daripada isi hub pada epoch "
                f"{now_in}. Mohon minta OPD mengirim sekali, lalu bandingkan."
            )
        typer.echo(json.dumps({"epoch": now_in, "comparison": None})) if as_json else tell(
            f"Sumber {source} berada pada epoch {now_in} dan tidak tertinggal."
        )
        return
    given = _begin(topic, found, now_in, reason) if grant else None
    if as_json:
        typer.echo(json.dumps({"epoch": now_in, "comparison": found.numbers(), "granted": given}))
        return
    rows = [(WORDS[name], indonesian.number(count)) for name, count in found.numbers().items()]
    table((f"{source}, epoch {now_in}", "Jumlah"), rows)
    if given is None:
        tell(f"Bila isinya benar: './simpul source epoch {source} --grant --reason …' memulai epoch {now_in + 1}.")
    else:
        tell(
            f"Epoch {given} dimulai. Adaptor memakainya pada pengiriman berikutnya: mohon OPD mengirim ulang seluruh "
            "datanya."
        )


def _compare(topic: "TopicName") -> "tuple[int, Comparison | None]":
    """The epoch in which the source is, and the comparison; None when it has not gone stale."""
    from base import instance
    from consumers import documents
    from consumers.comparing import compare, records_from
    from hub_db import stale
    from hub_db.connection import connect, transaction
    from hub_db.epochs import epochs
    from jobs.errors import NotPossible
    from schemas.row_warnings import NO_LOCAL
    from schemas.wire.registry_client import RegistryClient

    told = settings.load()
    today = datetime.now(UTC).astimezone(instance.load(told.instance).zone).date()
    with connect(settings.dsn(told.home, OWNER), process="simpul-command") as conn, transaction(conn):
        document = documents.current(conn, {}, topic, NO_LOCAL)
        if document is None:
            raise NotPossible(f"Dokumen {topic.partition('.')[2]} tidak terdaftar pada hub ini.")
        past, first = epochs(conn, topic), stale.first_places(conn, topic)
        now_in = past[-1].epoch if past else 0
        if not first:
            return now_in, None
        sent = records_from(settings.kafka_settings(None, PRINCIPAL), topic, first)
        with RegistryClient(settings.registry_settings(None, PRINCIPAL)) as registry:
            return now_in, compare(conn, document, registry, sent, today)


def _begin(topic: "TopicName", found: "Comparison", now_in: int, reason: str) -> int:
    from hub_db import epochs
    from identity.actors import note
    from identity.acts import Act
    from identity.audit import Json

    with acting() as hub:
        given = epochs.begin(
            hub.conn,
            topic,
            found.numbers(),
            seen=now_in,
            by=hub.by.name,
            by_kind=hub.by.kind,
            role=hub.by.role,
            reason=reason,
            now=hub.now,
        )
        compared: dict[str, Json] = dict(found.numbers())
        note(hub.conn, hub.by, Act.SOURCE_EPOCH, f"source:{topic}", now=hub.now, epoch=given, compared=compared)
    return given
