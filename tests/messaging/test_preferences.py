"""The customer's own page: looking changes nothing, saving says yes or no to each topic on each channel that reaches them."""

import pytest
from django.test import Client

from apps.messaging import selectors, services
from apps.messaging.models import Consent, Template
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(now):
    Template.objects.create(key="news", channel="email", subject="s", body="b", topic="news")
    return make.contact(make.account(), name="Sam Doe", phone="+12025550100")


def page(contact) -> str:
    return f"/c/preferences/{selectors.preferences_token(contact.pk)}"


def save(contact, *wanted: str):
    return Client(enforce_csrf_checks=True).post(page(contact), {"want": list(wanted)})


def words() -> set[tuple[str, str, bool]]:
    newest = Consent.objects.order_by("channel", "topic", "-at", "-id").distinct("channel", "topic")
    return {(row.channel, row.topic, row.allowed) for row in newest}


def test_looking_changes_nothing_sets_no_cookie_and_shows_what_counts_now(client, sam, now):
    services.record_consent(contact=sam, channel="sms", topic="news", allowed=False, source="test", now=now)
    for answer in (client.get(page(sam)), client.head(page(sam))):
        assert (answer.status_code, answer.cookies) == (200, {})
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    shown = client.get(page(sam)).content.decode()
    assert "Sam Doe, choose" in shown
    assert 'value="sms:news">' in shown
    assert 'value="sms:success" checked>' in shown
    assert Consent.objects.count() == 1


def test_saving_says_yes_and_no_takes_back_what_waits_and_a_repeat_changes_nothing(sam, now):
    waiting = make.message(sam, now=now, channel="sms", address=sam.phone, topic="success")
    kept = make.message(sam, now=now)
    every = {choice.name for choice in services.choices(sam)}
    assert "voice:success" in every
    for _ in range(2):
        assert "Saved." in save(sam, *(every - {"sms:success", "email:news"})).content.decode()
    assert words() == {("sms", "success", False), ("email", "news", False)}
    assert set(Consent.objects.values_list("source", flat=True)) == {"preferences page"}
    for message in (waiting, kept):
        message.refresh_from_db()
    assert (waiting.state, kept.state) == ("cancelled", "queued")
    save(sam, *every)
    assert {allowed for *_, allowed in words()} == {True}


def test_an_empty_form_is_a_no_to_everything(sam):
    save(sam)
    assert {allowed for *_, allowed in words()} == {False}
    assert len(words()) == len(services.choices(sam))


def test_only_channels_that_reach_them_are_offered(now):
    nobody = make.contact(make.account(), email="", phone="")
    assert {choice.channel.value for choice in services.choices(nobody)} == {"in_app", "push"}


@pytest.mark.parametrize("token", ["1:abc", "abc", "999999"])
def test_a_link_that_is_not_ours_opens_nothing(client, sam, token):
    assert client.get(f"/c/preferences/{token}").status_code == 404
    assert client.post(f"/c/preferences/{selectors.preferences_token(sam.pk)}x", {"want": []}).status_code == 404
    assert not Consent.objects.exists()


def test_the_unsubscribe_page_and_every_mail_lead_there(client, sam, now):
    message = make.message(sam, now=now)
    assert page(sam) in client.get(f"/c/unsubscribe/{selectors.unsubscribe_token(message)}").content.decode()
