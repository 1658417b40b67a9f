"""One campaign: what its buttons do, its versions with what changed, what it cost, and how a suggestion becomes a draft."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.text import slugify

from apps.campaigns import selectors as campaigns_read
from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, CampaignVersion
from apps.campaigns.types import CampaignState
from apps.core.actor import Actor
from apps.interventions.services import differences

from ..sayings import hands
from .words import between, when_in_words

MOST_VERSIONS = 40


@dataclass(frozen=True)
class Act:
    """A button: what it calls, its word, what it does, and the question that is asked first. `plain`: without a word why."""

    what: str
    label: str
    does: str
    ask: str = ""
    main: bool = False
    plain: bool = True


def acts(campaign: Campaign) -> list[Act]:
    """What may be done with a campaign from its state."""
    name, by_hand = campaign.name, campaign.current is not None and isinstance(campaign.says.when, campaigns.definition.ByHand)
    if campaign.state == CampaignState.DRAFT:
        starts = when_in_words(campaign.says.when)
        ask = f"Launch “{name}”? It goes out {starts}. “Before you launch” tells whom it reaches."
        archive = Act("archive", "Archive", "Out of the list; nothing was sent.", ask=f"Archive “{name}”?")
        return [Act("launch", "Launch", f"It goes out {starts}.", ask=ask, main=True), archive]
    if campaign.state == CampaignState.LIVE:
        pause = Act("pause", "Pause", "Nothing of it leaves until it goes on, not even what is queued. What was sent stays sent.", plain=False)
        found = [pause, _abort(name)]
        if by_hand:
            found.insert(0, Act("start", "Start now", "For its whole segment, now.", ask=f"Start “{name}” now, for its whole segment?", main=True))
        return found
    if campaign.state == CampaignState.PAUSED:
        return [Act("resume", "Go on", "It goes on where it was; brakes begin to count anew.", main=True), _abort(name)]
    if campaign.state in (CampaignState.DONE, CampaignState.ABORTED):
        return [Act("archive", "Archive", "Out of the list; what it did stays.")]
    return []


def _abort(name: str) -> Act:
    does = "It is over for good: who has not had it gets nothing, and what waits to leave is taken back."
    return Act("abort", "Abort", does, ask=f"Abort “{name}”? It cannot go on afterwards.", plain=False)


@dataclass(frozen=True)
class Spent:
    words: str


def spent(campaign: Campaign) -> Spent:
    """What its messages cost so far, beside its budget."""
    money = campaigns_read.campaigns.spent(campaign)
    budget = campaign.says.budget.money if campaign.current else None
    if not money and budget is None:
        return Spent("")
    of = f" of {settings.WORKSPACE_CURRENCY} {budget:,.2f}" if budget is not None else ""
    return Spent(f"Messages cost {settings.WORKSPACE_CURRENCY} {money:,.2f}{of} so far.")


@dataclass(frozen=True)
class Version:
    row: CampaignVersion
    by: str
    changes: list[differences.Change] = field(default_factory=list)


def versions(campaign: Campaign) -> list[Version]:
    """Newest first, each with what it changed."""
    rows = list(campaign.versions.order_by("-number")[: MOST_VERSIONS + 1])
    by = hands(row.created_by for row in rows)
    before: Iterable[CampaignVersion | None] = [*rows[1:], None]
    return [Version(row, by[row.created_by], between(old.definition, row.definition) if old else []) for row, old in zip(rows, before, strict=True)][
        :MOST_VERSIONS
    ]


def take_up(found: Any, *, actor: Actor, now: datetime) -> Campaign:
    """A suggestion as two drafts: its segment, and a campaign for it. Raises Refused where they are there already."""
    key = slugify(found.key.replace(":", "-").replace("_", "-"))[:40]
    segment = campaigns.segments.create(key=key, name=found.name[:120], rule=found.rule, why=found.why[:250], actor=actor, now=now)
    says = {**found.definition, "segment": segment.key}
    return campaigns.campaigns.create(key=key, name=found.name[:120], why=found.why[:250], says=says, actor=actor, now=now)
