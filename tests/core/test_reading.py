from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Max, Sum
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, Contact, DailyRollup
from apps.core.reading import Reading, Rows, afterwards, asked, by_key, gather, read
from apps.events.models import Change
from apps.interventions.models import Task
from tests import make

pytestmark = pytest.mark.django_db


def of(queryset) -> Reading[list]:
    yield queryset
    return list(queryset)


@pytest.mark.parametrize("wrapped", [gather, lambda *readers: by_key(gather(*readers)), lambda *readers: gather(*map(by_key, readers))])
def test_readers_side_by_side_are_one_statement_and_find_what_they_asked_for(now, wrapped):
    account = make.account(name="Riverside % Dental", arr=Decimal("1250.50"), tags=["a", 'b "c"'], traits={"size": [1, 2.5, None]}, tier="gold")
    make.activity(account, now, now - timedelta(days=1))
    make.contact(account, name="Sam")
    asked = [
        Account.objects.select_related("owner", "risk").order_by("id"),
        Account.objects.filter(name="Riverside % Dental").values("arr", "traits", "tags"),
        DailyRollup.objects.filter(account=account).values_list("day", flat=True).annotate(events=Sum("count")).order_by("-day"),
        Contact.objects.values_list("account").annotate(last=Max("name")).order_by(),
        Task.objects.filter(pk__in=[]),
    ]
    wanted = [list(queryset.all()) for queryset in asked]
    with CaptureQueriesContext(connection) as queries:
        found = read(wrapped(*map(of, asked)))
    assert len(queries) == 1
    assert found == wanted
    (told,) = found[0]
    assert (told.created_at, told.traits, told.tags, told.arr) == (account.created_at, account.traits, account.tags, Decimal("1250.50"))
    with CaptureQueriesContext(connection) as queries:
        assert told.owner is None
        assert list(asked[0]) == [account]
    assert len(queries) == 0


def test_as_many_statements_as_the_longest_reader_has_steps():
    account = make.account()
    make.contact(account, name="Sam")

    def names() -> Reading[list[str]]:
        accounts = Account.objects.all()
        yield accounts
        people = Contact.objects.filter(account__in=[each.pk for each in accounts])
        days = Rows("select %(day)s::date, 'x'", {"day": date(2026, 3, 11)})
        yield people, days
        return [*(person.name for person in people), *(str(day) for day, _ in days)]

    def nothing() -> Reading[str]:
        yield from ()
        return "no statement"

    with CaptureQueriesContext(connection) as queries:
        found = read(gather(names(), of(Change.objects.filter(subject="nobody")), names(), nothing()))
    assert (len(queries), found) == (2, [["Sam", "2026-03-11"], [], ["Sam", "2026-03-11"], "no statement"])


def test_what_nobody_can_find_is_not_asked_for():
    with CaptureQueriesContext(connection) as queries:
        assert read(gather(of(Account.objects.none()), of(Account.objects.filter(pk__in=[])))) == [[], []]
    assert len(queries) == 0


def test_a_plan_is_kept_once_for_keys_of_every_size():
    def keys(key: int, name: str) -> Reading[list]:
        rows = Rows("select id from accounts_account where id = %(key)s and name <> %(name)s and '%%' <> %(name)s", {"key": key, "name": name})
        yield rows, Account.objects.filter(pk=key)[:5]
        return list(rows)

    for key in (1, 40_000, 5_000_000_000):
        for _ in range(8):
            assert read(by_key(keys(key, "x % y"))) == []
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%name <> $2 and %'")
        assert cursor.fetchone() == (1,)


def test_a_statement_keeps_its_plan_only_where_all_in_it_are_by_key():
    """Planned anew with the others' values first, with them once they are done, and alone in the end."""

    def steps(*values: int) -> Reading[None]:
        for value in values:
            yield Rows("select 1 where %(value)s = 5 and 'told' <> ''", {"value": value})

    def told(*readers: Reading) -> list[bool]:
        with CaptureQueriesContext(connection) as queries:
            read(gather(*readers))
        return ["$" in query["sql"] or "%s" in query["sql"] for query in queries]

    assert told(steps(5), by_key(steps(5, 6))) == [False, True]
    assert told(steps(5), afterwards(by_key(steps(5)))) == [False, True]
    assert told(by_key(steps(5)), by_key(steps(5))) == [True]


def test_the_words_of_a_statement_are_told_to_whoever_reads_them_however_often_it_is_asked():
    rows = lambda: Rows("select 1 where %(value)s = 5", {"value": 5})  # noqa: E731
    for _ in range(8):
        read(by_key(asked(rows())))
    with CaptureQueriesContext(connection) as queries:
        read(by_key(asked(rows())))
    assert "$1 = 5" in queries[0]["sql"]
