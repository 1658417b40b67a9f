"""The contact policy as rows: what may stand in it, who wrote it, and that the next claim goes by it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import dispatch, policy, services
from apps.messaging.models import ContactPolicy, Message
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PHONE = {"start": "20:00", "end": "08:00", "days": [1, 2, 3, 4, 5]}


def write(now, **said) -> ContactPolicy:
    return services.write_policy(actor=Actor.job("test"), now=now, **said)


def claim(now, channel="email") -> list[int]:
    return [message.pk for message in dispatch.claim(channel, owner="w", now=now).sending]


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


def test_what_the_admin_begins_with_is_what_counts_where_nobody_wrote_anything(now):
    standard, written = policy.current(), policy.read(write(now))
    assert standard == policy.STANDARD
    assert [cap.words for cap in standard.caps] == ["2 messages in 24 hours", "5 messages in 7 days", "3 emails in 7 days"]
    assert (written.caps, dict(written.hours), written.when_capped) == (standard.caps, dict(standard.hours), standard.when_capped)


def test_versions_keep_who_when_and_why_and_what_is_not_named_stays(now):
    write(now, caps=[{"channel": "", "most": 1, "hours": 24}], note="Quieter in March.")
    second = write(now + HOUR, currency="EUR")
    rows = [(row.version, row.actor, row.at, row.note) for row in ContactPolicy.objects.order_by("version")]
    assert rows == [(1, "job:test", now, "Quieter in March."), (2, "job:test", now + HOUR, "")]
    assert second.caps == [{"channel": "", "most": 1, "hours": 24}]
    assert policy.current().version == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"caps": [{"channel": "fax", "most": 1, "hours": 24}]}, "caps: 'fax' is not known here"),
        ({"caps": [{"most": 0, "hours": 24}]}, "at `$.caps[0].most`"),
        ({"caps": [{"most": 1, "hours": 24, "never": 1}]}, "unknown field `never`"),
        ({"caps": "none"}, "at `$.caps`"),
        ({"hours": {"phone": {"start": "25:00", "end": "08:00"}}}, "at `$.hours[...].start`"),
        ({"hours": {"phone": {"start": "22:00", "end": "08:00"}}}, "quiet at least from 21:00 to 08:00"),
        ({"hours": {"phone": {"start": "20:00", "end": "07:59"}}}, "quiet at least from 21:00 to 08:00"),
        ({"hours": {"phone": {"start": "08:00", "end": "21:00"}}}, "quiet at least from 21:00 to 08:00"),
        ({"hours": {}}, "quiet at least from 21:00 to 08:00"),
        ({"hours": {"phone": {**PHONE, "days": []}}}, "at `$.hours[...].days`"),
        ({"budgets": {"sms": "-1"}}, "budgets: an amount is below zero"),
        ({"budgets": {"sms": "much"}}, "at `$.budgets[...]`"),
        ({"prices": {"sms": {"": "Infinity"}}}, "prices: an amount is below zero or beyond reason"),
        ({"prices": {"sms": {"+49": "0.1"}}}, "'+49' is no country prefix"),
        ({"digest_lanes": ["save"]}, "digest_lanes: 'save' is not known here"),
        ({"currency": "usd"}, "three capital letters"),
        ({"confirmed_topics": [""]}, "at `$.confirmed_topics[0]`"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(now, said, words):
    with pytest.raises(Refused) as refusal:
        write(now, **said)
    assert words in refusal.value.message
    assert not ContactPolicy.objects.exists()


def test_the_next_claim_goes_by_the_caps_that_were_written_and_reads_them_once(now):
    person = make.contact(make.account())
    for _ in range(3):
        make.message(person, now=now)
    write(now, caps=[{"channel": "email", "most": 1, "hours": 12}])
    with CaptureQueriesContext(connection) as queries:
        assert len(claim(now)) == 1
    assert sum("messaging_contactpolicy" in query["sql"] for query in queries) == 1
    why = "Quiet hours until Thu 12 Mar 08:00 (UTC)."
    assert set(Message.objects.filter(state="held").values_list("reason", "due_at")) == {(why, now.replace(day=12, hour=8))}


def test_each_kind_of_channel_has_hours_of_its_own(now):
    person = make.contact(make.account(), phone="+15550001111")
    mail, text = make.message(person, now=now), make.message(person, now=now, channel="sms", address=person.phone)
    quiet = {"start": "11:00", "end": "13:00", "days": [1, 2, 3, 4, 5, 6, 7]}
    write(now, hours={"phone": PHONE, "email": quiet})
    assert (claim(now), claim(now, "sms")) == ([], [text.pk])
    assert seen(mail).due_at == now + HOUR


def test_transactional_messages_wait_for_the_morning_only_where_the_policy_says_so(now):
    night = now.replace(hour=23)
    person = make.contact(make.account(), phone="+15550001111")
    call = {"channel": "voice", "address": person.phone, "lane": "transactional", "lane_rank": 0}
    first = make.message(person, now=night, **call)
    assert claim(night, "voice") == [first.pk]
    write(night, hours={"phone": {**PHONE, "urgent_waits": True}})
    second = make.message(person, now=night, **call)
    assert claim(night, "voice") == []
    assert (seen(second).state, second.due_at) == ("held", now.replace(day=12, hour=8))


def test_over_a_cap_the_policy_may_drop_but_the_night_still_only_holds(now):
    write(now, caps=[{"channel": "email", "most": 1, "hours": 24}], when_capped="drop")
    person = make.contact(make.account())
    first, second = make.message(person, now=now), make.message(person, now=now)
    assert claim(now) == [first.pk]
    assert (seen(second).state, second.reason) == (
        "suppressed",
        "Already 1 email in 24 hours; free from Thu 12 Mar 12:00 UTC. The contact policy drops what is over a cap.",
    )
    third = make.message(person, now=now)
    assert claim(now.replace(hour=21)) == []
    assert seen(third).state == "held"


def test_over_a_cap_the_policy_may_move_a_message_to_the_inbox_where_that_is_free(now):
    write(now, caps=[{"channel": "loud", "most": 1, "hours": 24}, {"channel": "in_app", "most": 1, "hours": 24}], when_capped="in_app")
    person = make.contact(make.account())
    rows = [make.message(person, now=now) for _ in range(3)]
    assert claim(now) == [rows[0].pk]
    moved = seen(rows[1])
    assert (moved.channel, moved.address, moved.state, moved.due_at) == ("in_app", "", "held", now)
    assert moved.reason == "Already 1 message outside the inbox in 24 hours; free from Thu 12 Mar 12:00 UTC. Moved to the inbox."
    assert claim(now, "in_app") == [moved.pk]
    assert (seen(rows[2]).channel, rows[2].state) == ("in_app", "held")
    assert rows[2].due_at == now + 24 * HOUR


def test_a_new_policy_looks_again_at_what_is_held_and_leaves_drafts_their_hour(now):
    person = make.contact(make.account())
    rows = [make.message(person, now=now) for _ in range(3)]
    assert len(claim(now)) == 2
    draft = make.message(make.contact(person.account), now=now, state="held", due_at=now + 4 * HOUR, approver=make.user())
    write(now, caps=[])
    assert claim(now) == [rows[2].pk]
    assert seen(draft).due_at == now + 4 * HOUR


def test_an_administrator_writes_the_next_version_from_what_counts_and_nobody_changes_an_old_one(now):
    admin = make.user(Role.ADMINISTRATOR, is_superuser=True)
    browser = Client()
    browser.force_login(admin)
    address = "/admin/messaging/contactpolicy/add/"
    assert "&quot;hours&quot;: 168" in browser.get(address).content.decode()
    form = {
        "caps": '[{"channel": "email", "most": 1, "hours": 24}]',
        "hours": '{"phone": {"start": "22:00", "end": "08:00"}}',
        "when_capped": "hold",
        "currency": "USD",
        "budgets": "{}",
        "prices": "{}",
        "digest_lanes": "[]",
        "digest_minutes": "60",
        "confirmed_topics": "[]",
        "note": "",
    }
    assert "which no policy can shorten" in browser.post(address, form).content.decode()
    assert not ContactPolicy.objects.exists()
    assert browser.post(address, {**form, "hours": '{"phone": {"start": "21:00", "end": "08:00"}}'}).status_code == 302
    row = ContactPolicy.objects.get()
    assert (row.version, row.actor, row.digest_minutes) == (1, f"user:{admin.pk}", 60)
    assert browser.post(f"/admin/messaging/contactpolicy/{row.pk}/change/", form).status_code == 403
