"""Long work that a person asks for: a worker does it under that person's name."""

from apps.core.actor import Actor
from apps.core.jobs import after_commit

from .models import ChurnDefinition


def ask_for_scores(definition: ChurnDefinition, *, actor: Actor) -> None:
    after_commit("churn.score_all", definition.pk, str(actor))
