"""A change of risk as other systems are told of it: small, in words, and complete enough to act on without asking back."""

from typing import Any

from apps.events.vocabulary import RiskLowered, RiskRaised

from .models import Prediction

_MOST_REASONS = 5


def risk_told(event: RiskRaised | RiskLowered) -> dict[str, Any]:
    """The probability (0-1) with its 80 % interval (none where a rule speaks), the bands, and the strongest reasons, strongest first."""
    prediction = Prediction.objects.select_related("model__definition").get(pk=event.prediction_id)
    reasons = sorted(prediction.reasons, key=lambda reason: -abs(reason["contribution"]))[:_MOST_REASONS]
    return {
        "probability": event.probability,
        "low": prediction.low,
        "high": prediction.high,
        "band": {"before": event.from_band, "after": event.to_band},
        "reasons": [{"words": reason["words"], "raises": reason["contribution"] > 0} for reason in reasons if reason["contribution"]],
        "definition": prediction.model.definition.name,
        "model": str(prediction.model),
        "as_of": prediction.as_of.isoformat(),
    }
