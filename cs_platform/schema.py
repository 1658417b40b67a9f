"""A file holds what the migrations make, so that an empty database need not replay them (docs/adr/0022).

`migrate` loads it first and then applies what is newer. A file that is old, or that does not fit the tree, costs time and nothing else.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from apps.core import clock
from cs_platform.local.services import Services

PATH = Path(__file__).with_suffix(".sql")
REWRITE = 'make manage ARGS="write_schema"'
_HEAD = f"""\
-- What the migrations named here make in an empty database (docs/adr/0022). Made by `{REWRITE}`, never by hand.
-- After a merge in which both sides changed it, make it again.
"""
# One lock for everybody who begins with the same empty database at once.
_LOCK = 0x5C4E_3A01
_HEADERS = re.compile(r"^--\n-- [^\n]*\n--\n+", re.MULTILINE)
# Settings of pg_dump's session and words for psql; and a comment that only the owner of an extension may write.
_SESSION = re.compile(r"^(SET |SELECT pg_catalog\.set_config\(|\\(un)?restrict |-- Dumped |COMMENT ON EXTENSION )")
_UNTOUCHED_SEQUENCE = re.compile(r"^SELECT pg_catalog\.setval\('[^']+', 1, false\);\n+", re.MULTILINE)


@dataclass(frozen=True)
class Schema:
    """`server` is the major version of PostgreSQL that wrote it: an older one may not understand every word."""

    server: int
    migrations: frozenset[tuple[str, str]]
    sql: str

    def as_text(self) -> str:
        lines = [f"-- server {self.server}", *(f"-- migration {app} {name}" for app, name in sorted(self.migrations))]
        return _HEAD + "\n".join(lines) + "\n\n" + self.sql


def parse(text: str) -> Schema:
    head, _, sql = text.partition("\n\n")
    words = [line.split()[1:] for line in head.splitlines()]
    server = next(int(line[1]) for line in words if line[0] == "server")
    return Schema(server, frozenset((line[1], line[2]) for line in words if line[0] == "migration"), sql)


def load_if_empty(connection: BaseDatabaseWrapper, schema: Schema | None = None) -> bool:
    """True when the schema (the file's, unless given) was loaded: there was no table, and its migrations are a beginning of the tree's."""
    if not _is_empty(connection) or (schema is None and not PATH.exists()):
        return False
    schema = schema or parse(PATH.read_text())
    if _major(connection) < schema.server or not _begins(connection, schema):
        return False
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        if not _is_empty(connection):
            return False
        # Functions stand before the tables that they name.
        cursor.execute("set local check_function_bodies = off")
        cursor.execute(schema.sql)
        recorder, now = MigrationRecorder(connection), clock.now()
        row = recorder.Migration
        row.objects.using(connection.alias).bulk_create([row(app=app, name=name, applied=now) for app, name in sorted(schema.migrations)])
    return True


def _major(connection: BaseDatabaseWrapper) -> int:
    return int(connection.get_database_version()[0])


def _is_empty(connection: BaseDatabaseWrapper) -> bool:
    """No table, in the schema whose name the file knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_schema() = 'public' and not exists"
            " (select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p'))"
        )
        return bool(cursor.fetchone()[0])


def _begins(connection: BaseDatabaseWrapper, schema: Schema) -> bool:
    """Every migration in it is in the tree, and so is everything that they build on in it."""
    loader = MigrationExecutor(connection).loader
    known = loader.graph.nodes.keys()
    return schema.migrations <= known and all(set(loader.graph.forwards_plan(key)) <= schema.migrations for key in schema.migrations)


def from_migrations(connection: BaseDatabaseWrapper) -> Schema:
    """What all migrations make, one after the other, in a database that is thrown away: takes half a minute."""
    with scratch_database(connection):
        apply_rest(connection)
        made = dump(connection)
    # Read back, PostgreSQL writes some conditions in other words of the same meaning; from then on they stay.
    with scratch_database(connection):
        load_if_empty(connection, made)
        return dump(connection)


def apply_rest(connection: BaseDatabaseWrapper) -> None:
    """The migrations that are missing, and nothing of what `migrate` makes after them every time: content types, permissions, groups."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def dump(connection: BaseDatabaseWrapper) -> Schema:
    """The database as it stands: tables and the rows in them, but the names of the migrations in place of their rows."""
    own = connection.settings_dict
    command = [str(Services.postgres_binaries() / "pg_dump"), "--no-owner", "--no-privileges", "--column-inserts"]
    command += ["--exclude-table-data=django_migrations*"]
    command += [f"--{name}={own[key]}" for name, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"), ("dbname", "NAME")) if own[key]]
    done = subprocess.run(command, env={**os.environ, "PGPASSWORD": own["PASSWORD"] or ""}, capture_output=True, text=True, check=True)
    text = "".join(line for line in done.stdout.splitlines(keepends=True) if not _SESSION.match(line))
    text = _UNTOUCHED_SEQUENCE.sub("", _HEADERS.sub("", text))
    migrations = frozenset(key for key in MigrationRecorder(connection).applied_migrations())
    return Schema(_major(connection), migrations, re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


@contextmanager
def scratch_database(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Within it the connection leads to a new, empty database beside its own, as in Django's test runner."""
    own = connection.settings_dict["NAME"]
    scratch = f"{own}_scratch"
    quoted = connection.ops.quote_name(scratch)
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"drop database if exists {quoted}")
        cursor.execute(f"create database {quoted}")
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = scratch
    try:
        yield
    finally:
        connection.close()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = own
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"drop database {quoted}")
