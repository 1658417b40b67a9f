"""What a builder and a filter bar offer."""

from typing import Any

from apps.accounts.models import Account, Team, User
from apps.accounts.types import Stage
from apps.campaigns.models import Segment
from apps.campaigns.types import SegmentState
from apps.churn.types import Band
from apps.core.reading import Reading
from apps.health.types import Band as HealthBand
from apps.metrics import selectors as metrics

from . import kinds

MOST = 200
Options = list[tuple[str, str]]
NAMES = {
    "owner": "Owner",
    "team": "Team",
    "segment": "Segment",
    "stage": "Stage",
    "plan": "Plan",
    "band": "Risk",
    "health": "Health",
    "currency": "Currency",
}


def filters(user: Any) -> Reading[dict[str, Options]]:
    """For each filter what can be chosen; of owners and teams only those whose accounts the reader sees."""
    people = User.objects.filter(is_active=True, is_staff=True)
    teams = Team.objects.order_by("name")
    if not user.sees_everything:
        people = people.filter(team=user.team_id) if user.team_id else people.filter(pk=user.pk)
        teams = teams.filter(pk=user.team_id)
    people, teams = people.order_by("full_name", "email")[:MOST], teams[:MOST]
    segments = Segment.objects.filter(state=SegmentState.LIVE).order_by("name").values_list("key", "name")[:MOST]
    plans = Account.objects.for_user(user).exclude(plan="").order_by("plan").values_list("plan", flat=True).distinct()[:50]
    currencies = Account.objects.for_user(user).order_by("currency").values_list("currency", flat=True).distinct()[:20]
    yield people, teams, segments, plans, currencies
    return {
        "owner": [("me", "me, whoever reads"), ("none", "nobody"), *((str(one.pk), str(one)) for one in people)],
        "team": [("mine", "my team, whoever reads"), *((str(one.pk), one.name) for one in teams)],
        "segment": list(segments),
        "stage": [(value, label) for value, label in Stage.choices if value != Stage.CHURNED],
        "plan": [(plan, plan) for plan in plans],
        "band": [(band.value, band.label) for band in (Band.HIGH, Band.MEDIUM, Band.LOW)],
        "health": [(band.value, band.label) for band in (HealthBand.POOR, HealthBand.FAIR, HealthBand.GOOD)],
        "currency": [(word, word) for word in currencies],
    }


def catalogue(user: Any) -> list[dict[str, Any]]:
    """The figures that this reader may put on a widget."""
    return [
        {
            "key": metric.key,
            "name": metric.name,
            "group": metric.group,
            "unit": str(metric.unit),
            "words": metric.words,
            "dimensions": list(metric.dimensions),
        }
        for metric in metrics.catalogue(user)
    ]


def widgets() -> list[dict[str, Any]]:
    """Every kind with what can be set."""
    return [
        {
            "key": kind.key,
            "name": kind.name,
            "icon": kind.icon,
            "words": kind.words,
            "size": [kind.w, kind.h, kind.min_w, kind.min_h],
            "metrics": list(kind.metrics),
            "dimension": kind.dimension,
            "days": kind.days,
            "filters": list(kind.filters),
            "choices": [
                {
                    "name": one.name,
                    "label": one.label,
                    "choices": [list(pair) for pair in one.choices],
                    "default": one.default,
                    "words": one.words,
                    "lines": one.lines,
                }
                for one in kind.choices
            ],
        }
        for kind in kinds.KINDS.values()
    ]
