"""Reading a page in few statements: readers say what they want and go on when it is there; what they want at the same time is one statement.

A reader is a generator. It makes querysets (or `Rows`) as always, yields them, and afterwards finds them filled:

    def tasks(account: Account) -> Reading[list[str]]:
        found = Task.objects.filter(account=account)
        yield found
        return [task.title for task in found]

A page gathers its readers and reads them: as many statements as the reader with the most yields has, however many readers there are.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

T = TypeVar("T")


class Rows:
    """A statement of one's own beside the querysets; its rows are tuples."""

    def __init__(self, sql: str, params: Mapping[str, Any] | Sequence[Any]) -> None:
        self.sql, self.params = sql, params
        self._found: list[tuple[Any, ...]] = []

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._found)

    def asked(self) -> tuple[str, Mapping[str, Any] | Sequence[Any]]:
        return self.sql, self.params

    def answer(self, rows: list[tuple[Any, ...]]) -> None:
        self._found = rows


class _Models:
    """A queryset that takes its rows from elsewhere, and is then as if it had asked itself."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(connection=connection)

    def asked(self) -> tuple[str, Sequence[Any]]:
        sql, params = self._compiler.as_sql()
        return sql, params

    def answer(self, rows: list[tuple[Any, ...]]) -> None:
        compiler, queryset = self._compiler, self._queryset
        # Django's own iterables make the models; only the asking is taken out of their hands.
        compiler.execute_sql = lambda *_, **__: [rows]
        queryset.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        models: Iterable[Any] = queryset._iterable_class(queryset)  # type: ignore[assignment]
        queryset._result_cache = list(models)
        del queryset.query.get_compiler


Wanted: TypeAlias = QuerySet[Any] | Rows
Reading: TypeAlias = Generator[Wanted | Sequence[Wanted], None, T]


def asked(*wanted: Wanted) -> Reading[None]:
    """A reader that only asks, for what is looked at where it was made."""
    yield wanted


def nothing(value: T) -> Reading[T]:
    """A reader that asks nothing and knows already."""
    yield ()
    return value


def gather(*readers: Reading[Any]) -> Reading[list[Any]]:
    """Readers side by side; what each returns, in their order."""
    results: list[Any] = [None] * len(readers)
    going = dict(enumerate(readers))
    while going:
        wanted: list[Wanted] = []
        for place, reader in list(going.items()):
            try:
                want = next(reader)
            except StopIteration as end:
                results[place] = end.value
                del going[place]
            else:
                wanted += [want] if isinstance(want, QuerySet | Rows) else want
        if wanted:
            yield wanted
    return results


def read(reader: Reading[T]) -> T:
    """What the reader returns, one statement for each of its yields."""
    while True:
        try:
            want = next(reader)
        except StopIteration as end:
            return end.value
        _fill([want] if isinstance(want, QuerySet | Rows) else want)


def _fill(wanted: Sequence[Wanted]) -> None:
    """One statement, one column for each of the wanted: an array of its rows."""
    connection.ensure_connection()
    writer, asking, columns = psycopg.ClientCursor(connection.connection), [], []
    for want in wanted:
        one = want if isinstance(want, Rows) else _Models(want)
        try:
            columns.append(f"array(select row(q.*) from ({writer.mogrify(*one.asked())}) q)")  # noqa: S608 (mogrify quotes the values)
        except EmptyResultSet:
            # Django knows without asking that there is nothing.
            one.answer([])
        else:
            asking.append(one)
    if not asking:
        return
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrapped(_cursor()) as cursor:
        cursor.execute("select " + ",\n".join(columns))
        (found,) = cursor.fetchall()
    for one, rows in zip(asking, found, strict=True):
        one.answer(rows)


class _JsonText(Loader):
    """As Django wants it: its fields read JSON themselves."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data)[1:].decode()


def _cursor() -> Any:
    """In the binary format rows within arrays carry the types of their columns; as text they would have to be taken apart by hand."""
    cursor = psycopg.Cursor(connection.connection)
    cursor.format = Format.BINARY
    cursor.adapters.register_loader("jsonb", _JsonText)
    return cursor
