"""A worker tells what looks wrong by what the instance says, with the row."""

from typing import Any

from schemas.contract import Contract
from schemas.loader import read
from tests.hub import MARKS, Hub
from tests.hub_db.documents import NOW, contract, text
from tests.schemas.contracts import schema_of


def homes(hub: Hub) -> Contract:
    """One more document of the hub's agency."""
    schema = schema_of(contract("rumah", "kode", text("kode", maxLength=20), text("kode_pos", format="kode-pos")))
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    return read(schema, file="rumah.avsc")


def row(kode: str, kode_pos: str) -> dict[str, Any]:
    return {"kode": kode, "kode_pos": kode_pos, "sumber_diubah": NOW}


def test_the_marks_of_the_instance_reach_the_worker(hub: Hub) -> None:
    new = homes(hub)
    hub.open_documents(new, partitions=1)
    here = f"{MARKS['kode_pos']}11"
    first = [hub.event(new, f"r{n}", 1, row(f"r{n}", here if n % 2 else "99999")) for n in range(600)]
    hub.send(new, first)  # enough to be judged as columns, where they come at once

    with hub.worker():
        hub.settled(600)
        hub.send(new, [hub.event(new, "r0", 2, row("r0", here)), hub.event(new, "r1", 2, row("r1", "99999"))])
        hub.settled(602)

    told = dict(hub.ask("select coalesce(_warnings, ''), count(*) from reference.rumah group by 1"))
    changed = hub.ask("select kode, _warnings from reference.rumah where kode in ('r0', 'r1') order by 1")
    assert told == {"kode_pos:kode-pos.daerah": 300, "": 300}
    assert changed == [("r0", None), ("r1", "kode_pos:kode-pos.daerah")]
