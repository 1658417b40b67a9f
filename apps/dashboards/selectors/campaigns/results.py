"""What a campaign changed, as its page draws it: the read-outs of the engine with bars, lines and words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign, WeightsVersion
from apps.campaigns.types import AttributedOutcome, AttributionModel
from apps.messaging.models import Message

from .. import impact
from .listing import VERDICT_TONES

DAYS = 90
MOST_VERSIONS = 30
MOST_WEEKS = 8
_TINTS = ("a", "b", "c", "d", "e", "f")


@dataclass(frozen=True)
class Bar:
    """A stage of the funnel; `share`: of the first stage, for its width."""

    name: str
    count: int | None
    share: float
    of_before: float | None
    words: str


@dataclass(frozen=True)
class Credit:
    """One source of touches with what each model gives it, scaled to the largest figure of the table."""

    name: str
    touches: int
    models: list[tuple[str, float, float]]
    incremental: Any
    why_not: str
    times: float | None
    here: bool


@dataclass(frozen=True)
class Moved:
    """The shares of the variants from some moment on."""

    number: int
    at: datetime | None
    why: str
    parts: list[tuple[str, float, str]]


@dataclass(frozen=True)
class Cohort:
    """`weeks`: shares of the treated and of those held out who had reached the goal."""

    on: Any
    treated: int
    held_out: int
    weeks: list[tuple[float | None, float | None]]


def page(user: User, campaign: Campaign, *, outcome: str, now: datetime) -> dict[str, Any]:
    read = campaigns.results.readout(campaign, now=now, user=user)
    funnel = campaigns.results.funnel(campaign, now=now, user=user)
    kind = AttributedOutcome(outcome) if outcome in AttributedOutcome.values else AttributedOutcome.EXPANSION
    credit = campaigns.results.attribution(outcome=kind, now=now, days=DAYS, user=user)
    return {
        "read": read,
        "verdict": str(read.verdict.label),
        "verdict_tone": VERDICT_TONES.get(read.verdict, "calm"),
        "goal": impact.told(read.whole.goal.effect),
        "stayed": impact.told(read.whole.stayed.effect),
        "variants": [_variant(one) for one in read.variants],
        "funnel": funnel,
        "bars": _bars(funnel),
        "attribution": credit,
        "credits": _credits(credit, campaign),
        "models": [str(one.label) for one in AttributionModel],
        "outcome": kind.value,
        "outcomes": AttributedOutcome.choices,
        "shares": _shares(campaign, now=now),
        "arms": campaigns.results.shares(campaign, now=now),
        "targeting": campaigns.results.targeting(campaign, now=now),
        "cohorts": [_cohort(one) for one in campaigns.results.cohorts(campaign, now=now, user=user)],
        "past": _past(campaign, now),
        "waits_for": _waiting(campaign),
    }


def _cohort(one: Any) -> Cohort:
    return Cohort(one.on, one.treated, one.held_out, list(zip(one.treated_by_week, one.held_out_by_week, strict=True))[:MOST_WEEKS])


def _variant(one: Any) -> tuple[Any, impact.Told, impact.Told | None]:
    """Against those held out, and against the control."""
    return one, impact.told(one.goal.effect), impact.told(one.against_control.effect) if one.against_control else None


def _bars(funnel: Any) -> list[Bar]:
    most = max((stage.count or 0 for stage in funnel.stages), default=0) or 1
    return [Bar(one.name, one.count, round(100 * (one.count or 0) / most, 1), one.of_before, one.words) for one in funnel.stages]


def _credits(found: Any, campaign: Campaign) -> list[Credit]:
    most = max((value for one in found.credits for value in one.outcomes.values()), default=0.0) or 1.0
    return [
        Credit(
            one.name,
            one.touches,
            [(str(model.label), one.outcomes[model], round(100 * one.outcomes[model] / most, 1)) for model in AttributionModel],
            one.incremental,
            one.why_not,
            one.last_over_incremental,
            one.key in (campaign.key, f"campaign:{campaign.key}", f"campaign:{campaign.pk}"),
        )
        for one in found.credits
    ]


def _shares(campaign: Campaign, *, now: datetime) -> list[Moved]:
    """How the shares of the variants moved, the newest first; the last is what the definition says."""
    rows = list(WeightsVersion.objects.filter(campaign=campaign).order_by("-number")[:MOST_VERSIONS])
    tints: dict[str, str] = {}
    found = [Moved(row.number, row.created_at, row.why, _parts(row.weights, tints)) for row in rows]
    says = campaign.says
    if says.variants:
        whole = sum(one.weight for one in says.variants)
        found.append(Moved(0, campaign.launched_at, "as the definition says", _parts({one.name: one.weight / whole for one in says.variants}, tints)))
    return found


def _parts(weights: Any, tints: dict[str, str]) -> list[tuple[str, float, str]]:
    return [(name, round(100 * share, 1), tints.setdefault(name, _TINTS[len(tints) % len(_TINTS)])) for name, share in weights.items()]


def _past(campaign: Campaign, now: datetime) -> Any:
    """The estimate of the last 90 days as a line, and its days."""
    days = list(campaigns.results.days(campaign, since=(now - timedelta(days=DAYS)).date()))
    return {"days": days[:14], "all": len(days)}


def _waiting(campaign: Campaign) -> int:
    """Messages of this campaign that are still on their way: what they do is not in the figures yet."""
    return Message.objects.filter(campaign_recipient__occurrence__campaign=campaign, state__in=["queued", "held", "sending"]).count()
