"""Records follow what a steward ruled of them: reckoned anew after a decision and after one that was taken back."""

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import fold_statements, layouts, refold, rulings
from hub_db.conflicts.store import SQL, ConflictId
from hub_db.rulings import Ruling
from schemas.names import EntityName, EventKey


def follow(conn: Connection[TupleRow], number: ConflictId) -> int:
    """Reckon the record of a conflict anew and list it for the next round if it changed; how many did. As the owner, in
    the caller's transaction. Doing it twice changes nothing.

    With an entity's first ruling its batches under way are waited for: those after it look for rulings.
    """
    row = conn.execute(SQL["row_of"], {"id": number}).fetchone()
    if row is None:
        return 0
    name, key = EntityName(row[0]), EventKey(row[1])
    ruled = conn.execute(layouts.SQL["is_ruled"], {"entity": name}).fetchone()
    if ruled == (False,):
        conn.execute(layouts.SQL["take"], {"entity": name})
        conn.execute(layouts.SQL["ruled_from_now_on"], {"entity": name})
    conn.execute(layouts.SQL["hold"], {"entities": [name]}).fetchall()
    entity = layouts.entity_now(conn, name)
    if entity is None or not entity.merged:
        return 0
    return refold.reckon(conn, fold_statements.folds(entity), [key])


def of_record(conn: Connection[TupleRow], name: EntityName, key: EventKey) -> list[Ruling]:
    """What was ever ruled of a record, for who may read it: ended rulings, too."""
    return rulings.read(conn.execute(SQL["rulings"], {"entity": name, "key": key}))
