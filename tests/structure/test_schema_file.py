"""An empty database that begins with cs_platform/schema.sql is the one that the migrations make (docs/adr/0022)."""

import dataclasses
import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from cs_platform import schema

AGAIN = f"cs_platform/schema.sql is not what the migrations make. Run: {schema.REWRITE}"


@pytest.fixture
def file():
    return schema.parse(schema.PATH.read_text())


def tables() -> list[str]:
    return connection.introspection.table_names()


def test_the_file_names_every_migration_of_the_tree(file):
    assert sorted(MigrationLoader(None).graph.nodes) == sorted(file.migrations), AGAIN


def test_the_file_and_what_is_newer_make_what_the_migrations_make(scratch):
    with scratch():
        assert schema.load_if_empty(connection)
        schema.apply_rest(connection)
        by_file = schema.dump(connection).as_text()
    by_migrations = schema.from_migrations(connection).as_text()
    assert by_file.splitlines() == by_migrations.splitlines(), AGAIN
    assert by_migrations == schema.PATH.read_text(), AGAIN


def test_an_older_file_is_brought_up_to_date_by_the_migrations_it_lacks(scratch, file):
    with scratch():
        schema.load_if_empty(connection)
        MigrationExecutor(connection).migrate([("dashboards", "0002_account_visit")])
        older = schema.dump(connection)
    assert file.migrations - older.migrations >= {("dashboards", "0003_path_draft")}
    with scratch():
        assert schema.load_if_empty(connection, older)
        schema.apply_rest(connection)
        assert schema.dump(connection) == file


def test_migrate_begins_an_empty_database_with_the_file_and_makes_the_rights_as_ever(scratch):
    said = io.StringIO()
    with scratch():
        call_command("migrate", stdout=said)
        assert Group.objects.count() == 4
        assert Permission.objects.filter(codename="view_account").count() == 1
        assert not schema.load_if_empty(connection)
    assert "Loaded schema.sql into the empty database." in said.getvalue()
    assert "No migrations to apply." in said.getvalue()


def test_a_file_that_does_not_fit_is_left_alone(scratch, file):
    with scratch():
        for other in (
            dataclasses.replace(file, migrations=file.migrations | {("accounts", "9999_of_another_branch")}),
            dataclasses.replace(file, migrations=file.migrations - {("accounts", "0002_customer_story")}),
            dataclasses.replace(file, server=99),
        ):
            assert not schema.load_if_empty(connection, other)
            assert tables() == []
        with connection.cursor() as cursor:
            cursor.execute("create table theirs ()")
        assert not schema.load_if_empty(connection, file)
        assert tables() == ["theirs"]
