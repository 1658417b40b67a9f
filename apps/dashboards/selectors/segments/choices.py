"""What a rule's lines choose among."""

from apps.accounts.models import EventName, Field
from apps.campaigns.models import Segment
from apps.campaigns.types import SegmentState
from apps.churn.models import AccountRisk
from apps.interventions.models import Play
from apps.interventions.types import PlayState
from apps.messaging import services as messaging
from apps.milestones.models import Milestone, Tier

from ...play_form.fields import Options

MOST = 300
_TRAITS = "account.traits."
_LOOKED_AT = 200


def choices(*, but: Segment | None = None) -> dict[str, Options]:
    """By the word that a field names: (key, name). A segment is not offered to itself."""
    return {
        "segments": segments(but=but),
        "milestones": tuple(Milestone.objects.order_by("position", "key").values_list("key", "name")[:MOST]),
        "tiers": tuple(Tier.objects.values_list("key", "name")[:MOST]),
        "plays": plays(),
    }


def _drivers() -> list[str]:
    """The features that raise somebody's risk now, the most frequent first."""
    found: dict[str, int] = {}
    for reasons in AccountRisk.objects.exclude(probability=None).order_by("-probability").values_list("reasons", flat=True)[:_LOOKED_AT]:
        for one in reasons:
            if one.get("contribution", 0) > 0 and one.get("feature"):
                found[one["feature"]] = found.get(one["feature"], 0) + 1
    return sorted(found, key=lambda name: (-found[name], name))


def plays() -> Options:
    return tuple(Play.objects.exclude(state=PlayState.ARCHIVED).order_by("name").values_list("key", "name")[:MOST])


def segments(*, but: Segment | None = None) -> Options:
    rows = Segment.objects.filter(state=SegmentState.LIVE).order_by("name")
    return tuple((rows.exclude(pk=but.pk) if but else rows).values_list("key", "name")[:MOST])


def names() -> dict[str, list[str]]:
    """What inputs offer while one types."""
    return {
        "activities": list(EventName.objects.order_by("name").values_list("name", flat=True)[:MOST]),
        "traits": [name.removeprefix(_TRAITS) for name in Field.objects.filter(name__startswith=_TRAITS).values_list("name", flat=True)[:MOST]],
        "drivers": _drivers(),
        "topics": messaging.topics(),
    }
