"""The list of plays: what runs, what waits to be put live, and what came of each beside doing nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, When

from apps.interventions import services as interventions
from apps.interventions.models import Play
from apps.interventions.types import PlayState

from .figures import Figures, of_plays

PAGE_SIZE = 50
READY = "ready"
# Who shipped it stands on the first version.
_SHIPPED = "job:interventions.library"
_ORDER = {state: place for place, state in enumerate((PlayState.LIVE, PlayState.PAUSED, PlayState.TESTING, PlayState.DRAFT, PlayState.ARCHIVED))}
TONES = {PlayState.LIVE: "good", PlayState.PAUSED: "warn", PlayState.TESTING: "info", PlayState.DRAFT: "calm", PlayState.ARCHIVED: "calm"}


@dataclass(frozen=True)
class Row:
    play: Play
    starts: str
    who: str
    steps: int
    figures: Figures
    tone: str


@dataclass(frozen=True)
class Listing:
    """One page of plays, the plays that come with the product and wait as drafts, and how many there are of each state."""

    page: Page
    ready: list[Row]
    states: list[tuple[str, str, int]]
    total: int


def listing(*, state: str, words: str, number: int, now: datetime) -> Listing:
    """Plays of a state (all but archived ones without it) whose name, key or purpose holds the words."""
    ready = Q(state=PlayState.DRAFT, versions__number=1, versions__created_by=_SHIPPED, current__number=1)
    rows = Play.objects.select_related("current").order_by(_by_state(), "name", "pk")
    found = rows.filter(state=state) if state in PlayState.values else rows.exclude(state=PlayState.ARCHIVED)
    for word in words.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(key__icontains=word) | Q(why__icontains=word))
    waits = list(rows.filter(ready)) if not words and not state else []
    page: Page = Paginator(found.exclude(pk__in=[play.pk for play in waits]), PAGE_SIZE).get_page(number)
    shown = list(page.object_list)
    figures = of_plays(shown, now)
    page.object_list = [_row(play, figures[play.pk]) for play in shown]
    counts: dict[str, int] = dict(Play.objects.values_list("state").annotate(count=Count("pk")).order_by())
    states = [(str(one.value), str(one.label), counts.get(one.value, 0)) for one in _ORDER]
    return Listing(page, [_row(play, Figures()) for play in waits], states, sum(counts.values()))


def _by_state() -> Any:
    return Case(*(When(state=state, then=place) for state, place in _ORDER.items()), output_field=IntegerField())


def _row(play: Play, figures: Figures) -> Row:
    says = play.says if play.current is not None else None
    starts = interventions.sentences.trigger_in_words(says.trigger) if says else "says nothing yet"
    who = interventions.sentences.audience_in_words(says) if says and says.audience is not None else ""
    return Row(play, starts, who, len(says.steps) if says else 0, figures, TONES[PlayState(play.state)])
