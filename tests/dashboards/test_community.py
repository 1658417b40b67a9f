"""The page of word of mouth: what it says, its buttons, and whose rows one sees."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.community import services
from apps.community.models import Ask, Favour, Moment
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(now, monkeypatch):
    create_groups()
    monkeypatch.setattr("apps.core.clock.now", lambda: now)
    messaging.ensure_templates(now)


@pytest.fixture
def csm():
    return make.user()


@pytest.fixture
def sam(csm):
    return make.contact(make.account(name="Riverside Dental", owner=csm), name="Sam Doe")


@pytest.fixture
def ask(sam, now):
    make.response(sam.account, now - timedelta(days=1), contact=sam, score=10)
    make.message(sam, now=now, state="replied", replied_at=now - timedelta(days=2), reply="We love it!")
    assert services.find([sam.account_id], now=now, actor=make.ACTOR) == 1
    return Ask.objects.get()


def of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_empty_house_says_what_comes_here(csm):
    words = of(csm).get("/community/").content.decode()
    for title in ("No right moment waits", "Nobody is being asked", "Nothing is owed", "No challenge yet", "No statement yet"):
        assert title in words


def test_a_moment_waits_with_its_reasons_and_leaves_by_a_button(csm, ask, sam):
    client = of(csm)
    words = client.get("/community/").content.decode()
    assert "Answered 10 of 10 to “would you recommend us” yesterday (+30)" in words
    assert "Wrote “love it” in an answer 2 days ago (+20)" in words
    client.post(f"/do/community/asks/{ask.pk}/send/")
    assert Ask.objects.get().state == "asked"
    for word, state in (("agreed", "agreed"), ("done", "done")):
        client.post(f"/do/community/asks/{ask.pk}/{word}/")
        assert Ask.objects.get().state == state
    assert "Owed thanks" in client.get("/community/").content.decode()
    client.post(f"/do/community/favours/{Favour.objects.get().pk}/thank/")
    assert Favour.objects.get().thanked_at is not None


def test_a_refusal_is_told_and_nothing_leaves(csm, ask, sam, now):
    make.ticket(sam.account, now)
    answer = of(csm).post(f"/do/community/asks/{ask.pk}/send/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "A ticket of theirs is open" in answer["HX-Trigger"]
    assert Ask.objects.get().state == "proposed"


def test_others_books_and_viewers_change_nothing(ask):
    stranger, viewer = make.user(Role.CSM), make.user(Role.VIEWER)
    assert "Riverside" not in of(stranger).get("/community/").content.decode()
    assert of(stranger).post(f"/do/community/asks/{ask.pk}/send/").status_code == 404
    assert of(viewer).post(f"/do/community/asks/{ask.pk}/send/").status_code == 403
    assert Ask.objects.get().state == "proposed"


def test_challenges_and_statements_say_their_counts_and_why_one_is_not_shown(csm, sam, now):
    make.proved(sam.account, sam, now=now)
    services.write_statement(
        key="few", fields={"words": {"en": "{number} teams"}, "deed": "lately", "activity": "x", "live": True}, actor=make.ACTOR, now=now
    )
    services.publish_all(now=now)
    words = of(csm).get("/community/").content.decode()
    assert "1 take part, 0 reached it" in words
    assert "10 teams your size shared a report" in words
    assert "12 did it, 20 did not" in words
    assert "Fewer than 10 accounts did it." in words
    assert "– teams" in words


def test_the_part_alone_is_the_asks(csm, ask):
    words = of(csm).get("/community/?part=asks", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in words
    assert "Right moments" in words
    assert Moment.objects.count() == 1


def test_staff_see_on_the_contact_what_they_take_part_in(csm, sam, now):
    services.choose(sam, {"referral": False}, source="csm", actor=make.ACTOR, now=now)
    words = of(csm).get(f"/delivery/contacts/{sam.pk}/").content.decode()
    assert "What they take part in" in words
    assert "they said nothing; this is the standard" in words
    assert "/c/sharing/" in words
