"""Profiles as the intake would have gathered them: residents day by day, and a day on which their data are wrong."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from base.calendar import pinned
from hub_db.profiles import store
from hub_db.profiles.measures import measure
from schemas.contract import Contract, Value
from schemas.rules import dtypes
from tests.conftest import Database
from tests.identity.people_of_test import resident

WORKED = pinned().is_working_day
ROWS = 220


def enter_day(database: Database, contract: Contract, day: date, rows: int = ROWS, **changes: Value) -> None:
    """A day's residents, with fields that all have one value."""
    told = [whole(contract, resident(number)) | changes for number in range(rows)]
    frame = pl.DataFrame(told, schema=dtypes(contract.fields), orient="row")
    with database.connect() as conn:
        store.add(conn, contract, day, rows * 5, measure(contract, frame, day))


def whole(contract: Contract, row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(field.name): row.get(field.name) for field in contract.fields}


def enter_weeks(database: Database, contract: Contract, last: date, days: int = 25) -> None:
    """The days before one, each like the others."""
    for back in range(days, 0, -1):
        if WORKED(last - timedelta(days=back)):
            enter_day(database, contract, last - timedelta(days=back))
