"""`simpul watch …`: one look of every rule of the watch, now."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from jobs.watch import Looked

app = typer.Typer()

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


@app.callback()
def everything() -> None:
    """Menjalankan pengawasan hub."""


@app.command("run", help="Memeriksa semua aturan sekali, mencatat temuannya, dan menunjukkannya.")
def run(as_json: AsJson = False) -> None:
    from cli.watching import look_once
    from hub_db.connection import connect

    conn = connect(settings.dsn(None, "simpul_jobs"), process="simpul-watch-command")
    try:
        looked = look_once(conn, None)
    finally:
        conn.close()
    if as_json:
        typer.echo(json.dumps([description(each) for each in looked], ensure_ascii=False, indent=2))
        return
    for each in looked:
        show(each)
    found = sum(len(each.findings) for each in looked)
    tell(f"{len(looked)} aturan diperiksa, {found} temuan.")


def show(looked: "Looked") -> None:
    if looked.reason is not None:
        typer.echo(f"{looked.rule}: tidak dapat memeriksa. {looked.reason}")
    for finding in looked.findings:
        typer.echo(f"{looked.rule}: {finding.title}")


def description(looked: "Looked") -> dict[str, Any]:
    return {
        "rule": looked.rule,
        "reason": looked.reason,
        "closed": looked.closed,
        "findings": [
            {name: value for name, value in asdict(finding).items() if name in {"subject", "title", "body"}}
            for finding in looked.findings
        ],
    }
