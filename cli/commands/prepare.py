"""`simpul prepare …`: the steps before the hub's processes start, for containers; `up` does them itself."""

import typer

from cli import preparation, settings
from cli.stack import existing_kafka, existing_postgres

app = typer.Typer(no_args_is_help=True)


@app.command("database", help="Membawa basis data ke susunan terbaru.")
def prepare_database() -> None:
    told = settings.load()
    if told.database_url is not None:
        existing_postgres.look(told)
    preparation.prepare_database(None)


@app.command("kafka", help="Membuat topik, pengguna, dan hak akses di Kafka.")
def prepare_kafka() -> None:
    told = settings.load()
    if told.kafka_bootstrap is not None:
        existing_kafka.check(told)
    preparation.prepare_kafka(None, preparation.contracts(None))


@app.command("contracts", help="Mendaftarkan kontrak ke registri dan membuat tabelnya.")
def register_contracts() -> None:
    preparation.register_contracts(None, preparation.contracts(None))
