"""Versions of the health model: drafted, tried on the own history, published, retired. A published version never changes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import HealthModelPublished

from . import stale, standard, tree
from .folding import Folded
from .models import HealthModel
from .types import ModelState, Whom

_FIRST = Actor.job("health.standard")


def at_work(*, now: datetime) -> list[tuple[HealthModel, tree.Tree]]:
    """The published models, the most particular first, the one for all accounts last; on a new installation the standard one."""
    found = list(HealthModel.objects.filter(state=ModelState.PUBLISHED))
    if not any(model.whom is None for model in found):
        found.append(_ensure_standard(now))
    order = {field: place for place, field in enumerate(Whom.values)}
    found.sort(key=lambda model: (order.get(model.whom_field, len(order)), model.whom_value, model.pk))
    return [(model, model.read()) for model in found]


def ensure_standard(*, now: datetime) -> HealthModel:
    """The model for all accounts; on a new installation the standard one, at work at once."""
    found = HealthModel.objects.filter(state=ModelState.PUBLISHED, whom_field="").first()
    return found or _ensure_standard(now)


def _ensure_standard(now: datetime) -> HealthModel:
    with transaction.atomic():
        made, _ = HealthModel.objects.get_or_create(
            state=ModelState.PUBLISHED,
            whom_field="",
            whom_value="",
            defaults={
                "name": standard.NAME,
                "number": _next(standard.NAME),
                "tree": standard.tree(),
                "note": "The model every installation begins with.",
                "created_at": now,
                "created_by": str(_FIRST),
                "published_at": now,
                "published_by": str(_FIRST),
            },
        )
        return made


def draft(
    *,
    name: str,
    tree_data: Mapping[str, Any],
    whom_field: str = "",
    whom_value: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
) -> HealthModel:
    """A new version under this name, not at work yet; refuses a tree that cannot score, with the field named."""
    _check(name, tree_data, whom_field, whom_value)
    with transaction.atomic():
        return HealthModel.objects.create(
            name=name,
            number=_next(name),
            tree=dict(tree_data),
            whom_field=whom_field,
            whom_value=whom_value.strip(),
            note=note,
            created_at=now,
            created_by=str(actor),
        )


def revise(
    model: HealthModel, *, tree_data: Mapping[str, Any], whom_field: str, whom_value: str, note: str, actor: Actor, now: datetime
) -> HealthModel:
    """Change a draft; its back-test spoke of another tree and is forgotten."""
    _check(model.name, tree_data, whom_field, whom_value)
    with transaction.atomic():
        mine = _locked(model)
        if mine.state != ModelState.DRAFT:
            raise Refused("not_a_draft", f"{mine} is {mine.get_state_display()} and never changes. Make a new version of it.")
        mine.tree, mine.whom_field, mine.whom_value, mine.note = dict(tree_data), whom_field, whom_value.strip(), note
        mine.backtest, mine.backtest_asked_at = {}, None
        mine.save()
    return mine


def copy(model: HealthModel, *, actor: Actor, now: datetime) -> HealthModel:
    """A draft that says what this version says, to begin the next one from."""
    return draft(
        name=model.name,
        tree_data=model.tree,
        whom_field=model.whom_field,
        whom_value=model.whom_value,
        note=f"From {model}.",
        actor=actor,
        now=now,
    )


def discard(model: HealthModel, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away; what was at work is kept for ever."""
    with transaction.atomic():
        mine = _locked(model)
        if mine.state != ModelState.DRAFT:
            raise Refused("not_a_draft", f"{mine} was at work; scores of the past stand on it.")
        mine.delete()


def publish(model: HealthModel, *, actor: Actor, now: datetime) -> None:
    """Put a draft to work, or an earlier version back; the version it replaces for the same accounts retires, and every account is scored anew."""
    with transaction.atomic():
        # One at a time, whatever the model: the constraint would answer two with an error instead of a sentence.
        siblings = list(HealthModel.objects.select_for_update().order_by("pk"))
        mine = next((one for one in siblings if one.pk == model.pk), None)
        if mine is None:
            raise Refused("gone", "This version was thrown away.")
        if mine.state == ModelState.PUBLISHED:
            raise Refused("already_published", f"{mine} is at work already.")
        _check(mine.name, mine.tree, mine.whom_field, mine.whom_value)
        same = {"state": ModelState.PUBLISHED, "whom_field": mine.whom_field, "whom_value": mine.whom_value}
        HealthModel.objects.filter(**same).update(state=ModelState.RETIRED, retired_at=now)
        HealthModel.objects.filter(pk=mine.pk).update(state=ModelState.PUBLISHED, published_at=now, published_by=str(actor), retired_at=None)
        said = events.publish(HealthModelPublished(model_id=mine.pk, name=str(mine)), actor=actor, now=now)
        stale.mark_all_stale(now=now, cause=said)


def retire(model: HealthModel, *, actor: Actor, now: datetime) -> None:
    """Take a model for some accounts from work; the one for all accounts speaks for them again."""
    with transaction.atomic():
        mine = _locked(model)
        if mine.state != ModelState.PUBLISHED:
            raise Refused("not_published", f"{mine} is not at work.")
        if mine.whom is None:
            raise Refused("last_model", f"{mine} speaks for all accounts. Publish another one for all accounts instead.")
        HealthModel.objects.filter(pk=mine.pk).update(state=ModelState.RETIRED, retired_at=now)
        stale.mark_all_stale(now=now)


def take_weights(model: HealthModel, *, actor: Actor, now: datetime) -> HealthModel:
    """The weights its back-test suggests, in the draft itself or, from what is at work, in a new draft."""
    weights = (model.backtest or {}).get("weights", {}).get("weights", {})
    if not weights:
        raise Refused("no_weights", "There are no suggested weights: try the version on your history first, with enough leavers in it.")
    data = {"dimensions": [{**one, "weight": weights.get(one["key"], one["weight"])} for one in model.tree["dimensions"]]}
    with transaction.atomic():
        mine = model if model.state == ModelState.DRAFT else copy(model, actor=actor, now=now)
        return revise(
            mine,
            tree_data=data,
            whom_field=mine.whom_field,
            whom_value=mine.whom_value,
            note=f"Weights from the outcomes of {model}.",
            actor=actor,
            now=now,
        )


def score_of(folded: Folded) -> Decimal | None:
    return None if folded.score is None else Decimal(folded.score) / 100


def ask_for_backtest(model: HealthModel, *, actor: Actor, now: datetime) -> None:
    """A worker tries the version on the own history; the row carries the wish until it is done."""
    with transaction.atomic():
        HealthModel.objects.filter(pk=model.pk).update(backtest_asked_at=now)
        after_commit("health.backtest_asked")


def _check(name: str, tree_data: Any, whom_field: str, whom_value: str) -> None:
    if not name or len(name) > 60 or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise Refused("bad_name", "name: Use letters, digits and hyphens, up to 60 of them.")
    if problem := tree.problem_with(tree_data):
        raise Refused("bad_tree", str(problem))
    if bool(whom_field) != bool(whom_value.strip()):
        raise Refused("bad_whom", "whom: Say both the column and its value, or neither for all accounts.")
    if whom_field:
        try:
            tree.condition({"field": whom_field, "value": whom_value}, "whom")
        except tree.BadTree as problem:
            raise Refused("bad_whom", str(problem)) from None


def _next(name: str) -> int:
    return (HealthModel.objects.filter(name=name).aggregate(last=Max("number"))["last"] or 0) + 1


def _locked(model: HealthModel) -> HealthModel:
    mine = HealthModel.objects.select_for_update().filter(pk=model.pk).first()
    if mine is None:
        raise Refused("gone", "This version was thrown away.")
    return mine
