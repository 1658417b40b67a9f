"""Scores as they would have been given at a past moment, for those who check the platform against what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import Account
from apps.core.errors import Refused

from . import integrity, population
from .models import ChurnDefinition
from .scoring import engine
from .selectors import live_model
from .types import DefinitionKind, ModelKind


@dataclass(frozen=True)
class Export:
    """(external account id, score) of every account at risk at the moment, and the model that gave them."""

    scores: list[tuple[str, float]]
    source: str
    trained_as_of: str


def scores_as_of(
    definition: ChurnDefinition, *, as_of: datetime, external_ids: Sequence[str] | None = None, allow_later_model: bool = False
) -> Export:
    """Make the features again as of the moment and score them with the model at work. Nothing is stored."""
    model = live_model(definition)
    if model is None:
        raise Refused("no_model", f"Nothing scores {definition.name} yet. Run train_churn.")
    if problem := integrity.problem_with(model):
        raise Refused("broken_model", f"{model} cannot be trusted: {problem} Train anew or put another version to work.")
    dated = definition.kind != DefinitionKind.SNAPSHOT and model.kind != ModelKind.RULE
    if dated and model.trained_as_of and model.trained_as_of > as_of and not allow_later_model:
        raise Refused(
            "later_model",
            f"{model} learned from what was known on {model.trained_as_of:%Y-%m-%d %H:%M}, after {as_of:%Y-%m-%d %H:%M}: its scores would know the "
            f"future. Train with --as-of at or before that date, or pass --allow-later-model.",
        )
    accounts = Account.objects.all()
    if external_ids is not None:
        accounts = accounts.filter(external_id__in=external_ids)
    known = dict(accounts.order_by("pk").values_list("pk", "external_id"))
    seen = population.at_risk(
        definition, as_of=as_of, account_ids=list(known) if external_ids is not None else None, names=model.parameters.get("names", ())
    )
    scores = engine.scores(model.kind, model.parameters, seen)
    return Export(
        scores=[(known[key], score.probability) for key, score in zip(seen.ids.tolist(), scores, strict=True)],
        source=f"{definition.name}: {model}",
        trained_as_of=model.trained_as_of.isoformat() if model.trained_as_of else "",
    )
