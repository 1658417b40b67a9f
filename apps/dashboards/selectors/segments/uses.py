"""Who uses a segment: campaigns that speak to it or have words for it, and other segments whose rule asks for it."""

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse

from apps.campaigns.models import Campaign, Segment
from apps.campaigns.types import CampaignState, SegmentState

Uses = dict[str, list[tuple[str, str]]]


def uses(segments: Collection[Segment]) -> Uses:
    """By key (words, address), in two statements however many there are."""
    found: Uses = {one.key: [] for one in segments}
    over = (CampaignState.DONE, CampaignState.ABORTED, CampaignState.ARCHIVED)
    for campaign in Campaign.objects.exclude(state__in=over).exclude(current=None).select_related("current").order_by("name"):
        for key in set(_named(campaign.current.definition if campaign.current else {})) & set(found):
            found[key].append((f"campaign “{campaign.name}”", reverse("campaign", args=[campaign.key])))
    for other in Segment.objects.exclude(state=SegmentState.ARCHIVED).exclude(current=None).select_related("current").order_by("name"):
        for key in set(_within(other.current.rule if other.current else {})) & set(found) - {other.key}:
            found[key].append((f"segment “{other.name}”", reverse("segment", args=[other.key])))
    return found


def _named(definition: Any) -> Iterator[str]:
    yield str(definition.get("segment", ""))
    for choices in (definition.get("blocks") or {}).values():
        yield from (str(one.get("segment", "")) for one in choices)


def _within(rule: Any) -> Iterator[str]:
    if isinstance(rule, dict):
        if rule.get("kind") == "in":
            yield str(rule.get("segment", ""))
        for joint in ("all", "any", "none"):
            for one in rule.get(joint) or []:
                yield from _within(one)
