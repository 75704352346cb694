"""A database in which a resident and a village have a past, made of the events of real documents."""

from collections.abc import Iterator
from contextlib import contextmanager

from identity.masked_views import make_view
from tests.conftest import Database
from tests.identity.people_of_test import OPDS, PSEUDONYMS
from tests.identity.real_rows import PATIENTS, REGIONS, RESIDENTS, event, nik
from tests.promises.roads import ALWAYS, Road

SHE = nik(1)
NAMES = ("KENARI SURATAN", "KENARI LAMA", "KENARI S")  # her name, what it was, and what the clinic says


@contextmanager
def lived(database: Database) -> Iterator[Road]:
    """A resident whom two sources describe, the first of them twice; and a village that was renamed."""
    made = Road(database, ALWAYS, (REGIONS, RESIDENTS, PATIENTS))
    try:
        PSEUDONYMS.install(made.owner)
        for opd in OPDS:
            statement = "insert into identity.opd (code, name, short_name) values (%s, %s, %s) on conflict do nothing"
            made.owner.execute(statement, (opd, opd, opd))
        make_view(made.owner, [REGIONS])
        make_view(made.owner, [RESIDENTS, PATIENTS])
        made.register_schemas()
        made.begin()
        made.take(REGIONS, [event(REGIONS, 1, nama="Desa Lama")])
        made.take(REGIONS, [event(REGIONS, 2)])
        made.take(RESIDENTS, [event(RESIDENTS, 1, nik=SHE, nama=NAMES[1])])
        made.take(RESIDENTS, [event(RESIDENTS, 2, nik=SHE)])
        made.take(PATIENTS, [event(PATIENTS, 1, nik=SHE)])
        yield made
    finally:
        made.close()
