"""Hot statements that the server plans once per connection instead of once per call; for those it runs hundreds of times a second."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.numeric import Int8Dumper

_NAMED = re.compile(r"%\((\w+)\)s")


def array_of(keys: Iterable[int]) -> str:
    """Whole numbers as the server reads an array of them, for a parameter that is cast: the driver would write them one by one."""
    return f"{{{','.join(map(str, keys))}}}"


def prepared(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The one row that the statement returns. Every parameter needs a type that its place tells, or a cast."""
    if connection.queries_logged:
        # Somebody counts or reads the queries: let them pass by.
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return tuple(cursor.fetchone())
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, parameters, prepare=True)
        row = cursor.fetchone()
        assert row is not None
        return row


def prepared_table(statement: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of the columns and all rows, otherwise as `prepared`. Whole numbers arrive as bigint.

    The server keeps one plan where it looks no dearer than one made for the very values: compare a key by `=`, not by a list of unknown length.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [column.name for column in cursor.description], cursor.fetchall()
    # As Django does before its own cursors.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    by_place, names = _by_place(statement)
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        # A plan is kept per types of its values; small and large keys are to be one type.
        cursor.adapters.register_dumper(int, Int8Dumper)
        cursor.execute(by_place, [parameters[name] for name in names], prepare=True)
        return [column.name for column in cursor.description or ()], cursor.fetchall()


@lru_cache(maxsize=50)
def _by_place(statement: str) -> tuple[str, list[str]]:
    """The statement as the server reads it, and the names of its parameters in their order: psycopg would take a long one apart at every call."""
    names = list(dict.fromkeys(_NAMED.findall(statement)))
    places = {name: f"${place}" for place, name in enumerate(names, 1)}
    return _NAMED.sub(lambda found: places[found[1]], statement).replace("%%", "%"), names
