"""The coaching workspace: whom to help first, one account with its tips, and answers by button."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.accounts.types import Role
from apps.coaching.models import Recommendation
from apps.core import clock
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(role: Role = Role.CSM) -> tuple[Client, object]:
    user = make.user(role)
    client = Client()
    client.force_login(user)
    return client, user


def with_tip(owner, arr: int = 24_000) -> tuple[Account, Recommendation]:
    now = clock.now()
    account = make.account(owner=owner, arr=arr, started_on=now.date() - timedelta(days=300))
    make.activity(account, *[now - timedelta(days=day) for day in range(2, 20)], name="login")
    return account, make.recommendation(account, now=now)


def test_accounts_are_ranked_by_what_coaching_may_bring():
    client, me = signed_in()
    small, _ = with_tip(me, arr=1_000)
    large, _ = with_tip(me, arr=900_000)
    text = client.get("/coaching/").content.decode()
    assert text.index(f">{large.name}<") < text.index(f">{small.name}<")
    assert "tips wait for an answer" in text


def test_one_account_shows_its_pattern_tips_reasons_and_events():
    client, me = signed_in()
    account, row = with_tip(me)
    text = client.get(f"/coaching/accounts/{account.pk}/").content.decode()
    assert "Open the report" in text
    assert row.reason in text
    assert "“report.viewed”: 0 in the last 28 days, 0 in the 28 before." in text
    newest = account.activity.order_by("-at").first()
    assert f"/admin/accounts/activityevent/{newest.pk}/change/" in text
    assert "Chance" in text


def test_what_is_held_back_is_on_no_page():
    client, me = signed_in()
    account, row = with_tip(me)
    # Another one may have been held back by lot.
    Recommendation.objects.filter(account=account, held_back=False).exclude(pk=row.pk).update(state="stale", ended_because="x")
    Recommendation.objects.filter(pk=row.pk).update(held_back=True, state="held", decision=None)
    assert f'id="tip-{row.pk}"' not in client.get(f"/coaching/accounts/{account.pk}/").content.decode()
    assert client.post(f"/do/coaching/tips/{row.pk}/accept/").status_code == 404


def test_a_button_answers_and_says_so():
    client, me = signed_in()
    _, row = with_tip(me)
    answer = client.post(f"/do/coaching/tips/{row.pk}/accept/", headers={"HX-Request": "true"})
    assert (answer.status_code, "Accepted." in answer.headers["HX-Trigger"]) == (204, True)
    row.refresh_from_db()
    assert row.state == "accepted"
    assert client.post(f"/do/coaching/tips/{row.pk}/nonsense/").status_code == 404


def test_without_room_choosing_again_is_refused_in_words():
    client, me = signed_in()
    account, _ = with_tip(me)
    answer = client.post(f"/do/coaching/accounts/{account.pk}/tips/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "There is no room for new tips now" in answer.headers["HX-Trigger"]


def test_viewers_look_and_others_books_stay_closed():
    account, row = with_tip(make.user(Role.CSM))
    viewer, _ = signed_in(Role.VIEWER)
    assert viewer.get(f"/coaching/accounts/{account.pk}/").status_code == 200
    assert viewer.post(f"/do/coaching/tips/{row.pk}/accept/").status_code == 403
    stranger, _ = signed_in()
    assert stranger.get(f"/coaching/accounts/{account.pk}/").status_code == 404
    assert stranger.post(f"/do/coaching/tips/{row.pk}/accept/").status_code == 404
    assert account.name not in stranger.get("/coaching/").content.decode()
    row.refresh_from_db()
    assert row.state == "open"


def test_an_empty_book_says_how_to_begin():
    client, _ = signed_in()
    assert "No tip waits for an answer" in client.get("/coaching/").content.decode()


def test_the_list_costs_as_many_statements_for_five_accounts_as_for_two():
    client, me = signed_in()
    paths = ("/coaching/", "/api/v1/recommendations/", "/api/v1/coaching-profiles/", "/api/v1/tips/")

    def costs() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            found.append(len(queries))
        return found

    for _ in range(2):
        with_tip(me)
    costs()  # Once before counting: content types and groups are looked up once.
    two = costs()
    for _ in range(3):
        with_tip(me)
    assert costs() == two
