"""Writing segments: versions that are never changed, no circles, the states a segment goes through, and lists made by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import SegmentChanged, SegmentLeft

from ..models import Campaign, ListedAccount, Membership, Segment, SegmentVersion, SegmentWake
from ..types import CampaignState, ListedFrom, SegmentState
from . import filling, marking, rules
from .matters import Kind, matters

LONGEST_STAY = 366


def create(
    *, key: str, name: str, rule: Any, why: str = "", leaves: Any = None, stay_days: int = 0, note: str = "", actor: Actor, now: datetime
) -> Segment:
    """A new segment as a draft with its first version. Raises Flaws where the rule cannot be understood."""
    rules.read(rule)
    with transaction.atomic():
        if Segment.objects.filter(key=key).exists():
            raise Refused("segment_exists", f"There is a segment {key!r} already; save a new version of it.")
        made = Segment.objects.create(key=key, name=name, why=why)
        save_version(made, rule=rule, leaves=leaves, stay_days=stay_days, note=note or "First version.", actor=actor, now=now)
    return made


def save_version(
    segment: Segment, *, rule: Any, leaves: Any = None, stay_days: int = 0, note: str = "", actor: Actor, now: datetime
) -> SegmentVersion:
    """The next version. Of a live segment everybody is looked at anew, silently: nobody did anything to come in or go.

    The same words again make no new version. Raises Flaws, also where a segment referred to is not there, not live, or leads back to this one.
    """
    read, read_leaves = rules.read(rule), _read_leaves(leaves)
    if not 0 <= stay_days <= LONGEST_STAY:
        raise rules.Flaws([("stay_days", f"It is 0 to {LONGEST_STAY} days.")])
    said, said_leaves = rules.plain(read), rules.plain(read_leaves) if read_leaves is not None else None
    with transaction.atomic():
        _take_turns()
        segment.refresh_from_db()
        if segment.state == SegmentState.ARCHIVED:
            raise Refused("segment_archived", f"“{segment.name}” is archived; write a new segment.")
        latest = segment.versions.order_by("-number").first()
        if latest is not None and (latest.rule, latest.leaves, latest.stay_days) == (said, said_leaves, stay_days):
            return latest
        refuse_bad_references(segment.key, read, read_leaves, live=segment.state == SegmentState.LIVE)
        made = SegmentVersion.objects.create(
            segment=segment,
            number=(latest.number if latest else 0) + 1,
            rule=said,
            leaves=said_leaves,
            stay_days=stay_days,
            note=note[:250],
            created_at=now,
            created_by=str(actor),
        )
        looked_at = [leaf for one in (read, read_leaves) if one is not None for leaf in rules.leaves(one)]
        segment.current, segment.matters = made, int(matters(*looked_at))
        Segment.objects.filter(pk=segment.pk).update(current=made, matters=segment.matters, version=F("version") + 1)
        segment.version += 1
        if segment.state == SegmentState.LIVE:
            filling.begin(segment)
        _announce(segment, actor, now)
    return made


def _read_leaves(leaves: Any) -> rules.Rule | None:
    if leaves is None:
        return None
    try:
        return rules.read(leaves)
    except rules.Flaws as error:
        raise rules.Flaws([(f"leaves.{place}" if place else "leaves", words) for place, words in error.flaws]) from error


def rename(segment: Segment, *, name: str, why: str, actor: Actor, now: datetime) -> None:
    """What staff call it and what it is for."""
    with transaction.atomic():
        if Segment.objects.filter(pk=segment.pk).exclude(name=name, why=why).update(name=name, why=why, version=F("version") + 1):
            _announce(segment, actor, now)
    segment.refresh_from_db()


def refuse_bad_references(key: str, rule: rules.Rule, leaves: rules.Rule | None, *, live: bool) -> None:
    """Raises Flaws, by place, where a segment referred to is not there, archived, leads back to this one, or (for a `live` one) is not live."""
    known = {row.key: row for row in Segment.objects.select_related("current").order_by("pk")}
    graph = {name: refers_to(row.current) for name, row in known.items() if row.current is not None and name != key}
    placed = [*rules.placed(rule), *((f"leaves{'.' if place else ''}{place}", leaf) for place, leaf in (rules.placed(leaves) if leaves else ()))]
    flaws = []
    for place, leaf in placed:
        wanted = getattr(leaf, "segment", None)
        if wanted is None:
            continue
        here = f"{place}.segment" if place else "segment"
        if wanted == key:
            flaws.append((here, "A segment cannot refer to itself."))
        elif wanted not in known or known[wanted].state == SegmentState.ARCHIVED:
            flaws.append((here, f"There is no segment {wanted!r}."))
        elif way := _way(wanted, key, graph):
            flaws.append((here, f"This leads in a circle: {' refers to '.join([key, *way])}."))
        elif live and known[wanted].state != SegmentState.LIVE:
            flaws.append((here, f"“{known[wanted].name}” is {known[wanted].get_state_display()}: nobody is in it. Put it live first."))
    if flaws:
        raise rules.Flaws(flaws)


def refers_to(version: SegmentVersion) -> set[str]:
    """Keys of the segments that a version looks at."""
    return rules.refers_to(rules.read(version.rule), rules.read(version.leaves) if version.leaves is not None else None)


def _way(start: str, goal: str, graph: dict[str, set[str]]) -> list[str]:
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        for step in sorted(graph.get(way[-1], ())):
            if step == goal:
                return [*way, goal]
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []


def go_live(segment: Segment, *, actor: Actor, now: datetime) -> None:
    """From now on memberships are kept. Everybody is looked at first, in the background and silently."""
    with transaction.atomic():
        _take_turns()
        row = Segment.objects.select_for_update(of=("self",)).select_related("current").get(pk=segment.pk)
        if row.state != SegmentState.DRAFT:
            raise Refused("segment_cannot_turn", f"“{row.name}” is {row.get_state_display()}; only a draft can go live.")
        if row.current is None:
            raise Refused("segment_empty", f"“{row.name}” has no rule yet.")
        leaves = rules.read(row.current.leaves) if row.current.leaves is not None else None
        refuse_bad_references(row.key, rules.read(row.current.rule), leaves, live=True)
        Segment.objects.filter(pk=row.pk).update(state=SegmentState.LIVE, version=F("version") + 1)
        filling.begin(row)
        _announce(row, actor, now)
    segment.refresh_from_db()


def archive(segment: Segment, *, actor: Actor, now: datetime) -> None:
    """Nobody is in it any more; who was and when stays known. Refused while another live segment or campaign uses it."""
    with transaction.atomic():
        _take_turns()
        row = Segment.objects.select_for_update(of=("self",)).get(pk=segment.pk)
        if row.state == SegmentState.ARCHIVED:
            return
        if users := used_by(row):
            raise Refused("segment_in_use", f"“{row.name}” is used by {', '.join(f'“{name}”' for _, _, name in users)}. Change that first.")
        Segment.objects.filter(pk=row.pk).update(state=SegmentState.ARCHIVED, size=0, version=F("version") + 1)
        gone = list(Membership.objects.open().filter(segment=row).values_list("pk", "account_id"))
        Membership.objects.filter(pk__in=[key for key, _ in gone]).update(left_at=Greatest(F("entered_at"), now))
        SegmentWake.objects.filter(segment=row).delete()
        if row.filled_at is not None:
            said = [SegmentLeft(account_id=account, segment_id=row.pk, segment=row.key, membership_id=key) for key, account in gone]
            events.publish_all(said, actor=actor, now=now)
        _announce(row, actor, now)
    segment.refresh_from_db()


def used_by(segment: Segment) -> list[tuple[str, str, str]]:
    """(kind, key, name) of the segments and campaigns that are not over and use it."""
    others = Segment.objects.exclude(state=SegmentState.ARCHIVED).exclude(pk=segment.pk).select_related("current").order_by("name")
    found = [("segment", other.key, other.name) for other in others if other.current and segment.key in refers_to(other.current)]
    over = [CampaignState.ARCHIVED, CampaignState.ABORTED, CampaignState.DONE]
    campaigns = Campaign.objects.exclude(state__in=over).select_related("current").order_by("name")
    for campaign in campaigns:
        says = campaign.current.definition if campaign.current else {}
        blocks = [block for part in (says.get("blocks") or {}).values() for block in part]
        if campaign.segment_id == segment.pk or segment.key in [says.get("segment"), *(block.get("segment") for block in blocks)]:
            found.append(("campaign", campaign.key, campaign.name))
    return found


def list_accounts(
    segment: Segment,
    *,
    add: Iterable[int] = (),
    remove: Iterable[int] = (),
    source: str = ListedFrom.HAND,
    actor: Actor,
    now: datetime,
) -> tuple[int, int]:
    """Put accounts on the segment's list, or take them off; returns how many of each. Its rule says by `listed` what that means."""
    adding, removing = sorted(set(add)), sorted(set(remove) - set(add))
    with transaction.atomic():
        there = set(Account.objects.filter(pk__in=adding).values_list("pk", flat=True))
        if missing := [key for key in adding if key not in there]:
            raise Refused("no_such_account", f"There is no account {missing[0]}; nothing was listed.")
        known = set(ListedAccount.objects.filter(segment=segment, account__in=adding).values_list("account_id", flat=True))
        fresh = [key for key in adding if key not in known]
        rows = [ListedAccount(segment=segment, account_id=key, source=source, at=now, actor=str(actor)) for key in fresh]
        ListedAccount.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)
        gone = list(ListedAccount.objects.filter(segment=segment, account__in=removing).values_list("account_id", flat=True))
        ListedAccount.objects.filter(segment=segment, account__in=gone).delete()
        marking.mark([*fresh, *gone], kinds=Kind.LISTS, now=now)
        if fresh or gone:
            _announce(segment, actor, now)
    return len(fresh), len(gone)


def by_external_ids(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The accounts that carry these ids of your own systems, and the ids that nobody carries."""
    found = dict(Account.objects.filter(external_id__in=names).values_list("external_id", "pk"))
    return [found[name] for name in dict.fromkeys(names) if name in found], [name for name in dict.fromkeys(names) if name not in found]


def _take_turns() -> None:
    """One writer of the graph at a time: two that each add half of a circle would else both pass."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('campaigns.segments'))")


def _announce(segment: Segment, actor: Actor, now: datetime) -> None:
    events.publish(SegmentChanged(segment_id=segment.pk, key=segment.key), actor=actor, now=now)
