"""A tip is written to a person: once, in their language where the template speaks it, and through the governor."""

from datetime import timedelta

import pytest

from apps.coaching import services
from apps.coaching.models import Recommendation
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Message, Template
from tests import make
from tests.coaching.conftest import tip

WORDS = {
    "en": {"title": "Open the report", "text": "It shows the money.", "steps": ["Open Reports.", "Look."]},
    "de": {"title": "Den Bericht öffnen", "text": "Er zeigt das Geld.", "steps": ["Berichte öffnen."]},
}


@pytest.fixture
def shown(db, now) -> Recommendation:
    messaging.ensure_templates(now)
    account = make.account(started_on=now.date() - timedelta(days=90))
    for key in ("one", "two", "three"):
        tip(key, now=now, words=WORDS, template="coaching-tip")
    return make.recommendation(account, now=now)


def send(row: Recommendation, contact, now) -> Message:
    return services.send_tip(row.pk, contact_id=contact.pk, now=now, actor=make.ACTOR)


def test_it_is_one_message_however_often_it_is_sent(shown, now):
    Recommendation.objects.filter(pk=shown.pk).update(version=shown.tip.__class__.objects.get(key="one").current)
    person = make.contact(shown.account)
    first, second = send(shown, person, now), send(shown, person, now)
    assert (first.pk, Message.objects.count()) == (second.pk, 1)
    assert (first.subject, first.lane, first.contact) == ("Open the report", "nurture", person)
    assert "It shows the money.\n\n1. Open Reports.\n2. Look." in first.body
    shown.refresh_from_db()
    assert shown.state == "open"


def test_german_words_need_a_german_template(shown, now):
    Recommendation.objects.filter(pk=shown.pk).update(version=shown.tip.__class__.objects.get(key="one").current)
    person = make.contact(shown.account, locale="de-AT")
    assert send(shown, person, now).subject == "Open the report"
    one = Template.objects.get(key="coaching-tip", channel="email")
    Template.objects.create(key=one.key, channel="email", locale="de", subject="{{ tip_title }}", body="Hallo, {{ tip_text }}", created_at=now)
    other = make.contact(shown.account, locale="de-AT")
    message = send(shown, other, now)
    assert (message.subject, message.locale) == ("Den Bericht öffnen", "de")


def test_nothing_is_sent_of_what_is_over_held_back_or_to_strangers(shown, now):
    Recommendation.objects.filter(pk=shown.pk).update(version=shown.tip.__class__.objects.get(key="one").current)
    person, stranger = make.contact(shown.account), make.contact(make.account())
    with pytest.raises(Refused, match="Nobody of that number is at this account"):
        send(shown, stranger, now)
    Recommendation.objects.filter(pk=shown.pk).update(state="done")
    with pytest.raises(Refused, match="there is nothing to send any more"):
        send(shown, person, now)
    Recommendation.objects.filter(pk=shown.pk).update(state="held", held_back=True, decision=None)
    with pytest.raises(Refused, match="held back at random"):
        send(shown, person, now)
    assert not Message.objects.exists()
