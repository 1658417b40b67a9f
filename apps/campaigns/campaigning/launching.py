"""What must be right before a campaign goes out. What will happen then is told by foreseeing.py."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.interventions.models import Play
from apps.interventions.types import PlayState
from apps.messaging import selectors as messaging

from ..definition import Definition, Flaws, Once
from ..models import Campaign, Segment
from ..types import CampaignKind, CampaignState, SegmentState
from . import moments

_TONGUES = """
select distinct coalesce(nullif(c.locale, ''), nullif(a.locale, ''), '') from accounts_contact c join accounts_account a on a.id = c.account_id
where a.stage <> 'churned' and (%(segment)s::bigint is null
    or exists (select 1 from campaigns_membership m where m.segment_id = %(segment)s and m.account_id = a.id and m.left_at is null))
"""


def launch(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """From now on it goes out at its hour, or when what it waits for happens. Raises Flaws with everything that is not right yet."""
    from .written import turn  # noqa: PLC0415 (writing checks by this module)

    with transaction.atomic():
        row = Campaign.objects.select_for_update(of=("self",)).select_related("current").get(pk=campaign.pk)
        if row.current is None:
            raise Flaws([("", "It says nothing yet.")])
        says = row.says
        if row.state == CampaignState.DRAFT:
            check(row, says, now=now)
        values = {"launched_at": row.launched_at or now, "judged_from": now, "next_at": moments.next_due(says, after=now)}
        return turn(campaign, CampaignState.LIVE, why="launched", actor=actor, now=now, **values)


def check(campaign: Campaign, says: Definition, *, now: datetime) -> None:
    """Raises Flaws with all that stands in its way."""
    if flaws := problems(campaign, says, now=now):
        raise Flaws(flaws)


def problems(campaign: Campaign, says: Definition, *, now: datetime) -> list[tuple[str, str]]:
    found = [*_segment_flaws(says), *_block_flaws(campaign, says), *_hour_flaws(campaign, says, now), *_budget_flaws(says)]
    found += _sequence_flaws(says) if campaign.kind == CampaignKind.SEQUENCE else _template_flaws(campaign, says)
    return found


def _segment_flaws(says: Definition) -> list[tuple[str, str]]:
    if not says.segment:
        return []
    state = Segment.objects.filter(key=says.segment).values_list("state", flat=True).first()
    if state is None:
        return [("segment", f"There is no segment {says.segment!r}.")]
    return [] if state == SegmentState.LIVE else [("segment", f"The segment {says.segment!r} is {SegmentState(state).label}; make it live first.")]


def tongues(segment_id: int | None) -> list[str]:
    """The languages of the people who may be written to; an empty one where nobody said any."""
    with connection.cursor() as cursor:
        cursor.execute(_TONGUES, {"segment": segment_id})
        return sorted(tag for (tag,) in cursor.fetchall())


def _template_flaws(campaign: Campaign, says: Definition) -> list[tuple[str, str]]:
    flaws: list[tuple[str, str]] = []
    keys = [variant.template for variant in says.variants]
    there, about = messaging.tongues_of(keys), messaging.topics_of(keys)
    spoken = tongues(_segment_id(says))
    for place, variant in enumerate(says.variants):
        channels = [channel for channel in says.channels if (variant.template, channel) in there]
        if not channels:
            flaws.append((f"variants[{place}].template", f"There is no template {variant.template!r} for {' or '.join(says.channels)}."))
        for channel in channels:
            if missing := _unserved(spoken, there[variant.template, channel]):
                words = f"{variant.template!r} by {channel} has no words for readers of {', '.join(missing)}, nor in the language of the house."
                flaws.append((f"variants[{place}].template", words))
    if missing_for := sorted({channel for channel in says.channels if says.variants and not any((key, channel) in there for key in keys)}):
        flaws += [(f"channels[{says.channels.index(channel)}]", f"No template has words for {channel}.") for channel in missing_for]
    for channel in says.channels:
        if len({about[key, channel] for key in keys if (key, channel) in about}) > 1:
            flaws.append(("variants", f"By {channel} their templates are about different topics, so that consent to one is none to the other."))
        elif len({(key, channel) in about for key in keys}) > 1:
            flaws.append(("variants", f"Not all of them have words for {channel}, so that they would not be compared on the same channel."))
    return list(dict.fromkeys(flaws))


def _unserved(spoken: Iterable[str], there: set[str]) -> list[str]:
    return sorted({tag or "no known language" for tag in spoken if not set(messaging.chain(tag)) & there})


def _segment_id(says: Definition) -> int | None:
    return Segment.objects.filter(key=says.segment).values_list("pk", flat=True).first() if says.segment else None


def _block_flaws(campaign: Campaign, says: Definition) -> list[tuple[str, str]]:
    flaws = []
    named = {block.segment for choices in says.blocks.values() for block in choices if block.segment}
    known = set(Segment.objects.filter(key__in=named).exclude(state=SegmentState.ARCHIVED).values_list("key", flat=True))
    spoken = tongues(_segment_id(says)) if says.blocks else []
    for name, choices in says.blocks.items():
        for place, block in enumerate(choices):
            if block.segment and block.segment not in known:
                flaws.append((f"blocks.{name}[{place}].segment", f"There is no segment {block.segment!r}."))
            if missing := _unserved(spoken, set(block.words)):
                words = f"It has no words for readers of {', '.join(missing)}, nor in the language of the house."
                flaws.append((f"blocks.{name}[{place}].words", words))
        if choices[-1].segment:
            flaws.append((f"blocks.{name}", "Say last what everybody else reads (a block without a segment)."))
    return flaws


def _hour_flaws(campaign: Campaign, says: Definition, now: datetime) -> list[tuple[str, str]]:
    when = says.when
    if campaign.launched_at is not None or not isinstance(when, Once):
        return []
    if moments.ends(when.wall, when.local) + timedelta(hours=says.expires_hours) <= now:
        return [("when.at", f"{when.at} has passed.")]
    return []


def _budget_flaws(says: Definition) -> list[tuple[str, str]]:
    money = says.budget.money
    if money is None:
        return []
    if money == 0:
        return [("budget.money", "With nothing to spend, nothing is sent that costs anything. Leave it out for no limit.")]
    cheapest = messaging.cheapest(says.channels)
    if cheapest is not None and float(cheapest) > money:
        return [("budget.money", f"One message costs at least {cheapest:f}, which is more than the whole budget.")]
    return []


def _sequence_flaws(says: Definition) -> list[tuple[str, str]]:
    play = Play.objects.filter(key=says.sequence).select_related("current").first()
    if play is None:
        return [("sequence", f"There is no play {says.sequence!r}.")]
    if play.state != PlayState.LIVE:
        return [("sequence", f"The play {says.sequence!r} is {PlayState(play.state).label}; make it live first.")]
    if says.promotion and not play.says.promotion:
        return [("sequence", f"The campaign sells and the play {says.sequence!r} does not say so; say `promotion` in it, or false here.")]
    return []
