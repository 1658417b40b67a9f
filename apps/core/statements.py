"""Hot statements that the server plans once per connection instead of once per call; for those it runs hundreds of times a second."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


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
