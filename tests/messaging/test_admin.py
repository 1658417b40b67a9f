import pytest
from django.urls import reverse

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.messaging.models import Consent, Message, MessageAttempt, Suppression, Template
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    user = make.user(role=None, is_superuser=True)
    client.force_login(user)
    return user


def press(client, action: str, *messages: Message):
    return client.post(
        reverse("admin:messaging_message_changelist"), {"action": action, "_selected_action": [row.pk for row in messages]}, follow=True
    )


def message(now, **fields) -> Message:
    return make.message(make.contact(make.account(owner=fields.pop("owner", None))), now=now, **fields)


def test_every_list_and_every_row_opens_and_facts_cannot_be_changed(client, boss, now):
    row = message(now)
    rows = [
        row,
        MessageAttempt.objects.create(message=row, number=1, owner="w", started_at=now),
        Consent.objects.create(contact=row.contact, channel="email", allowed=False, source="x", at=now),
        Suppression.objects.create(channel="email", address="a@x.test", reason="x", at=now),
        Template.objects.create(key="a", channel="email", subject="s", body="b"),
    ]
    for fact in rows:
        name = fact._meta.model_name
        assert client.get(reverse(f"admin:messaging_{name}_changelist")).status_code == 200
        page = client.get(reverse(f"admin:messaging_{name}_change", args=[fact.pk]))
        assert page.status_code == 200
        assert client.post(reverse(f"admin:messaging_{name}_change", args=[fact.pk]), {}).status_code == 403
        assert client.post(reverse(f"admin:messaging_{name}_delete", args=[fact.pk]), {"post": "yes"}).status_code == 403
    assert row.reply_token not in client.get(reverse("admin:messaging_message_change", args=[row.pk])).content.decode()


def test_an_unknown_message_is_marked_as_sent_or_sent_again_by_name(client, boss, now):
    arrived, lost, queued = message(now, state="unknown", claimed_at=now), message(now, state="unknown", claimed_at=now), message(now)
    page = press(client, "mark_as_sent", arrived, queued).content.decode()
    assert "1 marked as sent." in page
    assert "only a message nobody knows about can be settled" in page
    press(client, "send_again", lost)
    for row in (arrived, lost, queued):
        row.refresh_from_db()
    assert (arrived.state, lost.state, queued.state) == ("sent", "queued", "queued")
    assert (arrived.sent_at, queued.attempt) == (now, 0)


def test_a_waiting_message_is_cancelled_and_a_sent_one_is_not(client, boss, now):
    waiting, sent = message(now), message(now, state="sent")
    page = press(client, "cancel", waiting, sent).content.decode()
    assert "1 cancelled." in page
    assert "only what nobody has been given yet can be taken back" in page
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("cancelled", f"Cancelled by {boss}.")


def test_a_success_manager_sees_the_own_book_and_a_viewer_presses_nothing(client, now):
    create_groups()
    csm = make.user(Role.CSM)
    mine, other = message(now, owner=csm, state="unknown"), message(now, state="unknown")
    client.force_login(csm)
    page = client.get(reverse("admin:messaging_message_changelist")).content.decode()
    assert mine.subject in page
    assert other.subject not in page
    press(client, "mark_as_sent", mine, other)
    client.force_login(make.user(Role.VIEWER))
    press(client, "mark_as_sent", other)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, other.state) == ("sent", "unknown")


def test_saving_words_makes_the_next_version(client, boss):
    first = Template.objects.create(key="hello", channel="email", subject="Old", body="Old")
    given = {"key": "hello", "channel": "email", "locale": "en", "subject": "New", "body": "Hi {{ contact.first_name }}", "topic": "success"}
    assert client.post(reverse("admin:messaging_template_add"), given).status_code == 302
    assert list(Template.objects.order_by("version").values_list("version", "subject")) == [(1, "Old"), (2, "New")]
    page = client.post(reverse("admin:messaging_template_add"), {**given, "body": "{% if %}"})
    assert "The template cannot be read" in page.content.decode()
    assert Template.objects.count() == 2
    first.refresh_from_db()
    assert first.subject == "Old"
