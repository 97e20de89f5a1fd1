"""Writing many rows at once, on PostgreSQL and SQLite.

Raw SQL, since Django's ``bulk_create`` can overwrite on a conflict but neither add to what
is there nor return what it changed. Rows are upserted in the order they are given: callers
sort them, so that workers lock rows in the same order and never deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import connection
from django.db.models.expressions import RawSQL

Row = Sequence[Any]
INTEGERS = frozenset({"smallint", "int", "bigint"})


def chunks(ids: Sequence[int], size: int = 5_000) -> Iterator[Sequence[int]]:
    """Yield some ids at a time: a statement takes only so many parameters."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def source(columns: dict[str, str], rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """Return a FROM clause named ``new`` that holds the rows, and its parameters.

    ``columns`` maps names to PostgreSQL types. One parameter a column (PostgreSQL) or one
    in all (SQLite): a parameter a value costs more than the rest of the statement.
    """
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        return f"unnest({arrays}) AS new({names})", [
            array(column, kind)
            for column, kind in zip(zip(*rows, strict=True), columns.values(), strict=True)
        ]
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(columns))
    clause = f"(SELECT {picks} FROM json_each(%s)) AS new"  # noqa: S608
    return clause, [orjson.dumps(rows).decode()]


def array(values: Sequence[Any], kind: str) -> str:
    """Return the values as a PostgreSQL array literal.

    Written here since psycopg walks through a list in Python, element by element, which
    took a fifth of the time of ingest.
    """
    if kind == "text":
        quoted = (str(v).replace("\\", "\\\\").replace('"', '\\"') for v in values)
        return "{" + ",".join([f'"{v}"' for v in quoted]) + "}"
    if kind in INTEGERS:
        # All of them written at once, in C.
        return "{" + str(list(values))[1:-1].replace("None", "NULL") + "}"
    if kind == "timestamptz":
        return "{" + ",".join(["NULL" if v is None else f'"{v}"' for v in values]) + "}"
    return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"


def ids(values: Collection[int]) -> RawSQL:
    """Return numbers for ``__in`` lookups as one parameter: Django's own list of thousands
    takes longer than the query."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [array(list(values), "bigint")])
    return RawSQL("SELECT value FROM json_each(%s)", [orjson.dumps(list(values)).decode()])


@contextmanager
def for_many_rows() -> Iterator[None]:
    """Have PostgreSQL join by hashing, until the end of the block in a transaction.

    It takes a table for small until it was analysed, as one is that fills up quickly, and
    would then go through one table for every row of another.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def upsert(
    table: str,
    columns: dict[str, str],
    rows: Sequence[Row],
    *,
    conflict: str,
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert the rows; ``conflict`` is what stands behind ON CONFLICT.

    Returns the rows of RETURNING where it is asked for: those inserted or changed.
    """
    if not rows:
        return []
    clause, values = source(columns, rows)
    names = ", ".join(columns)
    sql = (
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {clause} WHERE true "  # noqa: S608
        f"ON CONFLICT {conflict}"
    )
    if returning:
        sql += f" RETURNING {returning}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if returning else []


def add(
    table: str,
    key: dict[str, str],
    counts: Sequence[str],
    sums: Mapping[Any, Sequence[int]],
) -> None:
    """Add to the counts of a rollup's rows, making those that are missing.

    ``sums`` maps keys, tuples in the order of ``key``, to a number for each of ``counts``.
    Only the columns that hold something are written: few do, and each costs.
    """
    order = sorted(sums)
    columns = zip(*(sums[row] for row in order), strict=True)
    used = {name: c for name, c in zip(counts, columns, strict=False) if any(c)}
    if not used:
        return
    changes = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in used)
    upsert(
        table,
        key | dict.fromkeys(used, "bigint"),
        list(zip(*zip(*order, strict=True), *used.values(), strict=True)),
        conflict=f"({', '.join(key)}) DO UPDATE SET {changes}",
    )


def update(table: str, columns: dict[str, str], rows: Sequence[Row]) -> None:
    """Overwrite columns of rows that are there; the first column is the key.

    The rows must be locked already: this takes them in no order.
    """
    if not rows:
        return
    clause, values = source(columns, rows)
    key, *others = columns
    sets = ", ".join(f"{name} = new.{name}" for name in others)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM {clause} WHERE {table}.{key} = new.{key}",  # noqa: S608
            values,
        )


def append(table: str, columns: Sequence[str], rows: list[str]) -> None:
    """Insert rows that cannot conflict, by COPY on PostgreSQL.

    Each row is its values in COPY's text form: tabs between them, ``\\N`` for NULL, and no
    control character or backslash within.
    """
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write("\n".join(rows))
            return
        marks = ", ".join(["%s"] * len(columns))
        values = [[None if v == "\\N" else v for v in row.split("\t")] for row in rows]
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608
