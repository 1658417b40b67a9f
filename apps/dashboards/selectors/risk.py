"""Risks as pages speak of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import F, FloatField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from apps.accounts.models import Account
from apps.churn.models import AccountRisk, Prediction
from apps.churn.types import Band
from apps.core.reading import Reading

from ..types import RiskView, Spark, Why
from .sparks import line


def at_stake() -> Combinable:
    """ARR x risk of an account, in its currency: what is likely to be lost if nothing is done; null until it is scored."""
    return Cast(F("arr"), FloatField()) * F("risk__probability")


def of(account: Account, *, with_reasons: bool = True) -> RiskView | None:
    """None until the account was scored; needs `select_related("risk")`."""
    try:
        risk: AccountRisk = account.risk
    except ObjectDoesNotExist:
        return None
    if risk.probability is None:
        return None
    return RiskView(
        band=risk.band,
        word=Band(risk.band).label,
        points=round(risk.probability * 100),
        chance=risk.probability,
        is_probability=not risk.source.startswith("rule"),
        change=None if risk.before is None else round(risk.probability * 100) - round(risk.before * 100),
        whys=whys(risk.reasons) if with_reasons else (),
        source=risk.source,
        as_of=risk.as_of,
        stale=risk.stale_since is not None,
    )


def whys(reasons: Sequence[dict[str, Any]]) -> tuple[Why, ...]:
    """Signed contributions with bars scaled to the strongest."""
    strongest = max((abs(float(reason.get("contribution", 0))) for reason in reasons), default=0.0) or 1.0
    return tuple(
        Why(str(reason.get("words", "")), contribution, round(abs(contribution) / strongest * 100))
        for reason in reasons
        if (contribution := float(reason.get("contribution", 0))) != 0
    )


def meaning(risk: RiskView, horizon_days: int) -> str:
    """One sentence that says what the number is, and what it is not."""
    if risk.is_probability:
        return f"Of 100 accounts that look like this one, about {risk.points} leave within {horizon_days} days."
    return f"{risk.points} of 100 points by the weighted rule. It ranks accounts against each other and is not a probability."


def history(account: Account, *, until: datetime, limit: int = 40) -> Reading[Spark | None]:
    """The last scores as a line, oldest first."""
    rows = Prediction.objects.filter(account=account, as_of__lte=until).order_by("-as_of", "-id").values_list("probability", flat=True)[:limit]
    yield rows
    if len(rows) < 2:
        return None
    points = [round(value * 100) for value in reversed(list(rows))]
    return line([float(point) for point in points], most=100, words=f"Risk over the last {len(points)} scores: from {points[0]} to {points[-1]}")
