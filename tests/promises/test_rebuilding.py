"""A document's rows follow from its history: made again out of it, they are the live ones, whatever road these went.

What a hand has spoilt is found, told without values, and mended; what comes meanwhile is not lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base import faults
from cli.stack.local import Stack
from hub_db import giving_up, rebuild_swap, rebuilding, releases, stored_sets
from hub_db.connection import transaction
from jobs import load_job, queue, rebuild_job
from jobs.errors import NotPossible
from jobs.job import Job, JobId
from jobs.kinds import register
from jobs.rebuild_job import Outcome
from jobs.running import Running
from schemas.contract import Contract
from schemas.names import EventKey, SchemaId, TopicName
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.documents import NOW as SENT
from tests.hub_db.documents import PEOPLE, PLACES, person_row, place_row, warned
from tests.hub_db.residents import DEEDS, NEWCOMERS, PATIENTS, RESIDENTS, TEACHERS, gone, said
from tests.hub_db.test_waiting import told
from tests.promises.roads import ALWAYS, NEVER, Road
from tests.promises.test_loads import AKTA, BY, NOW, WARGA, WHY, ask, begin, of

WARNED = warned(NEWCOMERS, "asal_uji", "asal <> 'c1'")
WAITERS = told(PEOPLE, parkFor={"duration": "P7D", "then": "warn"})
MARKS = "select *, xmin::text from reference.akta order by buku, nomor"
LISTED = "select key from hub.change_key order by key"
COPIES = "select count(*) from pg_tables where schemaname = 'rebuild'"


@pytest.fixture(scope="module")
def made(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        road = Road(database, ALWAYS, (PLACES, WAITERS, RESIDENTS, WARNED, PATIENTS, TEACHERS, DEEDS))
        road.register_schemas()
        register(
            road.owner,
            [load_job.kind(database.dsn, lambda: INSTANCE), *rebuild_job.kinds(database.dsn, lambda: INSTANCE)],
        )
        yield road
        road.close()


@pytest.fixture
def road(made: Road, monkeypatch: pytest.MonkeyPatch) -> Road:
    """With nothing in it, and pieces so small that every rebuild has several."""
    monkeypatch.setattr(rebuilding, "STRETCH", 3)
    monkeypatch.setattr(rebuilding, "KEYS_AT_ONCE", 2)
    monkeypatch.setattr(rebuild_swap, "COMPARED_AT_ONCE", 2)
    begin(made)
    return made


def run(road: Road, job: JobId) -> Job:
    """The job after a turn of its worker."""
    dsn = road.database.dsn
    kinds = [load_job.kind(dsn, lambda: INSTANCE), *rebuild_job.kinds(dsn, lambda: INSTANCE)]
    turn = queue.find(road.owner, job).turn
    assert turn is not None
    Running(dsn("simpul_jobs"), "uji", kinds).take_turn(job, turn, lambda: False)
    return queue.find(road.owner, job)


def made_again(road: Road, contract: Contract, *, preview: bool = False) -> JobId:
    with transaction(road.owner):
        job = rebuild_job.ask(road.owner, contract.topic, preview=preview, by="uji")
    run(road, job)
    return job


def outcome(road: Road, job: JobId) -> Outcome:
    found = Outcome.of(queue.find(road.owner, job))
    assert found is not None
    return found


def report(road: Road, contract: Contract) -> Any:
    """What a rebuild finds; nothing is changed."""
    found = outcome(road, made_again(road, contract, preview=True))
    assert found.why is None
    return found.report


def swap(road: Road, copy: JobId, *, apply: bool = True) -> Outcome:
    with transaction(road.owner):
        job = rebuild_job.decide(road.owner, copy, apply=apply, by=BY, now=NOW)
    run(road, job)
    return outcome(road, job)


def healed(road: Road, contract: Contract) -> Outcome:
    return swap(road, made_again(road, contract))


def undo(road: Road, contract: Contract, load: str, *, withdrawn: bool) -> None:
    with transaction(road.owner):
        asked = load_job.decide(road.owner, contract.topic, load, withdrawn=withdrawn, reason=WHY, by=BY, now=NOW)
    assert run(road, asked.job).finished_at is not None


def deeds(road: Road) -> None:
    """Five deeds with two versions each, one of them deleted."""
    road.take(DEEDS, [said(DEEDS, f"1|{n}", 1, isi="LAMA") for n in "abcde"])
    road.take(DEEDS, [*(said(DEEDS, f"1|{n}", 2, isi="BARU") for n in "abcd"), gone(DEEDS, "1|e", 2)])


# The law --------------------------------------------------------------------------------------------

OF = {"akta": DEEDS, "warga": RESIDENTS, "pasien": PATIENTS, "guru": TEACHERS, "pendatang": WARNED}
FIELD = {"akta": "isi", "warga": "nama", "pasien": "telepon", "guru": "hp", "pendatang": "asal"}
LOADS = (None, None, "L", "M")
EVENTS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from((0, 0, 1)), st.integers(1, 3), st.integers(0, 2), st.sampled_from(LOADS)
    ),
    min_size=1,
    max_size=5,
)
ACTS = st.lists(st.tuples(st.sampled_from(sorted(OF)), EVENTS | st.sampled_from(["L", "M"])), max_size=8)


@pytest.mark.parametrize("fewest", [NEVER, ALWAYS], ids=["one by one", "as columns"])
@settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)
@given(acts=ACTS)
def test_after_any_course_of_events_the_rows_are_those_of_the_history(
    made: Road, fewest: int, monkeypatch: pytest.MonkeyPatch, acts: Sequence[Any]
) -> None:
    """Versions that are late, doubled or contested, new epochs, deletes, events that wait, loads withdrawn and
    restored."""
    monkeypatch.setattr(stored_sets, "FEWEST", fewest)
    begin(made)
    away: set[tuple[str, str]] = set()
    for document, act in acts:
        contract = OF[document]
        if isinstance(act, list):
            made.take(contract, [event_of(document, *each) for each in act])
            made.release()
        elif made.owner.execute("select from hub.loads_arrived(%s) where load = %s", [contract.topic, act]).fetchone():
            undo(made, contract, act, withdrawn=(document, act) not in away)
            away ^= {(document, act)}
            made.release()

    for contract in {document: OF[document] for document, _ in acts}.values():
        found = report(made, contract)
        assert (contract.document, found.kinds, found.apart) == (contract.document, {}, {})


def event_of(document: str, key: str, epoch: int, version: int, content: int, load: str | None) -> Event:
    """The content 0 is a delete."""
    contract = OF[document]
    name = f"1|{key}" if contract is DEEDS else key
    more = {"nik": "abc"[content]} if contract is TEACHERS else {}
    told = {FIELD[document]: f"c{content}", **more}
    sent, value, headers = said(contract, name, version, **told) if content else gone(contract, name, version)
    begun = [(name, b"%d" % epoch if name == "ce_simpulepoch" else told) for name, told in headers]
    return of(load, (sent, value, begun))


@pytest.mark.parametrize("fewest", [NEVER, ALWAYS], ids=["one by one", "as columns"])
def test_what_is_told_of_rows_is_told_again(road: Road, fewest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_sets, "FEWEST", fewest)
    road.take(WARNED, [said(WARNED, f"w{n}", 1, asal="c1" if n % 2 else "KEDIRI") for n in range(6)])
    told_of = "select nik, _warnings from source.uji_pendatang order by nik"
    sound = ask(road, told_of)

    same = report(road, WARNED)
    road.owner.execute("update source.uji_pendatang set _warnings = null")
    found, written = report(road, WARNED), healed(road, WARNED)

    assert sound == [(f"w{n}", "rule:asal_uji" if n % 2 else None) for n in range(6)]
    assert same.kinds == {}
    assert (found.kinds, found.fields) == ({"different": 3}, {"peringatan": 3})
    assert written == Outcome(written={"different": 3})
    assert ask(road, told_of) == sound


def test_what_is_told_of_a_row_comes_back_with_it_when_a_load_is_withdrawn(road: Road) -> None:
    road.take(WARNED, [said(WARNED, "a", 1, asal="c1"), of("L", said(WARNED, "a", 2, asal="c2"))])

    undo(road, WARNED, "L", withdrawn=True)

    assert ask(road, "select asal, _warnings from source.uji_pendatang") == [("c1", "rule:asal_uji")]
    assert report(road, WARNED).kinds == {}


def test_pieces_of_any_size_find_the_same(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor in ('a', 'd')")
    found = []
    for size in (1, 2, 3, 100):
        monkeypatch.setattr(rebuilding, "STRETCH", size)
        monkeypatch.setattr(rebuilding, "KEYS_AT_ONCE", size)
        monkeypatch.setattr(rebuild_swap, "COMPARED_AT_ONCE", size)
        found.append(report(road, DEEDS))

    assert found == [found[0]] * 4
    assert (found[0].rows, found[0].alive, found[0].kinds) == (5, 4, {"different": 2})


# What a hand has spoilt -----------------------------------------------------------------------------


def test_a_spoilt_row_is_found_by_its_fields_mended_and_published_alone(road: Road) -> None:
    deeds(road)
    sound = ask(road, AKTA)
    road.owner.execute("update reference.akta set isi = 'RUSAK', _event_time = null where nomor = 'c'")

    copy = made_again(road, DEEDS)
    found, spoilt = outcome(road, copy).report, ask(road, AKTA)
    written = swap(road, copy)

    assert found is not None
    assert (found.kinds, found.fields) == ({"different": 1}, {"isi": 1, "waktu kejadian": 1})
    assert found.keys == {"different": ["1|c"]}
    assert spoilt != sound  # nothing is changed before a person says so
    assert written == Outcome(written={"different": 1})
    assert ask(road, AKTA) == sound
    assert ask(road, LISTED) == [("1|c",)]
    assert ask(road, COPIES) == [(0,)]
    assert report(road, DEEDS).kinds == {}


def test_a_lost_row_comes_back_and_one_that_no_event_made_is_gone(road: Road) -> None:
    deeds(road)
    sound = ask(road, AKTA)
    road.owner.execute("delete from reference.akta where nomor in ('b', 'e')")
    road.owner.execute(
        'insert into reference.akta select (jsonb_populate_record(t, \'{"nomor": "x", "_offset": 77}\')).*'
        " from reference.akta t where nomor = 'a'"
    )

    written = healed(road, DEEDS)

    assert written == Outcome(written={"lost": 2, "extra": 1})
    assert ask(road, AKTA) == sound
    assert ask(road, LISTED) == [("1|b",), ("1|e",), ("1|x",)]
    assert report(road, DEEDS).kinds == {}
    road.take(DEEDS, [said(DEEDS, "1|x", 1, isi="ADA")])
    assert ("x", "ADA") in ask(road, AKTA)


def test_versions_and_places_that_were_changed_are_mended_too(road: Road) -> None:
    deeds(road)
    sound = ask(road, "select * from reference.akta order by nomor")
    road.owner.execute("update reference.akta set _sequence = 90 where nomor = 'a'")
    road.owner.execute("update reference.akta set _offset = 4711 where nomor = 'b'")
    road.owner.execute("update reference.akta set _deleted = true, isi = null where nomor = 'c'")

    found, written = report(road, DEEDS), healed(road, DEEDS)

    assert found.fields == {"isi": 1, "letak kejadian": 1, "penghapusan": 1, "versi": 1}
    assert written == Outcome(written={"different": 3})
    assert ask(road, "select * from reference.akta order by nomor") == sound


def test_the_golden_records_of_the_keys_that_changed_are_folded_anew(road: Road) -> None:
    road.take(RESIDENTS, [said(RESIDENTS, key, 1, nama=key.upper()) for key in "ab"])
    road.take(PATIENTS, [said(PATIENTS, key, 1, telepon=f"08{key}") for key in "ab"])
    road.take(TEACHERS, [said(TEACHERS, "t", 1, nik="b", hp="0877")])
    sound = ask(road, WARGA)
    road.owner.execute("truncate hub.change cascade")
    road.owner.execute("update source.uji_pasien set telepon = '000' where nik = 'a'")
    road.owner.execute("update source.uji_pasien set _event_time = null where nik = 'b'")
    road.owner.execute("update reference.guru set hp = '999' where nomor = 't'")
    road.owner.execute("update reference.warga set telepon = '000' where nik = 'a'")
    road.owner.execute("update reference.warga set telepon = '999' where nik = 'b'")

    written = [healed(road, PATIENTS), healed(road, TEACHERS)]

    assert written == [Outcome(written={"different": 2}), Outcome(written={"different": 1})]
    assert sound == [("a", "A", "08a"), ("b", "B", "0877")]
    assert ask(road, WARGA) == sound
    listed = "select c.entity, k.key from hub.change c join hub.change_key k on k.change_id = c.id order by 1, 2"
    assert ask(road, listed) == [("guru", "t"), ("warga", "a"), ("warga", "b")]


def test_values_are_never_told_and_keys_only_where_everybody_may_see_them(road: Road) -> None:
    hidden = "update hub.document set contract = jsonb_set(contract::jsonb, '{fields,0,sensitivity}', %s)"
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RAHASIA' where nomor = 'a'")
    road.owner.execute(f"{hidden} where topic = %s", ['"pribadi"', DEEDS.topic])
    try:
        copy = made_again(road, DEEDS, preview=True)
    finally:
        road.owner.execute(f"{hidden} where topic = %s", ['"umum"', DEEDS.topic])

    found = outcome(road, copy).report
    assert found is not None
    assert (found.kinds, found.keys) == ({"different": 1}, {})
    assert "RAHASIA" not in str(queue.find(road.owner, copy))


# What comes meanwhile -------------------------------------------------------------------------------


def test_events_that_come_between_the_copy_and_the_swap_are_not_lost(road: Road) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor in ('a', 'b')")
    copy = made_again(road, DEEDS)
    later = [said(DEEDS, "1|a", 3, isi="LEBIH BARU"), said(DEEDS, "1|n", 1, isi="BARU"), gone(DEEDS, "1|c", 3)]
    road.take(DEEDS, later)
    road.take(DEEDS, [said(DEEDS, "1|d", 3, isi="D"), said(DEEDS, "1|f", 1, isi="F"), said(DEEDS, "1|g", 1, isi="G")])

    written = swap(road, copy)

    assert written == Outcome(written={"different": 1})  # the event has mended the other one
    assert ask(road, AKTA) == [
        ("a", "LEBIH BARU"), ("b", "BARU"), ("d", "D"), ("f", "F"), ("g", "G"), ("n", "BARU")
    ]  # fmt: skip
    assert report(road, DEEDS).kinds == {}


def test_what_comes_while_the_copy_is_made_is_no_difference(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild_job, "STEP_S", 0.0)
    deeds(road)
    with transaction(road.owner):
        number = rebuild_job.ask(road.owner, DEEDS.topic, preview=True, by="uji")
    kind, job = rebuild_job.kinds(road.database.dsn, lambda: INSTANCE)[0], queue.find(road.owner, number)
    later, phases = [said(DEEDS, f"1|{n}", 3, isi="NANTI") for n in "aczbkymdx"], []
    while not (step := kind.step(road.owner, job)).finished:
        job = replace(job, cursor=step.cursor, done=step.done)
        phases.append(cursor_of(job)["phase"])
        if later:
            road.take(DEEDS, [later.pop()])
    with transaction(road.owner):
        queue.cancel(road.owner, number, by=BY)

    found = cursor_of(replace(job, cursor=step.cursor))["report"]
    assert {"fill", "read", "follow", "compare", "settle"} == set(phases)
    assert (later, found["kinds"], found["rows"]) == ([], {}, 10)


def cursor_of(job: Job) -> dict[str, Any]:
    assert isinstance(job.cursor, dict)
    return job.cursor


def test_parked_events_that_go_in_meanwhile_are_taken_in(road: Road) -> None:
    road.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081"), said(PATIENTS, "b", 1, telepon="082")])
    road.take(RESIDENTS, [said(RESIDENTS, "b", 1, nama="B")])
    road.release()
    road.owner.execute("update source.uji_pasien set telepon = '000' where nik = 'b'")
    copy = made_again(road, PATIENTS)
    road.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="A")])
    road.release()

    written = swap(road, copy)

    assert written == Outcome(written={"different": 1})
    assert ask(road, WARGA) == [("a", "A", "081"), ("b", "B", "082")]
    assert report(road, PATIENTS).kinds == {}


def test_what_is_told_of_an_event_that_waited_in_vain_stays_with_its_row(road: Road) -> None:
    road.take(WAITERS, [person(WAITERS, "p", 1, "nowhere"), person(WAITERS, "q", 1, "nowhere")])
    road.owner.execute("update hub.parked set parked_at = parked_at - interval '8 days'")
    document = road.documents[WAITERS.topic]
    for each in releases.partitions(road.conn):
        giving_up.end_waiting(road.conn, WAITERS, each, road.reread(document))
    road.owner.execute("update reference.orang set nama = 'RUSAK' where nomor = 'q'")

    written = healed(road, WAITERS)

    assert written == Outcome(written={"different": 1})
    rows = "select nomor, nama, _warnings from reference.orang order by nomor"
    assert ask(road, rows) == [(key, "A", "tempat:reference-missing") for key in "pq"]


def person(contract: Contract, key: str, version: int, place: str) -> Event:
    value = frame(SchemaId(1), Writer(contract).write(person_row(key, place)))
    about = EventHeaders(f"{key}-{version}", "/opd/uji/x", SENT, version, 0, None)
    return key.encode(), value, write(about, contract, EventKey(key))


# What cannot be made again --------------------------------------------------------------------------


def test_keys_whose_newest_event_the_history_lost_are_told_and_left_as_they_are(road: Road) -> None:
    deeds(road)
    road.owner.execute("delete from hub.history where key = '1|a' or (key = '1|b' and sequence = 2)")
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'c'")
    before = ask(road, AKTA)

    copy = made_again(road, DEEDS)
    found, written = outcome(road, copy).report, swap(road, copy)

    assert found is not None
    assert (found.kinds, found.apart) == ({"different": 1}, {"pruned": 2})
    assert written == Outcome(written={"different": 1})
    assert ask(road, AKTA) == [(key, "BARU" if key == "c" else value) for key, value in before]


def test_what_the_contract_no_longer_lets_in_is_told_by_its_code_and_left_as_it_is(road: Road) -> None:
    road.take(PLACES, [place("p"), place("q")])
    wrong = frame(road.schema_ids[PLACES.topic], Writer(PLACES).write(place_row("p", nama="N" * 41)))
    road.owner.execute("update hub.history set value = %s where key = 'p'", [wrong])
    road.owner.execute("update hub.history set value = 'x' where key = 'q'")

    found = report(road, PLACES)

    assert (found.kinds, found.apart) == ({}, {"maxLength": 1, "truncated": 1})


def place(kode: str) -> Event:
    value = frame(SchemaId(1), Writer(PLACES).write(place_row(kode)))
    return kode.encode(), value, write(EventHeaders(kode, "/opd/uji/x", SENT, 1, 0, None), PLACES, EventKey(kode))


# Killed, refused, doubled ---------------------------------------------------------------------------


def test_a_swap_that_is_broken_off_has_changed_nothing_and_is_done_whole_later(road: Road) -> None:
    deeds(road)
    sound = ask(road, AKTA)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor < 'd'")
    spoilt, copy = ask(road, MARKS), made_again(road, DEEDS)
    with transaction(road.owner):
        job = rebuild_job.decide(road.owner, copy, apply=True, by=BY, now=NOW)
    faults.arm("rebuild.precommit:1:raise")
    try:
        broken = run(road, job)
    finally:
        faults.arm("")

    assert broken.is_open
    assert (ask(road, MARKS), ask(road, LISTED)) == (spoilt, [])
    road.owner.execute("update jobs.job set not_before = null where id = %s", [job])
    with transaction(road.owner):
        queue.give_turn(road.owner, job)
    run(road, job)
    assert outcome(road, job) == Outcome(written={"different": 3})
    assert ask(road, AKTA) == sound


def test_a_swap_that_is_done_twice_says_the_same_and_publishes_once(road: Road) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
    copy = made_again(road, DEEDS)
    with transaction(road.owner):
        number = rebuild_job.decide(road.owner, copy, apply=True, by=BY, now=NOW)
    kind, job = rebuild_job.kinds(road.database.dsn, lambda: INSTANCE)[1], queue.find(road.owner, number)
    ready = replace(job, cursor=kind.step(road.owner, job).cursor)

    first, second = kind.step(road.owner, ready), kind.step(road.owner, ready)

    assert first.cursor == second.cursor == {"phase": "swapped", "written": {"different": 1}}
    assert ask(road, LISTED) == [("1|a",)]
    assert run(road, number).finished_at is not None


def test_a_copy_that_was_left_over_is_replaced_and_its_swap_refused(road: Road) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
    old = made_again(road, DEEDS)
    new = made_again(road, DEEDS)

    refused, written = swap(road, old), swap(road, new)

    assert "sudah tidak ada" in (refused.why or "")
    assert written == Outcome(written={"different": 1})
    acts = "select details ->> 'copy' from audit.entry where act = 'table.rebuild' and subject = %s order by 1"
    told = [int(copy) for (copy,) in road.owner.execute(acts, [f"document:{DEEDS.topic}"])]
    assert {int(old), int(new)} <= set(told)


def test_nobody_wants_the_swap_and_nothing_is_left(road: Road) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
    spoilt = ask(road, MARKS)

    said_no = swap(road, made_again(road, DEEDS), apply=False)

    assert said_no == Outcome()
    assert (ask(road, MARKS), ask(road, COPIES)) == (spoilt, [(0,)])


def test_a_server_that_fell_has_emptied_the_copy_and_nothing_is_swapped(road: Road) -> None:
    deeds(road)
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
    copy, spoilt = made_again(road, DEEDS), ask(road, MARKS)
    tables = road.owner.execute("select tablename from pg_tables where schemaname = 'rebuild'").fetchall()
    logged = "select count(*) from pg_class where relnamespace = 'rebuild'::regnamespace and relpersistence <> 'u'"
    for (name,) in tables:
        road.owner.execute(f'truncate rebuild."{name}"')

    refused = swap(road, copy)

    assert ask(road, logged) == [(0,)]
    assert "sudah tidak ada" in (refused.why or "")
    assert ask(road, MARKS) == spoilt


def test_a_load_that_is_withdrawn_meanwhile_makes_the_copy_another_ones(road: Road) -> None:
    deeds(road)
    road.take(DEEDS, [of("L", said(DEEDS, "1|z", 1, isi="Z"))])
    road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
    copy = made_again(road, DEEDS)
    with transaction(road.owner):
        asked = load_job.decide(road.owner, DEEDS.topic, "L", withdrawn=True, reason=WHY, by=BY, now=NOW)
    with pytest.raises(NotPossible, match="sedang ditarik"), transaction(road.owner):
        rebuild_job.ask(road.owner, DEEDS.topic, preview=False, by="uji")
    run(road, asked.job)

    refused = swap(road, copy)

    assert "berubah" in (refused.why or "")
    assert healed(road, DEEDS) == Outcome(written={"different": 1})


def test_a_document_that_the_hub_does_not_take_is_refused(road: Road) -> None:
    with pytest.raises(NotPossible, match="tidak terdaftar"), transaction(road.owner):
        rebuild_job.ask(road.owner, TopicName("opd.uji.tiada"), preview=False, by="uji")
