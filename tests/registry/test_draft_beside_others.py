"""A draft is held against the other documents' contracts, as a file of a folder is held against the folder's."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from registry.artefacts.lint import lint
from registry.errors import DraftRefused
from registry.governance import drafts, review
from registry.governance.drafts import Draft, State
from registry.governance.verdicts import verdicts
from registry.schema_text import parse
from schemas.loader import read
from tests.conftest import Database
from tests.registry.test_draft_review import BUDI, NOW, REASON, SARI, Bench, grown
from tests.schemas.contracts import INSTANCE, penduduk, schema_of, wilayah


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    made = Bench(database)
    yield made
    made.owner.close()
    made.web.close()


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in schema["fields"] if each["name"] == name)
    return found


def stray(schema: dict[str, Any], **said: Any) -> None:
    """Another entity, another key; no field names what replaced a row any more."""
    schema["contract"].update(**said)
    for each in schema["fields"]:
        each.pop("isReplacedBy", None)


def market(name: str, **said: Any) -> dict[str, Any]:
    """A new document of markets in the villages of the region."""
    schema: dict[str, Any] = schema_of(wilayah())
    schema["name"] = name.replace("-", "_")
    stray(schema, **({"opd": "kominfo", "document": name, "entity": "pasar", "priority": 1} | said))
    return schema


def drafted(bench: Bench, schema: dict[str, Any]) -> Draft:
    subject = read(schema, file="rancangan").subject
    return drafts.find_or_make(bench.web, subject, parse(json.dumps(schema)), by=SARI, now=NOW)


def against(bench: Bench, schema: dict[str, Any]) -> list[str]:
    """What the other documents' contracts have against a draft."""
    found = verdicts(bench.web, drafted(bench, schema), INSTANCE)
    return [each.message for each in found.lint if each.code == "antar-kontrak"]


CASES: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    (
        "an entity that no document brings",
        lambda s: field(s, "kode_wilayah").update(references="desa.kode"),
        "desa.kode is no column of any document",
    ),
    (
        "a field that no document brings",
        lambda s: field(s, "kode_wilayah").update(references="wilayah.nomor"),
        "wilayah.nomor is no column of any document",
    ),
    (
        "what is not the key",
        lambda s: field(s, "kode_wilayah").update(references="wilayah.nama"),
        "wilayah.nama is not the key of wilayah",
    ),
    (
        "a priority that another has",
        lambda s: stray(s, entity="wilayah", priority=wilayah().priority, key=["nik"]),
        "contract.priority is that of kominfo.wilayah, too",
    ),
    (
        "another key",
        lambda s: stray(s, entity="wilayah", priority=9),
        "contract.key is not that of kominfo.wilayah: kode",
    ),
    (
        "a feed of what is not there",
        lambda s: s["contract"].update(
            feeds=[{"entity": "desa", "key": "nik", "fields": {"x": "nama"}, "priority": 2}]
        ),
        "desa is no entity of any document",
    ),
]


@pytest.mark.parametrize(("bend", "reason"), [pytest.param(*each[1:], id=each[0]) for each in CASES])
def test_what_the_others_do_not_bear_out_is_told_and_not_approved(
    bend: Callable[[dict[str, Any]], object], reason: str, bench: Bench
) -> None:
    schema = grown()
    bend(schema)

    assert any(reason in each for each in against(bench, schema))
    found = bench.submitted(schema)
    with pytest.raises(DraftRefused):
        bench.approve(found)


def test_the_verdicts_of_a_draft_are_those_of_its_file_in_a_folder(bench: Bench) -> None:
    schema = grown()
    field(schema, "kode_wilayah")["references"] = "wilayah.nama"
    field(schema, "nama")["doc"] = "nama"
    schema["contract"]["freshness"] = "P9D"

    found = drafted(bench, schema)

    offline = lint(found.schema_text, INSTANCE, file="disdukcapil/penduduk.avsc", others=[wilayah(), penduduk()])
    assert verdicts(bench.web, found, INSTANCE).lint == offline
    assert "antar-kontrak" in {each.code for each in offline}


def test_a_draft_that_breaks_another_document_is_refused_for_that(bench: Bench) -> None:
    schema = schema_of(wilayah())
    field(schema, "kode")["name"] = "nomor"
    stray(schema, key=["nomor"], rules=[])

    assert (
        "Tidak cocok dengan kontrak lain: disdukcapil.penduduk: fields (kode_wilayah).references wilayah.kode is no"
        " column of any document."
    ) in against(bench, schema)


def test_what_another_document_lacked_already_is_not_held_against_a_draft(bench: Bench) -> None:
    old = market("pasar-lama")
    field(old, "nama").update(references="penduduk.surat", onMissing="warn")
    bench.owner.execute(
        "insert into hub.document (topic, opd, document, entity, subject, schema_id, contract)"
        " values ('opd.kominfo.pasar-lama', 'kominfo', 'pasar-lama', 'pasar', 'opd.kominfo.pasar-lama-value', 1, %s)",
        [Jsonb(old)],
    )

    assert against(bench, grown()) == []
    assert against(bench, market("pasar-baru", priority=2)) == []


def test_what_a_document_refers_to_and_is_not_open_here_does_not_keep_it_from_changing(bench: Bench) -> None:
    bench.owner.execute("delete from hub.document where document = 'wilayah'")
    reason = (
        "Tidak cocok dengan kontrak lain: fields (kode_wilayah).references wilayah.kode is no column of any document."
    )

    found = bench.submitted(grown())

    assert against(bench, grown()) == [reason]
    bench.approve(found)
    assert bench.enforce() == [found.id]


def test_two_that_were_approved_together_and_do_not_fit_together_do_not_both_hold(bench: Bench) -> None:
    first, second = (drafted(bench, market(name)) for name in ("pasar", "pasar-harian"))
    for found in (first, second):
        review.submit(bench.web, found.id, walidata="kominfo", by=SARI, now=NOW)
    for found in (first, second):
        with bench.web.transaction():
            review.approve(bench.web, found.id, REASON, by=BUDI, instance=INSTANCE, now=NOW)

    done = bench.enforce()

    late = bench.now(second)
    assert (done, late.state, late.version) == ([first.id], State.APPROVED, None)
    assert late.trouble == "Tidak cocok dengan kontrak lain: contract.priority is that of kominfo.pasar, too."
