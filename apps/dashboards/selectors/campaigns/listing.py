"""The list of campaigns: where each stands, whom it reached, and what it changed beside what was clicked."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, When

from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign, Recipient
from apps.campaigns.types import CampaignState, CampaignVerdict, RecipientState

from .words import when_in_words

PAGE_SIZE = 50
TONES = {
    CampaignState.LIVE: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.DRAFT: "calm",
    CampaignState.DONE: "info",
    CampaignState.ABORTED: "bad",
    CampaignState.ARCHIVED: "calm",
}
_ORDER = {state: place for place, state in enumerate(TONES)}
VERDICT_TONES = {CampaignVerdict.BETTER: "good", CampaignVerdict.WORSE: "bad", CampaignVerdict.MISMATCH: "bad"}


@dataclass(frozen=True)
class Figures:
    """Recipients by state, over every time it went out."""

    by_state: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return sum(self.by_state.values())

    @property
    def held_out(self) -> int:
        return self.by_state.get(RecipientState.HELD_OUT, 0)

    @property
    def handed(self) -> int:
        return self.by_state.get(RecipientState.HANDED, 0)

    @property
    def planned(self) -> int:
        """Who was to get it: neither left out at the freezing nor held out."""
        return self.all - self.held_out - self.by_state.get(RecipientState.EXCLUDED, 0)


@dataclass(frozen=True)
class Row:
    """`day`: of which day the read-out is; None: none was made yet."""

    campaign: Campaign
    starts: str
    figures: Figures
    day: date | None
    verdict: str
    verdict_tone: str
    words: str
    delivered: int
    clicked: int | None

    @property
    def tone(self) -> str:
        return TONES[CampaignState(self.campaign.state)]


@dataclass(frozen=True)
class Listing:
    page: Page
    states: list[tuple[str, str, int]]
    total: int


def listing(*, state: str, words: str, number: int) -> Listing:
    """Campaigns of a state (all but archived ones without it); counts are of every account of the house."""
    by_state = Case(*(When(state=one, then=place) for one, place in _ORDER.items()), output_field=IntegerField())
    rows = Campaign.objects.select_related("current", "segment").order_by(by_state, "-launched_at", "-pk")
    found = rows.filter(state=state) if state in CampaignState.values else rows.exclude(state=CampaignState.ARCHIVED)
    for word in words.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(key__icontains=word) | Q(why__icontains=word))
    page: Page = Paginator(found, PAGE_SIZE).get_page(number)
    shown = list(page.object_list)
    keys = [one.pk for one in shown]
    numbers, days = figures(keys), campaigns.results.incrementals(keys)
    page.object_list = [_row(one, numbers[one.pk], days.get(one.pk)) for one in shown]
    counts: dict[str, int] = dict(Campaign.objects.values_list("state").annotate(count=Count("pk")).order_by())
    return Listing(page, [(str(one.value), str(one.label), counts.get(one.value, 0)) for one in _ORDER], sum(counts.values()))


def figures(campaign_ids: Collection[int]) -> dict[int, Figures]:
    """In one statement however many there are."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Recipient.objects.filter(occurrence__campaign__in=campaign_ids).values_list("occurrence__campaign_id", "state")
    for key, state, count in rows.annotate(count=Count("pk")).order_by():
        found[key][state] = count
    return defaultdict(Figures, {key: Figures(states) for key, states in found.items()})


def _row(campaign: Campaign, numbers: Figures, day: Any) -> Row:
    reached = day.figures.get("whole", {}).get("reached", {}) if day else {}
    return Row(
        campaign,
        starts=when_in_words(campaign.says.when) if campaign.current else "says nothing yet",
        figures=numbers,
        day=day.on if day else None,
        verdict=str(CampaignVerdict(day.verdict).label) if day else "",
        verdict_tone=VERDICT_TONES.get(day.verdict, "calm") if day else "calm",
        words=day.words if day else "its first read-out comes the night after it goes out",
        delivered=reached.get("delivered", 0),
        clicked=reached.get("clicked"),
    )
