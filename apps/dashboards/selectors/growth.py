"""Milestones, rewards and coaching as the account's story and the feed tell them: one line per event of the record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.core.reading import Reading
from apps.events.models import Event
from apps.milestones.models import Milestone

from ..types import Kind, Moment

Names = Mapping[str, str]
Words = Callable[[dict[str, Any], dict[str, str]], str]

_MILESTONES = ("milestone.achieved", "milestone.taken_back", "milestone.pace_changed", "milestone.offered")
_REWARDS = ("reward.granted", "reward.reversed", "reward.held", "reward.redeemed", "tier.reached", "badge.earned")
_COACHING = ("coaching.held", "coaching.changed", "coaching.outcome", "coaching.tip_answered", "coaching.tips_recommended")
_PACES = {"on_track": "on track", "behind": "behind", "stuck": "stuck"}
_ANSWERS = {"accept": "took on a tip", "not_now": "put a tip off", "not_useful": "found a tip not useful", "done": "did what a tip said"}


def names() -> dict[str, str]:
    """The names of milestones, by what their events call them."""
    return {_called(key): name for key, name in Milestone.objects.values_list("key", "name")}


def _called(key: str) -> str:
    return f"milestone:{key}"


def _milestone(payload: dict[str, Any], known: Names) -> str:
    key = str(payload.get("key", ""))
    return f"“{known.get(_called(key), key)}”"


def _chance(payload: dict[str, Any]) -> str:
    chance = payload.get("chance")
    return f" (chance {round(100 * float(chance))} %)" if chance is not None else ""


def _granted(payload: dict[str, Any], known: Names) -> str:
    return f"was granted {payload.get('amount', '')} {payload.get('unit', '')}".rstrip() + because(payload)


def because(payload: Mapping[str, Any], name: str = "reason") -> str:
    return f": {payload[name]}" if payload.get(name) else ""


def _outcome(payload: dict[str, Any], known: Names) -> str:
    reached = "reached" if payload.get("reached") else "did not reach"
    return f"{reached} what was agreed, read {payload.get('days', 0)} days after coaching"


def _state(payload: dict[str, Any], known: Names) -> str:
    return f"has a coaching session that is {str(payload.get('state', '')).replace('_', ' ')}"


# Icon, tone and words of an event, said after the account's name.
WORDS: dict[str, tuple[str, str, Words]] = {
    "milestone.changed": ("flag", "info", lambda p, known: f"The milestone {_milestone(p, known)}: {p.get('change', 'changed')}"),
    "milestone.achieved": ("flag", "good", lambda p, known: f"reached {_milestone(p, known)}"),
    "milestone.taken_back": ("undo", "warn", lambda p, known: f"no longer counts as having reached {_milestone(p, known)}{because(p)}"),
    "milestone.pace_changed": ("timer", "warn", lambda p, known: f"is {_PACES.get(str(p.get('pace')), '')} on the way to {_milestone(p, known)}"),
    "milestone.offered": ("signpost", "info", lambda p, known: f"has {_milestone(p, known)} as the next milestone{_chance(p)}"),
    "reward.granted": ("redeem", "good", _granted),
    "reward.reversed": ("undo", "warn", lambda p, _: f"had a reward taken back{because(p)}"),
    "reward.held": ("front_hand", "warn", lambda p, _: f"has a reward that waits for a person{because(p)}"),
    "reward.redeemed": ("shopping_bag", "info", lambda p, _: f"has “{p.get('item', '')}” {p.get('state', '')}"),
    "tier.reached": ("military_tech", "good", lambda p, _: f"is in the tier “{p.get('tier', '')}” now"),
    "badge.earned": ("workspace_premium", "good", lambda p, _: f"earned the badge “{p.get('badge', '')}”"),
    "recognition.changed": ("visibility", "calm", lambda p, _: "has somebody who chose who may see their name"),
    "coaching.tips_recommended": ("lightbulb", "info", lambda p, _: f"has {p.get('shown', 0)} tips to choose from"),
    "coaching.tip_answered": ("lightbulb", "calm", lambda p, _: _ANSWERS.get(str(p.get("answer")), "answered a tip")),
    "coaching.changed": ("event", "calm", _state),
    "coaching.held": ("groups", "good", lambda p, _: f"was coached for {p.get('minutes', 0)} minutes"),
    "coaching.outcome": ("query_stats", "info", _outcome),
}


def milestones(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    return (yield from _told(account, before, limit, Kind.MILESTONE, (*_MILESTONES, *_REWARDS)))


def coaching(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    return (yield from _told(account, before, limit, Kind.COACHING, _COACHING))


def _told(account: Account, before: datetime, limit: int, kind: Kind, types: tuple[str, ...]) -> Reading[list[Moment]]:
    rows = Event.objects.filter(subject=f"account:{account.pk}", type__in=types, at__lt=before).order_by("-at")[:limit]
    yield rows
    known = names() if any(row.type.startswith("milestone.") for row in rows) else {}
    return [Moment(row.at, kind, WORDS[row.type][0], _sentence(row, known)) for row in rows]


def _sentence(row: Event, known: dict[str, str]) -> str:
    words = WORDS[row.type][2](row.payload, known)
    return words[:1].upper() + words[1:]
