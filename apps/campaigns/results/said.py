"""What a campaign's definition says that its results need: goal, window, shares, holdout."""

from dataclasses import dataclass
from typing import Any

import msgspec

from apps.interventions.services import definition as plays
from apps.interventions.services import sentences

from ..models import Campaign, CampaignVersion, Occurrence

Reached = plays.Recovers | plays.Does | plays.Becomes
_USUAL_WINDOW, _USUAL_HOLDOUT = 30, 10


@dataclass(frozen=True)
class Said:
    """`goal`: None where none is named; then it is judged by who stays a customer. `variants`: (name, weight), the control first."""

    goal: Reached | None
    window_days: int
    holdout_percent: float
    variants: tuple[tuple[str, float], ...]

    @property
    def goal_words(self) -> str:
        if self.goal is None:
            return f"still a customer after {self.window_days} days (no goal is set)"
        return sentences.goal_in_words(plays.Goal(reached=self.goal, window_days=self.window_days))

    @property
    def weights(self) -> dict[str, float]:
        """The shares of the variants as they were written, of 1."""
        total = sum(weight for _, weight in self.variants)
        return {name: weight / total for name, weight in self.variants}

    @property
    def control(self) -> str:
        return self.variants[0][0] if self.variants else ""


def said(version: CampaignVersion | None) -> Said:
    told: dict[str, Any] = version.definition if version is not None else {}
    goal = (told.get("goal") or {}).get("reached")
    variants = tuple((one["name"], float(one.get("weight", 1))) for one in told.get("variants", ()))
    return Said(
        msgspec.convert(goal, Reached) if goal else None,
        int(told.get("window_days", _USUAL_WINDOW)),
        float(told.get("holdout_percent", _USUAL_HOLDOUT)),
        variants,
    )


def of(campaign: Campaign) -> Said:
    """What it is read by: the version of the newest time it went out, or the present one."""
    newest = Occurrence.objects.filter(campaign=campaign, frozen_at__isnull=False).order_by("-due_at", "-id").select_related("version").first()
    return said(newest.version if newest is not None else campaign.current)
