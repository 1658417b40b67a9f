"""Reading a page in few statements: readers say what they want and go on when it is there; what they want at the same time is one statement.

A reader is a generator. It makes querysets (or `Rows`) as always, yields them, and afterwards finds them filled:

    def tasks(account: Account) -> Reading[list[str]]:
        found = Task.objects.filter(account=account)
        yield found
        return [task.title for task in found]

A page gathers its readers and reads them: as many statements as the reader with the most yields has, however many readers there are.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.numeric import Int8Dumper

T = TypeVar("T")
_NAMED = re.compile(r"%\((\w+)\)s")


class Rows:
    """A statement of one's own beside the querysets; its rows are tuples."""

    def __init__(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> None:
        if isinstance(params, Mapping):
            # By place, as querysets say them, so that both can stand in one statement.
            params, sql = [params[name] for name in _NAMED.findall(sql)], _NAMED.sub("%s", sql)
        self._sql, self._params = sql, params
        self._found: list[tuple[Any, ...]] = []

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._found)

    def asked(self) -> tuple[str, Sequence[Any]]:
        return self._sql, self._params

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


class _ByKey(tuple["Wanted", ...]):
    """What is wanted where one plan serves all."""


Wanted: TypeAlias = QuerySet[Any] | Rows
Reading: TypeAlias = Generator[Wanted | Sequence[Wanted], None, T]


def asked(*wanted: Wanted) -> Reading[None]:
    """A reader that only asks, for what is looked at where it was made."""
    yield wanted


def nothing(value: T) -> Reading[T]:
    """A reader that asks nothing and knows already."""
    yield ()
    return value


def by_key(reader: Reading[T]) -> Reading[T]:
    """A reader that finds everything by the keys it was given, so that one plan serves them all: the server plans its statements the first times and
    then keeps the plans of a connection, because to plan a page costs several times what reading it does. Beside a reader that is not by key it is
    planned with that one.
    """
    while True:
        try:
            want = next(reader)
        except StopIteration as end:
            return end.value
        yield _ByKey([want] if isinstance(want, QuerySet | Rows) else want)


def afterwards(reader: Reading[T]) -> Reading[T]:
    """A reader that stands out while the others ask their first, to be read with their second."""
    yield ()
    return (yield from reader)


def gather(*readers: Reading[Any]) -> Reading[list[Any]]:
    """Readers side by side; what each returns, in their order."""
    results: list[Any] = [None] * len(readers)
    going = dict(enumerate(readers))
    while going:
        wanted: list[Wanted] = []
        keyed = True
        for place, reader in list(going.items()):
            try:
                want = next(reader)
            except StopIteration as end:
                results[place] = end.value
                del going[place]
            else:
                keyed = keyed and (isinstance(want, _ByKey) or want == ())
                wanted += [want] if isinstance(want, QuerySet | Rows) else want
        if wanted:
            yield _ByKey(wanted) if keyed else wanted
    return results


def read(reader: Reading[T]) -> T:
    """What the reader returns, one statement for each of its yields."""
    while True:
        try:
            want = next(reader)
        except StopIteration as end:
            return end.value
        _fill([want] if isinstance(want, QuerySet | Rows) else want, keyed=isinstance(want, _ByKey))


def _fill(wanted: Sequence[Wanted], *, keyed: bool) -> None:
    """One statement, one column for each of the wanted: an array of its rows."""
    # As Django does before its own cursors.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    writer = psycopg.ClientCursor(connection.connection)
    asking, columns = [], []
    values: list[Any] = []
    for want in wanted:
        one = want if isinstance(want, Rows) else _Models(want)
        try:
            sql, params = one.asked()
        except EmptyResultSet:
            # Django knows without asking that there is nothing.
            one.answer([])
            continue
        asking.append(one)
        columns.append(f"array(select row(q.*) from ({sql if keyed else writer.mogrify(sql, params)}) q)")  # noqa: S608 (values are quoted or apart)
        values += params if keyed else ()
    if not asking:
        return
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrapped(_cursor()) as cursor:
        cursor.execute("select " + ",\n".join(columns), values if keyed else None)
        (found,) = cursor.fetchall()
    for one, rows in zip(asking, found, strict=True):
        one.answer(rows)


class _JsonText(Loader):
    """As Django wants it: its fields read JSON themselves."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data)[1:].decode()


class _Told(psycopg.Cursor[Any]):
    """Where somebody reads the statements: of one whose plan is kept psycopg does not tell the words."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **options | {"prepare": False})


def _cursor() -> Any:
    """In the binary format rows within arrays carry the types of their columns; as text they would have to be taken apart by hand."""
    cursor = (_Told if connection.queries_logged else psycopg.Cursor)(connection.connection)
    cursor.format = Format.BINARY
    cursor.adapters.register_loader("jsonb", _JsonText)
    # A plan is kept per types of its values; small and large keys are to be one type.
    cursor.adapters.register_dumper(int, Int8Dumper)
    return cursor
