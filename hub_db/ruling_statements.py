"""A steward's rulings in the fold's SQL: `golden._ruled`, for many keys at a time.

Only of an entity of which a steward has ruled something; then one look-up by key, and nothing more for a key of which
he has not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from hub_db.golden import Entity, Source
from hub_db.reference_tables import collated
from hub_db.rulings import sql_text
from schemas.contract import Field
from schemas.names import FieldName

FIRST: Final = 1_000_000  # instead of a source's place: the first that says anything of the field


@dataclass(frozen=True, slots=True)
class RulingStatements:
    """Parts of a fold over rows `k` of keys, joined with the sources' rows."""

    join: Composed  # one row `ruled` for each key: by field, the place of the source that was chosen, or null
    fields: Mapping[FieldName, tuple[Identifier, Sequence[tuple[int, Composed]]]]  # column of the place, who says what

    def value(self, field: Field, otherwise: Composed) -> Composed:
        """The value that was chosen, or else that which the fold takes."""
        if field.name not in self.fields:
            return otherwise
        column, said = self.fields[field.name]
        chosen = [SQL("when {} then {}").format(Literal(place), value) for place, value in said]
        first = SQL("when {} then coalesce({})").format(Literal(FIRST), SQL(", ").join(value for _, value in said))
        value = SQL("case ruled.{} {} else {} end").format(column, SQL(" ").join([*chosen, first]), otherwise)
        return collated(field, value)


def of(entity: Entity, aliases: Mapping[str, str]) -> RulingStatements | None:
    """Of an entity whose sources' rows have these aliases; None when it has no field that must agree."""
    agreed = entity.agreed()
    if not agreed:
        return None
    places = {source.name: place for place, source in enumerate(entity.speakers)}
    speakers = {field.name: [source for source in entity.compared() if field.name in source.fields] for field in agreed}
    said = {
        field.name: [(places[source.name], _said(field, source, aliases)) for source in speakers[field.name]]
        for field in agreed
    }
    columns = {field.name: Identifier(f"f{place}") for place, field in enumerate(agreed)}
    tests = [_is_as_seen(field, speakers[field.name], aliases) for field in agreed]
    place_of = SQL(" ").join(
        SQL("when {} then {}").format(Literal(source.name), Literal(places[source.name]))
        for source in entity.compared()
    )
    chosen = [
        SQL("min(v.place) filter (where v.field = {}) as {}").format(Literal(field.name), columns[field.name])
        for field in agreed
    ]
    join = SQL(
        "left join lateral (select {chosen} from (select distinct on (c.field, c.source_b) c.field, c.place from"
        " (select r.id, r.field, r.source_b,"
        " case when r.choice = 'a' then {first} else case r.source_b {place_of} end end as place,"
        " bool_and(coalesce(case r.field {tests} end, false)) over (partition by r.conflict_id) as holds"
        " from hub.ruling r where r.entity = {entity} and r.key = {key} and r.ended_at is null) c"
        " where c.holds order by c.field, c.source_b, c.id desc) v) ruled on true"
    ).format(
        chosen=SQL(", ").join(chosen),
        first=Literal(FIRST),
        place_of=place_of,
        tests=SQL(" ").join(tests),
        entity=Literal(entity.name),
        key=SQL(" || '|' || ").join(SQL("k.{}").format(Identifier(name)) for name in entity.key),
    )
    return RulingStatements(join, {field.name: (columns[field.name], said[field.name]) for field in agreed})


def _is_as_seen(field: Field, speakers: Sequence[Source], aliases: Mapping[str, str]) -> Composed:
    """For rulings of a field: whether source A is the first that says anything of it, and both say what was seen."""
    said = {source.name: _said(field, source, aliases) for source in speakers}
    first = SQL(" ").join(
        SQL("when {} is not null then {}").format(value, Literal(name)) for name, value in said.items()
    )
    other = SQL(" ").join(SQL("when {} then {}").format(Literal(name), value) for name, value in said.items())
    return SQL("when {field} then case {first} end = r.source_a and hub.both_seen({a}, {b}) = r.seen").format(
        field=Literal(field.name),
        first=first,
        a=_text(field, SQL("coalesce({})").format(SQL(", ").join(said.values()))),
        b=_text(field, SQL("case r.source_b {} end").format(other)),
    )


def _text(field: Field, value: Composable) -> Composed:
    return SQL('({}) collate "C"').format(sql_text(field, value))


def _said(field: Field, source: Source, aliases: Mapping[str, str]) -> Composed:
    return collated(field, SQL("{}.{}").format(Identifier(aliases[source.name]), Identifier(source.fields[field.name])))
