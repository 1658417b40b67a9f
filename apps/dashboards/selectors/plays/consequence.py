"""What a draft would mean, while it is typed: whom it fits now, what changes, what is still wrong, and whether its effect could be seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import Account, EventName, User
from apps.interventions import services as interventions
from apps.interventions.models import Play
from apps.messaging.models import Template

MOST_NAMES = 300


@dataclass(frozen=True)
class Consequence:
    """`told`: the play in sentences, where it can be read; `fits`: who fits its audience now, None while the audience cannot be read."""

    flaws: Sequence[tuple[str, str]]
    told: list[tuple[str, str]] = field(default_factory=list)
    fits: interventions.audiences.Fits | None = None
    some: list[Account] = field(default_factory=list)
    changes: list[interventions.differences.Change] = field(default_factory=list)
    is_new: bool = True
    templates: list[str] = field(default_factory=list)


def consequence(user: User, says: Any, flaws: Sequence[tuple[str, str]], *, play: Play | None, now: datetime) -> Consequence:
    typed = interventions.checked.read_or_none(says) if not flaws else None
    audience = says.get("audience")
    condition = interventions.checked.condition_or_none(audience) if audience else None
    readable = audience is None or condition is not None
    asks_run = condition is not None and interventions.conditions.facts_in(condition) & set(interventions.conditions.RUN_FACTS)
    leavers = "left_days" in interventions.conditions.facts_in(condition)
    fits = interventions.audiences.who_fits(condition, leavers=leavers, now=now) if readable and not asks_run else None
    before = play.current.definition if play and play.current else None
    after = interventions.definition.plain(typed) if typed else None
    return Consequence(
        flaws=flaws,
        told=interventions.sentences.told(typed) if typed else [],
        fits=fits,
        some=list(Account.objects.for_user(user).filter(pk__in=fits.some).order_by("name")) if fits else [],
        changes=interventions.differences.between(before, after) if before and after else [],
        is_new=before is None,
        templates=_missing(says),
    )


def _missing(says: Any) -> list[str]:
    """Templates that a message names and nobody wrote."""
    named = set(interventions.play_files.templates_of(says))
    return sorted(named - set(Template.objects.filter(key__in=named).values_list("key", flat=True))) if named else []


def names() -> dict[str, list[str]]:
    """What inputs offer while one types: templates and activities."""
    return {
        "templates": list(Template.objects.order_by("key").values_list("key", flat=True).distinct()[:MOST_NAMES]),
        "activities": list(EventName.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
    }
