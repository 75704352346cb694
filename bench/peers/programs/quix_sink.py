"""Quix Streams with its own PostgreSQL sink: `python quix_sink.py <options.json>`, one process of its group."""

import json
import sys
from pathlib import Path
from typing import Any

from quixstreams import Application
from quixstreams.kafka import ConnectionConfig
from quixstreams.models.serializers.avro import AvroDeserializer
from quixstreams.sinks.community.postgresql import PostgreSQLSink

COMMIT_EVERY_S = 5.0  # its default; batches are bounded by their count


def main(told: dict[str, Any]) -> None:
    app = Application(
        broker_address=ConnectionConfig(
            bootstrap_servers=told["bootstrap"],
            security_protocol=told["security_protocol"].lower(),
            sasl_mechanism=told["sasl_mechanism"],
            sasl_username=told["username"],
            sasl_password=told["password"],
        ),
        consumer_group=told["group"],
        auto_offset_reset="earliest",
        auto_create_topics=False,
        use_changelog_topics=False,
        commit_interval=COMMIT_EVERY_S,
        commit_every=told["batch"],
        loglevel="WARNING",
        state_dir=Path(told["folder"]) / "state",
    )
    topic = app.topic(
        told["topic"], key_deserializer="string", value_deserializer=Confluent(json.loads(told["schema"]))
    )
    database = told["database"]
    sink = PostgreSQLSink(
        host=database["host"],
        port=int(database["port"]),
        dbname=database["dbname"],
        user=database["user"],
        password=database["password"],
        table_name=told["table"],
        schema_auto_update=False,
        primary_key_columns=told["key"],
        upsert_on_primary_key=True,
    )
    app.dataframe(topic).sink(sink)
    app.run()


class Confluent(AvroDeserializer):  # type: ignore[misc]  # untyped here: it is of another environment
    """Its own Avro deserializer, which reads bare bodies, behind the five bytes of Confluent's framing.

    Quicker than the road through its registry client, which looks each event's id up.
    """

    def __call__(self, value: bytes, ctx: Any) -> Any:
        return super().__call__(value[5:], ctx)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
