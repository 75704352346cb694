"""Reads the columns that a draft is guessed from: a CSV file, or a table of an office's database. Bounded."""

import codecs
import csv
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.drafting.guesses import Column
from registry.errors import RegistryError

if TYPE_CHECKING:
    from sqlalchemy import Table

ROWS: Final = 100_000  # looked at; the first ones
_COLUMNS: Final = 500
_BYTES: Final = 200_000_000  # of a file
_SNIFFED: Final = 65_536
_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


class SampleRefused(RegistryError):
    """The message says what is wrong with the file or the table."""


def of_csv(path: Path) -> list[Column]:
    """The columns of a CSV file with a header line, in UTF-8, UTF-16 or Windows-1252. Raises SampleRefused."""
    try:
        if path.stat().st_size > _BYTES:
            raise SampleRefused(f"{path}: lebih besar daripada 200 MB; ambil sebagian barisnya.")
        encoding = _encoding(_head(path))
        with path.open(encoding=encoding, newline="") as source:
            first = source.readline(_SNIFFED)
            delimiter = max(",;\t|", key=first.count)
            source.seek(0)
            lines = csv.reader(source, delimiter=delimiter)
            titles = next(lines, [])
            rows = list(islice(lines, ROWS))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SampleRefused(f"{path}: tidak dapat dibaca ({type(error).__name__}).") from error
    if not titles or len(titles) > _COLUMNS:
        raise SampleRefused(f"{path}: perlu satu baris judul dengan 1 sampai {_COLUMNS} kolom.")
    whole = [row for row in rows if len(row) == len(titles)]
    if not whole:
        raise SampleRefused(f"{path}: tidak ada baris yang jumlah selnya sama dengan judulnya.")
    return [Column(title, [row[place] for row in whole]) for place, title in enumerate(titles)]


def of_table(url: str, table: str) -> list[Column]:
    """The columns of a table (`name` or `schema.name`), its first 100,000 rows. Raises SampleRefused."""
    import sqlalchemy

    kind, _, rest = url.partition("://")
    url = f"{_DRIVERS.get(kind, kind)}://{rest}"
    schema, _, name = table.rpartition(".")
    try:
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    except (sqlalchemy.exc.ArgumentError, ValueError):  # the latter: a port that is no number
        raise SampleRefused("Alamat basis data tidak terbaca; misalnya postgresql://pengguna@mesin/nama.") from None
    except ModuleNotFoundError as error:
        raise SampleRefused(f"Penggerak basis data {error.name} tidak terpasang di mesin ini.") from None
    try:
        found = sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=engine)
        rows = _rows(engine, found)
    except sqlalchemy.exc.NoSuchTableError:
        raise SampleRefused(f"Tabel {table} tidak ada di basis data itu.") from None
    except sqlalchemy.exc.SQLAlchemyError as error:  # its text may quote the address with its password
        raise SampleRefused(f"Tabel {table} tidak dapat dibaca ({type(error).__name__}).") from None
    finally:
        engine.dispose()
    if len(found.columns) > _COLUMNS:
        raise SampleRefused(f"Tabel {table} berisi lebih dari {_COLUMNS} kolom.")
    if not rows:
        raise SampleRefused(f"Tabel {table} tidak berisi baris; tidak ada yang dapat diduga.")
    return [
        Column(column.name, _texts(column.type, [row[place] for row in rows]))
        for place, column in enumerate(found.columns)
    ]


def _texts(kind: Any, values: list[Any]) -> list[str | None]:
    """The values as a CSV file would have them. MariaDB keeps yes and no in an integer one digit wide."""
    if getattr(kind, "display_width", None) == 1 and set(values) <= {0, 1, None}:
        values = [None if value is None else bool(value) for value in values]
    return [None if value is None else str(value) for value in values]


def _rows(engine: Any, table: "Table") -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(table.select().limit(ROWS)))


def _head(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(_SNIFFED)


def _encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
