"""What the model expects of renewals, written at their checkpoints beside what success managers say."""

from datetime import datetime

from apps.accounts import services as accounts
from apps.accounts.selectors import calls

from .models import AccountRisk
from .types import ModelKind


def call_renewals(*, now: datetime) -> int:
    """Let the model speak once at every gate; a weighted rule gives ranks and no probabilities, so it does not. Returns how often it spoke.

    The risk covers the definition's horizon. A renewal further away has longer to fail, at the same pace; a nearer one falls due within the horizon.
    """
    waiting = calls.waiting_for_model(now=now)
    scored = AccountRisk.objects.filter(probability__isnull=False, prediction__isnull=False)
    risks = scored.filter(account__in={account for _key, account, _gate in waiting}).exclude(prediction__model__kind=ModelKind.RULE)
    known = {risk.account_id: risk for risk in risks.select_related("prediction__model__definition")}
    said = []
    for key, account, gate in waiting:
        if risk := known.get(account):
            longer = max(1.0, gate / risk.prediction.model.definition.horizon_days)
            said.append((key, gate, (1 - risk.probability) ** longer, risk.source))
    return accounts.renewals.note_model_calls(said, now=now)
