"""Reading risks: lists, counts, histories. Never writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from apps.accounts.models import Account, User

from . import supposed, why  # noqa: F401
from .counts import Counts, counts  # noqa: F401  (parts of this module's face that are nouns of their own)
from .models import AccountRisk, ChurnDefinition, ModelVersion, Prediction
from .momentum import Shift, shifts  # noqa: F401
from .reach import MOST as MOST_REACHED  # noqa: F401
from .reach import Ranked, Reach, reach, savability  # noqa: F401
from .registry import describe, is_static, plain  # noqa: F401
from .scoring import rule
from .scoring.words import sentence  # noqa: F401
from .telling import risk_told  # noqa: F401
from .types import Band, ModelKind


def default_definition() -> ChurnDefinition | None:
    """The definition that pages, plays and alerts speak of."""
    return ChurnDefinition.objects.filter(is_default=True).first()


def definition_named(name: str) -> ChurnDefinition | None:
    return ChurnDefinition.objects.filter(name=name).first()


def live_model(definition: ChurnDefinition) -> ModelVersion | None:
    """The model that scores now."""
    return definition.versions.filter(is_live=True).first()


def riskiest(user: User, limit: int = 10) -> QuerySet[AccountRisk]:
    """The accounts of this person's book that most need eyes, with their account and owner: highest risk first, larger revenue among equals."""
    return (
        AccountRisk.objects.for_user(user)
        .filter(probability__isnull=False, account__in=Account.objects.at_risk())
        .select_related("account", "account__owner")
        .order_by("-probability", "-account__arr", "account_id")[:limit]
    )


def counts_by_band(user: User) -> dict[str, int]:
    """How many of this person's present customers stand in each band; every band is named, unscored accounts are not counted."""
    counted = (
        AccountRisk.objects.for_user(user)
        .filter(probability__isnull=False, account__in=Account.objects.at_risk())
        .values_list("band")
        .annotate(count=Count("id"))
        .order_by()
    )
    return {band.value: 0 for band in Band} | dict(counted)


def history(account: Account, days: int = 90, *, now: datetime) -> list[tuple[datetime, float, str]]:
    """(as of, probability, band) by the default definition, oldest first: the sparkline of the account page."""
    return list(
        Prediction.objects.filter(account=account, model__definition__is_default=True, as_of__gte=now - timedelta(days=days))
        .order_by("as_of", "id")
        .values_list("as_of", "probability", "band")
    )


def expected_loss(risk: AccountRisk) -> float | None:
    """Yearly revenue times the probability of leaving, in the account's currency; none before the first score."""
    return None if risk.probability is None else float(risk.account.arr) * risk.probability


def evidence(version: ModelVersion) -> Mapping[str, Any]:
    """The figures that decided about a model: its own, the rule's and the do-nothing baseline's."""
    return version.metrics.get("candidates", {})


def rule_weights(version: ModelVersion) -> list[tuple[str, float]]:
    """What the rule looks at and how much of the score it makes, heaviest first; nothing for a learned model."""
    if version.kind != ModelKind.RULE:
        return []
    weights = version.parameters["weights"]
    return sorted(((term.words, float(weights[term.key])) for term in rule.TERMS if term.key in weights), key=lambda told: -told[1])
