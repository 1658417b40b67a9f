"""The read-outs of past days, as they were."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..models import Campaign, FrozenReadout
from ..types import CampaignVerdict
from .figures import Day, Reading, Readout, Told

_MOST = 400


def days(campaign: Campaign, *, since: date | None = None) -> Sequence[Day]:
    """Newest first."""
    rows = FrozenReadout.objects.filter(campaign=campaign)
    if since is not None:
        rows = rows.filter(on__gte=since)
    return [_day(row) for row in rows.order_by("-on")[:_MOST]]


def incrementals(campaign_ids: Sequence[int]) -> Mapping[int, Day]:
    """The newest frozen read-out of each, for lists: one statement."""
    rows = FrozenReadout.objects.filter(campaign__in=campaign_ids).order_by("campaign_id", "-on").distinct("campaign_id")
    return {row.campaign_id: _day(row) for row in rows}


def _day(row: FrozenReadout) -> Day:
    return Day(row.on, CampaignVerdict(row.verdict), row.words, row.figures)


def figures_of(found: Readout) -> dict[str, Any]:
    """A read-out as it is kept: the whole, each time it went out, each variant."""
    split = found.split
    return {
        "window_days": found.window_days,
        "goal": found.goal_words,
        "rule": found.rule,
        "split": {"treated": split.treated, "held_out": split.held_out, "expected": split.expected, "p": split.p, "broken": split.broken},
        "whole": _kept(found.whole),
        "occurrences": {one.name: _kept(one) for one in found.occurrences},
        "variants": {one.name: {**_kept(one), "share": one.share, "control": one.control} for one in found.variants},
    }


def _kept(reading: Reading) -> dict[str, Any]:
    money = reading.revenue
    return {
        "assigned": reading.assigned,
        "held_out": reading.held_out,
        "running": reading.running,
        "people": {name: getattr(reading.reached, name) for name in ("planned", "handed", "sent", "delivered", "opened", "clicked", "replied")},
        "goal": _share(reading.goal),
        "stayed": _share(reading.stayed),
        "arr": {"difference": money.difference, "low": money.low, "high": money.high, "method": money.method, "currency": money.currency},
        "verdict": reading.verdict,
    }


def _share(told: Told) -> dict[str, Any]:
    effect = told.effect
    return {
        "treated": [effect.treated.successes, effect.treated.n],
        "held_out": [effect.held_out.successes, effect.held_out.n],
        "difference": effect.difference,
        "low": effect.low,
        "high": effect.high,
        "more": effect.more,
    }
