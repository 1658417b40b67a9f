"""Admin lists that cost the same however long their table is."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Account
from apps.core import biglists
from apps.core.search import MOST_HITS, find
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/account/"


@pytest.fixture
def boss(client):
    user = make.user(None, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def many():
    # Equal names at the edges of pages: the key has to break the tie.
    for number in range(230):
        make.account(external_id=f"x{number:04}", name=f"Firm {number // 3:03}", domain=f"d{number}.test", plan=f"plan {number % 2}")


def shown(page):
    return [row.external_id for row in page.context["cl"].result_list]


def step(page, word):
    return re.search(rf'<a href="([^"]*)"[^>]*>{word}</a>', page.content.decode())


def test_a_list_is_walked_to_its_end_and_back_without_losing_a_row(client, boss, many):
    expected = list(Account.objects.order_by("name", "id").values_list("external_id", flat=True))
    page, seen = client.get(LIST), []
    while True:
        seen += shown(page)
        found = step(page, "Next")
        if not found:
            break
        page = client.get(LIST + found[1].replace("&amp;", "&"))
    assert seen == expected
    back = shown(page)
    while found := step(page, "Previous"):
        page = client.get(LIST + found[1].replace("&amp;", "&"))
        back = shown(page) + back
    assert back == expected


def test_the_last_page_is_one_click_away(client, boss, many):
    page = client.get(LIST + step(client.get(LIST), "Last")[1])
    assert shown(page) == list(Account.objects.order_by("name", "id").values_list("external_id", flat=True))[-50:]
    assert not step(page, "Next")
    assert step(page, "Previous")


def test_filters_and_searches_hold_while_walking(client, boss, many):
    page = client.get(LIST, {"plan": "plan 1"})
    page = client.get(LIST + step(page, "Next")[1].replace("&amp;", "&"))
    assert "115 accounts" in page.content.decode()
    found = client.get(LIST, {"plan": "plan 1", "q": "firm"})
    assert "the first 50 accounts found, and there are more" in found.content.decode()
    for each in (page, found):
        assert len(shown(each)) == 50
        assert {row.plan for row in each.context["cl"].result_list} == {"plan 1"}
    assert "1 account<" in client.get(LIST, {"q": "x0100"}).content.decode()


def test_a_place_that_no_page_gave_out_is_the_beginning(client, boss, many):
    first = shown(client.get(LIST))
    for word in ("x", "!!!", "W10", "WyJhIl0", "bnVsbA"):
        assert shown(client.get(LIST, {"behind": word})) == first


def test_counting_stops_at_a_limit(client, boss, many, monkeypatch):
    monkeypatch.setattr(biglists, "MOST_COUNTED", 100)
    with connection.cursor() as cursor:
        cursor.execute("analyze accounts_account")
    assert "about 230 accounts" in client.get(LIST).content.decode()
    assert "more than 100 accounts" in client.get(LIST, {"plan": "plan 1"}).content.decode()


def test_a_column_without_an_index_is_not_offered_for_sorting(boss):
    listed = admin.site._registry[Account]
    assert set(listed.get_sortable_by(None)) == {"name", "external_id", "arr"}


def test_a_search_asks_the_index_of_each_column_and_no_more(many):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; drop index account_by_name, account_by_lower_name")
    people = make.contact(make.account(name="Elsewhere"), name="Firmin Lea")
    fields = ("name", "domain", "external_id", "contacts__name")
    with CaptureQueriesContext(connection) as queries:
        found, more = find(Account.objects.all(), fields, "firm")
        assert (len(found), more) == (MOST_HITS, True)
        assert people.account in find(Account.objects.all(), ("domain", "contacts__name"), "firm")[0]
    assert len(queries) == 4
    with connection.cursor() as cursor:
        cursor.execute(f"explain {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert {"account_name_parts", "account_domain_parts", "account_id_parts", "contact_name_parts"} <= set(re.findall(r"\w+_parts", plan))


def test_every_word_must_occur_somewhere(many):
    fields = ("name", "domain", "contacts__name")
    make.contact(Account.objects.get(external_id="x0007"), name="Ada Berg")
    assert [account.external_id for account in find(Account.objects.all(), fields, "firm ada")[0]] == ["x0007"]
    assert list(find(Account.objects.all(), fields, "firm nobody")[0]) == []
    assert find(Account.objects.all(), fields, "  \0 ")[0].count() == Account.objects.count()
    assert {account.domain[:2] for account in find(Account.objects.all(), fields, "d7 fi")[0]} == {"d7"}
    beginning = sorted(account.external_id for account in find(Account.objects.all(), ("domain",), "d7")[0])
    assert beginning == ["x0007", *[f"x{number:04}" for number in range(70, 80)]]


def test_an_id_in_full_is_found_however_many_share_its_number(many, client, boss):
    for place in range(MOST_HITS + 5):
        make.account(external_id=f"inv-2026-{place:03}-2026")
    wanted = make.account(external_id="zz-2026")
    found, _ = find(Account.objects.all(), ("name", "external_id"), "zz-2026")
    assert list(found) == [wanted]
    client.force_login(boss)
    page = client.get(reverse("admin:accounts_account_changelist"), {"q": "firm"})
    assert f"the first {MOST_HITS} accounts found, and there are more" in page.content.decode()


def test_every_admin_list_answers_a_search(client, boss, now):
    make.story(make.account(), now=now)
    for model, listed in admin.site._registry.items():
        if listed.search_fields:
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for words in ("ab", "firm x", "é\0"):
                assert client.get(page, {"q": words}).status_code == 200, page
