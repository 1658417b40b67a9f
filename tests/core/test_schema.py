"""Migrations that leave the rows of a table alone."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_INDEXES = "select indexdef from pg_indexes where tablename like 'messaging%' order by 1"
_KEYS = "select oid, conname from pg_constraint where conrelid::regclass::text like 'messaging%' and contype = 'f' order by 1"


def found(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_a_dropped_index_of_a_key_comes_back_whole_and_no_row_is_checked_anew(scratch):
    with scratch():
        MigrationExecutor(connection).migrate([("messaging", "0010_guests")])
        before, keys = found(_INDEXES), found(_KEYS)
        MigrationExecutor(connection).migrate([("messaging", "0011_no_index_twice")])
        dropped = set(before) - set(found(_INDEXES))
        assert len(dropped) == 7, "six keys, of which one is text and has an index for its beginnings too"
        assert found(_KEYS) == keys, "a constraint made anew would have another number"
        MigrationExecutor(connection).migrate([("messaging", "0010_guests")])
        assert (found(_INDEXES), found(_KEYS)) == (before, keys)
