"""Reading healths: present, as of a moment, history, groups, the tree in words, models. Never writes."""

from typing import Any

from .explained import card, why
from .groups import group
from .kept import at, counts_by_band, history, present, score_expression, view_of
from .models import HealthModel
from .registry import BY_KEY as BY_KEY
from .registry import MEASURES
from .standard import tree as standard_tree
from .tree import problem_with
from .types import ModelState

__all__ = ["BY_KEY", "MEASURES", "at", "card", "counts_by_band", "group", "history", "present", "problem_with", "score_expression", "view_of", "why"]


def models() -> list[HealthModel]:
    """Every version: what is at work first, then drafts, then the past, newest first."""
    order = {ModelState.PUBLISHED: 0, ModelState.DRAFT: 1, ModelState.RETIRED: 2}
    return sorted(HealthModel.objects.order_by("-created_at", "-pk"), key=lambda model: order[ModelState(model.state)])


def usual_rule(source: str) -> dict[str, Any]:
    """How the standard model judges a measure: what a new one begins with."""
    return next(measure for dimension in standard_tree()["dimensions"] for measure in dimension["measures"] if measure["source"] == source)
