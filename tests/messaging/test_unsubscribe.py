import pytest
from django.test import Client

from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import selectors, services
from apps.messaging.models import Consent, Message
from tests import make

pytestmark = pytest.mark.django_db


def message_to_sam(now, **fields) -> Message:
    return make.message(make.contact(make.account()), now=now, **fields)


def link(message: Message) -> str:
    return f"/c/unsubscribe/{selectors.unsubscribe_token(message)}"


def test_looking_changes_nothing_sets_no_cookie_and_allows_no_script(client, now):
    message = message_to_sam(now)
    for answer in (client.get(link(message)), client.head(link(message))):
        assert answer.status_code == 200
        assert answer.cookies == {}
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
    page = client.get(link(message)).content.decode()
    assert '<html lang="en">' in page
    assert '<button type="submit">Unsubscribe</button>' in page
    assert "<script" not in page
    assert "style=" not in page
    assert not Consent.objects.exists()
    message.refresh_from_db()
    assert message.state == "queued"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_one_click_without_cookies_or_csrf_unsubscribes_and_a_repeat_changes_nothing_more(now, kind):
    message = message_to_sam(now)
    stays = make.message(message.contact, now=now, topic="invoices")
    body = "List-Unsubscribe=One-Click"
    if "multipart" in kind:
        body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    stranger = Client(enforce_csrf_checks=True)

    for _ in range(2):
        answer = stranger.post(link(message), body, content_type=kind)
        assert answer.status_code == 200
        assert answer.cookies == {}

    assert [(row.contact, row.channel, row.topic, row.allowed, row.source) for row in Consent.objects.all()] == [
        (message.contact, "email", "success", False, "one-click")
    ]
    message.refresh_from_db()
    stays.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", f"{message.contact} does not want “success” by email.")
    assert stays.state == "queued"
    changed = Event.objects.get(type="consent.changed")
    assert (changed.payload["allowed"], changed.actor) == (False, f"contact:{message.contact_id}")


def test_the_button_on_the_page_says_where_the_word_was_given(client, now):
    message = message_to_sam(now)
    answer = client.post(link(message))
    assert "You are unsubscribed" in answer.content.decode()
    assert Consent.objects.get().source == "unsubscribe page"


def test_a_tampered_link_is_not_found_and_changes_nothing(client, now):
    message = message_to_sam(now)
    token = selectors.unsubscribe_token(message)
    other = selectors.unsubscribe_token(message_to_sam(now))
    mixed = f"{other.split(':')[0]}:{token.split(':')[1]}"
    for bad in (token[:-1], token + "x", mixed, selectors.inbox_token(message.contact), "x"):
        assert client.get(f"/c/unsubscribe/{bad}").status_code == 404
        assert client.post(f"/c/unsubscribe/{bad}").status_code == 404
    assert not Consent.objects.exists()


def test_the_link_of_someone_we_forgot_is_not_found(client, now):
    message = message_to_sam(now)
    address = link(message)
    message.contact.delete()
    assert client.post(address).status_code == 404


def test_a_bad_token_is_refused_with_words(now):
    with pytest.raises(Refused) as refusal:
        services.unsubscribe(token_or_contact="x:y", source="test", now=now)
    assert refusal.value.code == "bad_token"


def test_staff_may_write_down_a_no_and_later_a_yes(now):
    contact = make.contact(make.account())
    services.unsubscribe(token_or_contact=contact, channel="in_app", source="staff", now=now)
    assert services.record_consent(contact=contact, channel="in_app", topic="success", allowed=True, source="staff", now=now)
    assert not services.record_consent(contact=contact, channel="in_app", topic="success", allowed=True, source="staff", now=now)
    assert list(Consent.objects.order_by("id").values_list("allowed", flat=True)) == [False, True]
