"""Whose turn it is gets a message written, or begins a sequence; who does not fit any more is told apart with the reason.

A batch is one transaction under a lock that a pause waits for: its messages and what becomes of its recipients are committed together or not at all.
Whoever dies leaves the batch as it was; the key of each message names person and occurrence, so that nobody could get a second one anyway.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.experiments import selectors as experiments
from apps.interventions import services as interventions
from apps.interventions.models import Play
from apps.interventions.types import NotEntered
from apps.messaging import selectors as messaging
from apps.messaging import services as letters

from ..definition import Definition
from ..models import Campaign, Membership, Occurrence, Recipient
from ..types import CampaignKind, CampaignState, Left, OccurrenceState, RecipientState
from . import audience, blocks, sharing, spending, surveying

SIZE = 500
_ACTOR = Actor.job("campaigns.hand_over")
# So long the best hour may be waited for, as by plays.
_PATIENCE = timedelta(hours=47)
_SETTLE = """
update campaigns_recipient r set state = s.state, "left" = s.left, message_id = s.message, enrolment_id = s.enrolment, settled_at = %(now)s
from jsonb_to_recordset(%(said)s::jsonb) as s(id bigint, state text, "left" text, message bigint, enrolment bigint)
where r.id = s.id and r.state = 'planned'
"""
# What a play says when it does not let an account in.
_NOT_ENTERED = {
    NotEntered.LEFT: Left.GONE,
    NotEntered.AUDIENCE: Left.NOT_IN_SEGMENT,
    NotEntered.RUNNING: Left.AGAIN,
    NotEntered.ONCE: Left.AGAIN,
    NotEntered.COOLDOWN: Left.AGAIN,
    NotEntered.BUDGET: Left.BUDGET,
}


@dataclass
class Settled:
    """What becomes of one recipient."""

    state: RecipientState
    left: str = ""
    message: int | None = None
    enrolment: int | None = None


def hand_over(*, now: datetime, learned: bool = False, rounds: int = 20, size: int = SIZE, of: Campaign | None = None) -> int:
    """Work off whose turn it is, at most so many batches of every occurrence. Returns how many recipients were settled."""
    open_ones = Occurrence.objects.filter(state=OccurrenceState.SENDING, campaign__state=CampaignState.LIVE).order_by("due_at", "pk")
    if of is not None:
        open_ones = open_ones.filter(campaign=of)
    done = 0
    for key in list(open_ones.values_list("pk", flat=True)):
        for _ in range(rounds):
            settled = _one_batch(key, now=now, learned=learned, size=size)
            done += settled
            if not settled:
                break
    return done


def _one_batch(occurrence_id: int, *, now: datetime, learned: bool, size: int) -> int:
    with transaction.atomic():
        row = Occurrence.objects.select_related("campaign", "version").get(pk=occurrence_id)
        says = row.version.says
        # Where there is a limit over all, one hands over at a time.
        counted = says.throttle_per_hour or says.budget.money is not None or says.budget.recipients or row.campaign.slowed_at
        lock = "for no key update" if counted else "for share"
        [campaign] = Campaign.objects.raw(f"select * from campaigns_campaign where id = %s {lock}", [row.campaign_id])  # noqa: S608
        if campaign.state != CampaignState.LIVE:
            return 0
        row.campaign = campaign
        room = spending.room(campaign, says, now=now)
        due = Recipient.objects.filter(occurrence=row, state=RecipientState.PLANNED, due_at__lte=now).order_by("due_at", "pk")
        most = size if room.budget_left == 0 else min(size, room.now_left, room.budget_left)
        rows = list(due.select_for_update(of=("self",), skip_locked=True)[:most]) if most > 0 else []
        if not rows:
            return 0
        if room.budget_left == 0:
            settled = {one.pk: Settled(RecipientState.SKIPPED, Left.BUDGET) for one in rows}
        else:
            settled = _settled(row, says, rows, room, learned=learned, now=now)
        _write(settled, now)
    return len(settled)


def _settled(
    row: Occurrence, says: Definition, rows: Collection[Recipient], room: spending.Room, *, learned: bool, now: datetime
) -> dict[int, Settled]:
    life = timedelta(hours=says.expires_hours)
    late = {one.pk: Left.LATE for one in rows if one.due_at is not None and one.due_at + life <= now}
    known = _second_look(row, says, [one for one in rows if one.pk not in late], now)
    whys = late | {key: Left(why) for key, (why, _) in known.items() if why}
    found = {key: Settled(RecipientState.SKIPPED, why) for key, why in whys.items()}
    fitting = [one for one in rows if one.pk not in found]
    if not fitting:
        return found
    if row.campaign.kind == CampaignKind.SEQUENCE:
        return found | _begun(row, says, fitting, now)
    return found | _written(row, says, fitting, {key: channels for key, (_, channels) in known.items()}, room, learned=learned, now=now)


def _second_look(row: Occurrence, says: Definition, rows: Collection[Recipient], now: datetime) -> dict[int, tuple[str, list[str]]]:
    """By recipient what keeps them away now (or nothing) and the channels on which they may be written to."""
    if not rows:
        return {}
    accounts, people = [one.account_id for one in rows], [one.contact_id for one in rows]
    shares = sharing.shares(row.campaign, says)
    chosen = audience.Looked(
        row.campaign,
        says,
        shares,
        now,
        whom="a.id = any(%(accounts)s)",
        people="c.id = any(%(people)s)",
        occurrence_id=row.pk,
        all_named=True,
        values={"accounts": accounts, "people": people},
    )
    sql, given = audience.judged(chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"with {sql} select contact_id, account_id, coalesce(why, ''), open from found", given)  # noqa: S608
        said = {contact or -account: (why, list(channels)) for contact, account, why, channels in cursor.fetchall()}
    gone = _out_of_segment(row, says, accounts)
    found = {}
    for one in rows:
        why, channels = said.get(one.contact_id or 0) or said.get(-one.account_id) or (Left.NOBODY.value, [])
        found[one.pk] = (why or (Left.NOT_IN_SEGMENT.value if one.account_id in gone else ""), channels)
    return found


def _out_of_segment(row: Occurrence, says: Definition, accounts: Collection[int]) -> set[int]:
    by_name = row.key.startswith("by-hand") and not row.frozen_to
    if row.campaign.segment_id is None or not says.segment or not says.still_in_segment or by_name:
        return set()
    inside = Membership.objects.open().filter(segment__key=says.segment, account__in=accounts)
    return set(accounts) - set(inside.values_list("account_id", flat=True))


def _begun(row: Occurrence, says: Definition, rows: Collection[Recipient], now: datetime) -> dict[int, Settled]:
    """The accounts enter the play: its engine takes the steps, its history keeps them."""
    play = Play.objects.select_related("current").get(key=says.sequence)
    keys = {one.account_id: f"campaign:{row.campaign_id}:{one.account_id}:{row.pk}" for one in rows}
    entered = interventions.enter(play, keys, actor=_ACTOR, now=now)
    found = {}
    for one in rows:
        run = entered.runs.get(one.account_id)
        reason = entered.passed_over.get(one.account_id)
        left = Left.AGAIN if reason is None else _NOT_ENTERED.get(reason, Left.CHANGED)
        found[one.pk] = Settled(RecipientState.HANDED, enrolment=run) if run else Settled(RecipientState.SKIPPED, left)
    return found


def _written(
    row: Occurrence,
    says: Definition,
    rows: Collection[Recipient],
    open_to: Mapping[int, list[str]],
    room: spending.Room,
    *,
    learned: bool,
    now: datetime,
) -> dict[int, Settled]:
    people = {person.pk: person for person in Contact.objects.filter(pk__in=[one.contact_id for one in rows]).select_related("account__owner")}
    said, asked = blocks.chosen(says, people.values()), surveying.context_for(row, rows, now=now)
    tired = {one.pk: Settled(RecipientState.SKIPPED, Left.SURVEYED) for one in rows if one.pk not in asked}
    rows = [one for one in rows if one.pk in asked]
    keys = {one.pk: f"campaign:{row.campaign_id}:{one.contact_id}:{row.pk}" for one in rows}
    to = {one.pk: people[one.contact_id or 0] for one in rows}
    channels = _channels(says, keys, to, open_to, learned=learned, now=now)
    moments = _moments(says, to, channels, now)
    named = {"campaign": {"name": row.campaign.name, "key": row.campaign.key}}
    drafts = [
        letters.Letter(
            contact=to[one.pk],
            channel=channels[one.pk],
            template_key=says.variant(one.variant).template,
            idem_key=keys[one.pk],
            due_at=moments.get(one.pk, now),
            expires_at=max(moments.get(one.pk, now), one.due_at or now) + timedelta(hours=says.expires_hours),
            context={**named, "blocks": said.get(one.contact_id or 0, {}), **asked.get(one.pk, {})},
        )
        for one in rows
    ]
    made = letters.compose_many(
        drafts, lane=says.lane, actor=_ACTOR, now=now, promotion=says.promotion, series=row.campaign.series, money=room.money_left
    )
    found = tired
    for one in rows:
        key = keys[one.pk]
        if key in made.messages:
            found[one.pk] = Settled(RecipientState.HANDED, message=made.messages[key])
        else:
            found[one.pk] = Settled(RecipientState.SKIPPED, Left.BUDGET if key in made.too_dear else Left.CHANGED)
    return found


def _channels(
    says: Definition, keys: Mapping[int, str], to: Mapping[int, Contact], open_to: Mapping[int, list[str]], *, learned: bool, now: datetime
) -> dict[int, str]:
    if says.choice == "first":
        return {key: open_to[key][0] for key in keys}
    asked = {keys[key]: (to[key], open_to[key]) for key in keys}
    chosen = interventions.choose_channels(asked, lane=says.lane, learned=learned, now=now)
    return {key: chosen[name] for key, name in keys.items()}


def _moments(says: Definition, to: Mapping[int, Contact], channels: Mapping[int, str], now: datetime) -> dict[int, datetime]:
    """The hour at which each reads, where the campaign wants it."""
    if says.hour != "best":
        return {}
    found: dict[int, datetime] = {}
    for channel in sorted(set(channels.values())):
        mine = {key: person for key, person in to.items() if channels[key] == channel}
        allowed = messaging.allowed_hours(channel)
        best = experiments.best_moments(mine.values(), earliest=now, latest=now + _PATIENCE, allowed=allowed, now=now)
        found |= {key: best[person.pk].at for key, person in mine.items() if person.pk in best}
    return found


def _write(settled: Mapping[int, Settled], now: datetime) -> None:
    said = [
        {"id": key, "state": one.state.value, "left": str(one.left), "message": one.message, "enrolment": one.enrolment}
        for key, one in sorted(settled.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"said": json.dumps(said), "now": now})
