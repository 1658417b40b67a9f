"""A survey as a campaign: from the launch to the answer, through the same freezing, handing over and governor as all others."""

from datetime import timedelta

import pytest

from apps.accounts.models import SurveyResponse
from apps.campaigns import selectors, services
from apps.campaigns.models import Invitation, Recipient
from apps.campaigns.services import campaigns
from apps.campaigns.surveys import drip, tokens
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ready(now, peer):
    messaging.ensure_templates(now)
    make.open_channels()


def survey(now, **says):
    more = {"variants": [{"name": "a", "template": "survey-nps"}], "people": {"who": "all"}, "survey": {"kind": "nps", **says}}
    return make.campaign(kind="survey", says=more, live_at=now)


def sent_out(campaign, now):
    campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.advance(now=now)


def states():
    return sorted(Recipient.objects.values_list("contact__email", "state", "left"))


def test_it_is_asked_sent_reminded_answered_and_read(now, ready):
    account = make.account(owner=make.user())
    ana, ben = make.contact(account, email="ana@x.test"), make.contact(account, email="ben@x.test")
    messaging.record_consent(contact=ben, channel="email", topic="surveys", allowed=False, source="page", now=now)
    campaign = survey(now)
    sent_out(campaign, now)
    assert states() == [("ana@x.test", "handed", ""), ("ben@x.test", "excluded", "no_consent")]
    invitation = Invitation.objects.get()
    assert (invitation.contact, invitation.campaign, invitation.state, invitation.sent_at) == (ana, campaign, "asked", None)
    message = Message.objects.get()
    assert tokens.link(invitation, 9) in message.body
    assert "utm_" not in message.body
    dispatch.one_round("email", owner="w", clock=lambda: now)
    services.surveys.follow(now=now + timedelta(hours=1))
    invitation.refresh_from_db()
    assert invitation.sent_at is not None
    services.surveys.follow(now=now + 6 * DAY)
    assert Message.objects.filter(idem_key=f"survey:{invitation.pk}:reminder").count() == 1
    services.surveys.answer(invitation, score=10, now=now + 6 * DAY)
    assert SurveyResponse.objects.get().contact == ana
    found = selectors.surveys.read_out(campaign, viewer=make.user(role=None, is_superuser=True), now=now + 6 * DAY)
    assert (found.delivered, found.answered, found.reminded, found.counts) == (1, 1, 1, {10: 1})


def test_another_survey_leaves_out_who_was_asked_and_who_answered_elsewhere(now, ready):
    account = make.account()
    make.contact(account, email="ana@x.test")
    other = make.contact(make.account(), email="cem@x.test")
    make.response(other.account, now - 20 * DAY, contact=other, score=9)
    sent_out(survey(now), now)
    assert states() == [("ana@x.test", "handed", ""), ("cem@x.test", "excluded", "surveyed")]
    sent_out(survey(now + DAY, kind="csat"), now + DAY)
    assert [row for row in states() if row[2] == "surveyed"] == [
        ("ana@x.test", "excluded", "surveyed"),
        ("cem@x.test", "excluded", "surveyed"),
        ("cem@x.test", "excluded", "surveyed"),
    ]
    assert Invitation.objects.count() == 1


def test_a_drip_asks_those_whose_week_it_is(now, ready):
    people = [make.contact(make.account(), email=f"p{number:02}@x.test") for number in range(40)]
    campaign = survey(now, drip=True)
    # Whose week it is hangs on their numbers: somebody's, and not everybody's.
    while not (due := drip.due(campaign.key, {person.pk for person in people}, now)):
        people.append(make.contact(make.account(), email=f"p{len(people):02}@x.test"))
    assert len(due) < len(people)
    sent_out(campaign, now)
    assert set(Recipient.objects.filter(state="handed").values_list("contact", flat=True)) == due
    # Nobody else is written down: their week comes.
    assert Recipient.objects.count() == len(due)


def test_links_of_a_campaign_say_where_their_reader_came_from(now, ready):
    make.news(body="See https://shop.test/offer, {{ contact.first_name }}.")
    make.contact(make.account(), email="ana@x.test")
    campaign = make.campaign(says={"variants": [{"name": "bold", "template": "news"}]}, key="spring", live_at=now)
    sent_out(campaign, now)
    tagged = "https://shop.test/offer?utm_source=cs-platform&utm_medium=email&utm_campaign=spring&utm_content=bold,"
    assert tagged in Message.objects.get().body
