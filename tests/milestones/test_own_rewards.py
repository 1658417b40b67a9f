"""What customers won, ask for and let be seen, on their own page and by their own JSON."""

import json
from decimal import Decimal

import pytest
from django.test import Client

from apps.core import clock
from apps.messaging import selectors as messaging
from apps.milestones import services, tokens
from apps.milestones.models import CatalogueItem, RecognitionChoice, Redemption
from tests import make

from .rewarding import budget, has, milestone, reached, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam():
    """Their account won 100 points; a mug costs 60, a day with an expert 500."""
    now = clock.now()
    account = make.account(name="Riverside Dental")
    one = milestone()
    rule(now, milestone=one, amount=Decimal(100), varies=False)
    budget(now)
    row = reached(account, one, at=now)
    services.for_milestone(progress_id=row.pk, actor=make.ACTOR, now=now)
    words = {"en": {"name": "A mug", "text": "For coffee"}, "de": {"name": "Eine Tasse", "text": "Für Kaffee"}}
    CatalogueItem.objects.create(key="mug", name="Mug", words=words, cost=60, stock=3)
    CatalogueItem.objects.create(key="expert", name="A day with an expert", cost=500)
    return make.contact(account, name="Sam Reed")


def page(contact, **more):
    return f"/c/path/{tokens.path_token(contact, now=clock.now(), **more)}"


def words(answer):
    assert answer.status_code == 200, answer.content[-300:]
    return " ".join(answer.content.decode().split())


def test_the_page_tells_what_they_have_and_what_they_can_ask_for_in_their_language(client, sam):
    assert has(sam.account) == 100
    shown = words(client.get(page(sam)))
    assert "<dd>100 points</dd>" in shown
    assert '<h4>A mug</h4><p>For coffee</p><p class="told">60 points</p>' in shown
    assert "500 points. Not enough for it yet." in shown
    german = words(client.get(page(sam), headers={"Accept-Language": "de"}))
    assert "<dd>100 Punkte</dd>" in german
    assert "Eine Tasse" in german
    assert "Dafür reicht es noch nicht" in german


def test_asking_sets_the_price_aside_once_however_often_the_button_is_pressed(sam):
    browser = Client(enforce_csrf_checks=True)
    for _ in range(3):
        answer = browser.post(f"{page(sam)}/redeem", {"item": "mug", "once": "a", "lang": "de"})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("?told=asked&lang=de#told-now")
    assert (has(sam.account), has(sam.account, "reserved")) == (40, 60)
    row = Redemption.objects.get()
    assert (row.contact, row.state, CatalogueItem.objects.get(key="mug").stock) == (sam, "asked", 2)
    shown = words(browser.get(f"{page(sam)}?told=asked"))
    assert "Its price is set aside until it is handed over." in shown
    assert "<dt>Set aside</dt><dd>60 points</dd>" in shown
    assert "Asked for, " in shown


@pytest.mark.parametrize(("item", "told"), [("expert", "not_enough"), ("nothing", "withdrawn"), ("", "withdrawn")])
def test_what_cannot_be_had_is_refused_in_words_and_changes_nothing(client, sam, item, told):
    answer = client.post(f"{page(sam)}/redeem", {"item": item, "once": "a"})
    assert f"told={told}" in answer.headers["Location"]
    assert (has(sam.account), Redemption.objects.count()) == (100, 0)
    assert "Nothing was changed." in words(client.get(f"{page(sam)}?told={told}"))
    assert "That did not work." in words(client.get(f"{page(sam)}?told=%3Cscript%3E"))


def test_who_may_see_a_name_is_chosen_by_the_person_and_counts_at_once(client, sam):
    assert 'value="none" checked' in words(client.get(page(sam)))
    assert client.post(f"{page(sam)}/choose", {"level": "team", "by_name": "yes"}).status_code == 303
    assert RecognitionChoice.objects.values_list("contact", "level", "by_name", "actor").get() == (sam.pk, "team", True, f"contact:{sam.pk}")
    assert 'value="team" checked' in words(client.get(page(sam)))
    client.post(f"{page(sam)}/choose", {"level": "everywhere"})
    assert RecognitionChoice.objects.get().level == "team"
    client.post(f"{page(sam)}/choose", {"level": "none"})
    row = RecognitionChoice.objects.get()
    assert (row.level, row.by_name) == ("none", False)


def test_a_link_that_only_looks_changes_nothing(client, sam):
    shown = words(client.get(page(sam, only_look=True)))
    assert "disabled" in shown
    for part, posted in (("redeem", {"item": "mug", "once": "a"}), ("choose", {"level": "public"})):
        assert client.post(f"{page(sam, only_look=True)}/{part}", posted).status_code == 404
        assert client.post(f"/c/path/forged/{part}", posted).status_code == 404
    assert (Redemption.objects.count(), RecognitionChoice.objects.count()) == (0, 0)


def test_the_json_tells_and_does_the_same(client, sam):
    token = messaging.inbox_token(sam)
    told = client.get(f"/api/v1/path/?token={token}&lang=de").json()
    assert told["rewards"]["have"] == ["100 Punkte"]
    assert told["rewards"]["items"][0] == {"key": "mug", "name": "Eine Tasse", "text": "Für Kaffee", "cost": "60 Punkte", "may": True}
    assert (told["recognition"], told["rewards"]["items"][1]["may"]) == ("none", False)

    def post(what, body):
        return client.post(f"/api/v1/path/{what}/?token={token}", json.dumps(body), content_type="application/json")

    for _ in range(2):
        asked = post("redeem", {"item": "mug", "key": "press-1"})
        assert asked.status_code == 200, asked.content
        assert asked.json()["rewards"]["set_aside"] == ["60 points"]
    assert has(sam.account) == 40
    refused = post("redeem", {"item": "mug", "key": "press-2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough")
    assert post("recognition", {"recognition": "company"}).json()["recognition"] == "company"
    assert post("recognition", {"recognition": "x"}).status_code == 400
    assert client.post("/api/v1/path/recognition/?token=x", "{}", content_type="application/json").status_code == 403


def test_a_company_without_rewards_shows_none(client):
    shown = words(client.get(page(make.contact(make.account()))))
    assert "rewards-title" not in shown
