"""100,000 recipients of a campaign: the audience frozen with every check and everybody's own hour, against a bare INSERT ... SELECT of the same rows.

`freeze_over_insert` is the ratio. `hand_over_over_insert` is what writing their messages (rendered one by one, with the second look) costs in the
same measure, told beside it.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from apps.campaigns.models import Occurrence, Recipient, Segment, SegmentVersion
from apps.campaigns.services import campaigns
from apps.core.actor import Actor
from apps.messaging.models import Message, Template

from .measure import bare, cost

PEOPLE = 100_000
NOW = datetime(2026, 3, 10, 19, tzinfo=UTC)
LATER = datetime(2026, 3, 12, tzinfo=UTC)
_ACTOR = Actor.job("benchmarks")
_ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Berlin", "Europe/London", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "")
# A twentieth has said no to the topic, a hundredth has a barred address, one in thirty has none.
_FILL = """
with a as (
    insert into accounts_account (external_id, name, plan, domain, stage, time_zone, currency, arr, traits, synthetic, version)
    select 'campaign-' || n, 'Customer ' || n, '', '', 'active', 'UTC', 'USD', 0, '{}', true, 1 from generate_series(1, %(people)s) n returning id
), c as (
    insert into accounts_contact (account_id, external_id, name, email, role, time_zone, locale, traits, version)
    select id, '', 'Person ' || id, case when id %% 30 = 0 then '' else 'p' || id || '@bench.test' end, 'champion',
        (%(zones)s::text[])[1 + id %% 8], '', '{}', 1 from a returning id, email
), k as (
    insert into messaging_consent (contact_id, channel, topic, allowed, source, wording, actor, at)
    select id, 'email', 'success', id %% 20 <> 0, 'bench', '', '', %(now)s from c where id %% 4 = 0
), s as (
    insert into messaging_suppression (channel, address, reason, actor, at)
    select 'email', email, 'bench', '', %(now)s from c where id %% 100 = 3 and email <> ''
)
insert into campaigns_membership (segment_id, account_id, version_id, entered_at) select %(segment)s, id, %(version)s, %(now)s from a
"""
_BARE = """
insert into campaigns_recipient (occurrence_id, account_id, contact_id, state, "left", variant, weights, propensity, due_at)
select %s, account_id, contact_id, state, "left", variant, weights, propensity, due_at from campaigns_recipient where occurrence_id = %s
order by account_id, contact_id
"""


def _prepare() -> Occurrence:
    segment = Segment.objects.create(key="bench", name="Bench")
    version = SegmentVersion.objects.create(segment=segment, number=1, rule={"kind": "listed"}, created_at=NOW, created_by=str(_ACTOR))
    Segment.objects.filter(pk=segment.pk).update(state="live", current=version)
    Template.objects.create(key="bench", channel="email", subject="News for {{ account.name }}", body="Hello {{ contact.first_name }}.")
    given = {"people": PEOPLE, "zones": list(_ZONES), "now": NOW - timedelta(days=1), "segment": segment.pk, "version": version.pk}
    with bare("accounts_account", "accounts_contact"), connection.cursor() as cursor:
        cursor.execute(_FILL, given)
    with connection.cursor() as cursor:
        for table in ("messaging_consent", "messaging_suppression", "campaigns_membership"):
            cursor.execute(f"vacuum analyze {table}")
    says = {
        "when": {"kind": "once", "at": "2026-03-11T09:00"},
        "segment": "bench",
        "variants": [{"name": "a", "template": "bench"}, {"name": "b", "template": "bench"}],
        "holdout_percent": 10,
    }
    campaign = campaigns.create(key="bench", name="Bench", says=says, actor=_ACTOR, now=NOW - timedelta(days=2))
    campaigns.launch(campaign, actor=_ACTOR, now=NOW - timedelta(days=1))
    campaigns.plan_due(now=NOW)
    return Occurrence.objects.get()


def run() -> dict[str, float]:
    row = _prepare()
    ours = cost(lambda: campaigns.freeze(row, now=NOW))
    assert Recipient.objects.filter(occurrence=row).count() == PEOPLE
    twin = Occurrence.objects.create(campaign=row.campaign, version=row.version, key="twin", due_at=NOW, state="done")

    def copy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BARE, [twin.pk, row.pk])

    plain = cost(copy)
    Recipient.objects.filter(occurrence=twin).delete()
    handed = cost(lambda: campaigns.hand_over(now=LATER, rounds=10_000))
    messages = Message.objects.filter(series=row.campaign.series).count()
    assert messages == Recipient.objects.filter(occurrence=row, state="handed").count() > 0.7 * PEOPLE
    return {
        "freeze_over_insert": round(ours.cpu / plain.cpu, 2),
        "freeze_over_insert_wall": round(ours.wall / plain.wall, 2),
        "frozen_per_cpu_second": round(PEOPLE / ours.cpu),
        "inserted_per_cpu_second": round(PEOPLE / plain.cpu),
        "hand_over_over_insert": round(handed.cpu / messages / (plain.cpu / PEOPLE), 1),
        "handed_per_cpu_second": round(messages / handed.cpu),
        "messages": messages,
    }
