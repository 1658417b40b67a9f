from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Max, Sum
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, Contact, DailyRollup
from apps.core.reading import Reading, Rows, gather, read
from apps.events.models import Change
from apps.interventions.models import Task
from tests import make

pytestmark = pytest.mark.django_db


def of(queryset) -> Reading[list]:
    yield queryset
    return list(queryset)


@pytest.mark.parametrize("by_key", [False, True])
def test_readers_side_by_side_are_one_statement_and_find_what_they_asked_for(now, by_key):
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
        found = read(gather(*map(of, asked)), by_key=by_key)
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
            assert read(keys(key, "x % y"), by_key=True) == []
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%name <> $2 and %'")
        assert cursor.fetchone() == (1,)
