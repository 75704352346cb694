"""The catalogue: documents by agency and entity, one document, one entity, code lists; searching all of it."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from base.titles import in_sentence
from dashboard import catalogue_quality, catalogue_search, reading, row_warnings
from dashboard.addresses import Addresses
from dashboard.catalogue import Catalogue, Entry, Version, catalogue, versions
from dashboard.catalogue_lineage import lineage
from dashboard.catalogue_picture import draw
from dashboard.catalogue_quality import STATES, Quality
from dashboard.catalogue_wording import field_rows, principles, readable, rule_rows, span
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.record_reading import title
from dashboard.site import CurrentSite, Site
from dashboard.sparkline import spark
from dashboard.visit import Visit
from hub_db import sources
from identity.grants import Grant, all_grants
from identity.permissions import Permission
from registry.artefacts import CATALOGUE_EXPORTS, EXPORTS
from registry.governance.differences import Difference, differences
from schemas import code_lists
from schemas.contract import Field, Sensitivity
from schemas.field_lists import lists_of
from schemas.names import EntityName, FieldName

WAY = "/katalog"
ENTITIES, CODES = f"{WAY}/entitas", f"{WAY}/kode"
OpdCode = Annotated[str, Path(pattern="^[a-z][a-z0-9]{2,23}$")]
DocumentName = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,47}$")]
Entity = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,59}$")]
ListName = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,59}$")]
Text = Annotated[str, Query(max_length=64)]
Words = Annotated[str, Query(max_length=catalogue_search.LONGEST)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_CATALOGUE)
def by_opd(
    site: CurrentSite, visit: CurrentVisit, cari: Words = "", opd: Text = "", kepekaan: Text = "", keadaan: Text = ""
) -> Response:
    return _list(site, visit, WAY, Form.of(cari=cari, opd=opd, kepekaan=kepekaan, keadaan=keadaan))


@addresses.page(ENTITIES, Permission.VIEW_CATALOGUE)
def by_entity(
    site: CurrentSite, visit: CurrentVisit, cari: Words = "", opd: Text = "", kepekaan: Text = "", keadaan: Text = ""
) -> Response:
    return _list(site, visit, ENTITIES, Form.of(cari=cari, opd=opd, kepekaan=kepekaan, keadaan=keadaan))


@addresses.page(CODES, Permission.VIEW_CATALOGUE)
def code_overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
    found = [code_lists.load(name) for name in sorted(code_lists.names())]
    users = {each.name: _users(known, each.name) for each in found}
    return site.pages.page("catalogue_codes.html", visit, found=found, users=users)


@addresses.page(CODES + "/{name}", Permission.VIEW_CATALOGUE)
def code_list(site: CurrentSite, visit: CurrentVisit, name: ListName) -> Response:
    if name not in code_lists.names():
        raise HTTPException(404)
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
    found, today = code_lists.load(name), site.today(visit.now)
    texts: dict[str, dict[str, list[str]]] = {code: {} for code in found.codes}
    for system, mapping in found.mappings.items():
        for text, code in mapping.items():
            texts[code].setdefault(system, []).append(text)
    return site.pages.page(
        "catalogue_code_list.html",
        visit,
        found=found,
        valid=frozenset(found.valid_on(today)),
        today=today,
        texts=texts,
        users=_users(known, name),
    )


@addresses.page(ENTITIES + "/{entity}", Permission.VIEW_CATALOGUE)
def one_entity(site: CurrentSite, visit: CurrentVisit, entity: Entity) -> Response:
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
        there = reading.entities(conn) & site.entities.keys()
    found = lineage(known.contracts, EntityName(entity))
    if found is None:
        raise HTTPException(404)
    return site.pages.page(
        "catalogue_entity.html",
        visit,
        found=found,
        name=in_sentence(entity),
        agency=known.agency,
        drawing=draw(found),
        entities={contract.entity for contract in known.contracts},
        title=title,
        may_see_rows=found.entity in there and visit.principal.may(Permission.VIEW_RECORDS),
    )


@addresses.page(WAY + "/{opd}/{document}", Permission.VIEW_CATALOGUE)
def one(site: CurrentSite, visit: CurrentVisit, opd: OpdCode, document: DocumentName) -> Response:
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
        entry = found_entry(known, opd, document)
        contract = entry.contract
        figures = _figures(conn, site, visit, entry)
        history = versions(conn, contract)
        grants = _readers(conn, visit, entry)
        source = sources.current(conn).get(contract.name)
    entities = {each.entity for each in known.contracts}
    return site.pages.page(
        "catalogue_document.html",
        visit,
        entry=entry,
        contract=contract,
        agency=known.agency(opd),
        guardian=site.settings.instance.agencies[site.settings.instance.sop.walidata].nama,
        **figures,
        fields=field_rows(contract),
        rules=rule_rows(contract),
        entities=entities,
        principles=list(principles(entry, entities)),
        versions=_with_changes(history),
        source=source,
        may_ask=visit.principal.may(Permission.REQUEST_ACCESS),
        grants=grants,
        sees_all_grants=visit.principal.scope(Permission.VIEW_GRANTS).everywhere,
        readers=known.agency,
        readable=lambda grant: readable(contract, grant),
        files=[(name, each.title) for name, each in EXPORTS.items()],
        span=span,
    )


def _figures(conn: Connection[TupleRow], site: Site, visit: Visit, entry: Entry) -> dict[str, Any]:
    """How good the document's data are, for the template."""
    contract, instance = entry.contract, site.settings.instance
    at = catalogue_quality.clock(conn, instance, visit.now)
    course = catalogue_quality.course(conn, contract.topic, at)
    may_see_reasons = visit.principal.may(Permission.VIEW_DEAD_LETTERS, contract.opd)
    return {
        "quality": catalogue_quality.qualities(conn, [entry], at)[contract.topic],
        "course": course,
        "curves": {state: spark(course.of(state)) for state in ("accepted", "known", "parked", "dead")},
        "reasons": catalogue_quality.reasons(conn, contract.topic, at) if may_see_reasons else None,
        "warned": row_warnings.of_document(conn, contract, instance),
    }


def _with_changes(history: Sequence[Version]) -> list[tuple[Version, list[Difference]]]:
    """Each version with what it changed in words, against the one before it; the first one changed nothing."""
    older = [*history[1:], None][: len(history)]
    return [
        (version, differences(before.contract.schema, version.contract.schema) if before else [])
        for version, before in zip(history, older, strict=True)
    ]


def found_entry(known: Catalogue, opd: str, document: str) -> Entry:
    """The document; 404 for none of ours."""
    entry = known.find(opd, document)
    if entry is None:
        raise HTTPException(404)
    return entry


def _list(site: Site, visit: Visit, way: str, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
        at = catalogue_quality.clock(conn, site.settings.instance, visit.now)
        qualities = catalogue_quality.qualities(conn, known.entries, at)
    fitting = [entry for entry in known.entries if _fits(entry, qualities[entry.contract.topic], form)]
    wanted = form["cari"].strip()
    groups = known.by_opd(fitting) if way == WAY else known.by_entity(fitting)
    states = [(word, badge.word) for word, badge in STATES.items()]
    narrowed = form["opd"] or form["kepekaan"] or form["keadaan"]
    return site.pages.page(
        "catalogue.html",
        visit,
        way=way,
        form=form,
        known=known,
        qualities=qualities,
        stale=sum(each.badge is catalogue_quality.STALE for each in qualities.values()),
        groups=groups,
        wanted=wanted,
        found=catalogue_search.documents(known, fitting, wanted),
        lists=[] if narrowed else catalogue_search.lists(code_lists.names(), wanted),
        most=catalogue_search.MOST_HITS,
        filters=_set_filters(way, form, known, states),
        agencies=sorted({(each.contract.opd, known.agency(each.contract.opd)) for each in known.entries}),
        sensitivities=[(each.value, each.value) for each in Sensitivity],
        states=states,
        files=[(name, each.title) for name, each in CATALOGUE_EXPORTS.items()],
    )


def _fits(entry: Entry, quality: Quality, form: Form) -> bool:
    state = STATES.get(form["keadaan"])
    return (
        form["opd"] in ("", entry.contract.opd)
        and form["kepekaan"] in ("", entry.contract.sensitivity)
        and (not form["keadaan"] or quality.badge is state)
    )


def _set_filters(way: str, form: Form, known: Catalogue, states: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is looked for, each with the address without it."""
    words = {
        "cari": form["cari"].strip(),
        "opd": known.agency(form["opd"]),
        "kepekaan": form["kepekaan"],
        "keadaan": dict(states).get(form["keadaan"], form["keadaan"]),
    }
    kept = {name: form[name] for name in words if form[name].strip()}
    filters = []
    for name in kept:
        rest = urlencode({other: value for other, value in kept.items() if other != name})
        filters.append((words[name], f"{way}?{rest}" if rest else way))
    return filters


def _readers(conn: Connection[TupleRow], visit: Visit, entry: Entry) -> list[Grant] | None:
    """The grants in force on the document's fields that this person may see; None where that is not for the role."""
    scope = visit.principal.scope(Permission.VIEW_GRANTS)
    if scope.is_empty:
        return None
    grants = all_grants(conn, scope)
    return [
        grant
        for grant in grants
        if grant.holds(visit.now) and grant.entity == entry.contract.entity and readable(entry.contract, grant)
    ]


def _users(known: Catalogue, name: str) -> list[tuple[Entry, list[FieldName]]]:
    """The documents that use a code list, with the fields that do."""
    found = [(entry, [field.name for field in entry.contract.fields if _uses(field, name)]) for entry in known.entries]
    return [(entry, fields) for entry, fields in found if fields]


def _uses(field: Field, name: str) -> bool:
    return any(each.name == name for each in lists_of(field))
