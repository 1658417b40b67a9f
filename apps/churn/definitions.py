"""What leaving means, and which model speaks for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ModelPutToWork

from . import integrity, stale
from .models import ChurnDefinition, ModelVersion
from .scoring import bands, rule
from .selectors import default_definition, live_model
from .types import DefinitionKind, ModelKind

FIRST = "cancelled-90"
_SETUP = Actor.job("churn.define")


def define(
    *,
    name: str,
    kind: str,
    horizon_days: int,
    inactive_days: int | None = None,
    least_percent: int | None = None,
    leave_unpaid_apart: bool = False,
    make_default: bool = True,
    actor: Actor = _SETUP,
    now: datetime,
    cause: Event | None = None,
) -> ChurnDefinition:
    """Create a definition or change it. A changed meaning is a new revision: no model speaks for it yet, so the weighted rule goes to work."""
    meaning: dict[str, Any] = {
        "kind": kind,
        "horizon_days": horizon_days,
        "inactive_days": inactive_days,
        "least_percent": least_percent,
        "leave_unpaid_apart": leave_unpaid_apart,
    }
    if problem := problem_with(**meaning):
        raise Refused("bad_definition", problem)
    with transaction.atomic():
        definition, fresh = ChurnDefinition.objects.select_for_update().get_or_create(name=name, defaults=meaning)
        before = {field: getattr(definition, field) for field in meaning}
        changed = before != meaning
        if changed:
            definition.versions.filter(is_challenger=True).update(is_challenger=False)
            ChurnDefinition.objects.filter(pk=definition.pk).update(**meaning, revision=definition.revision + 1)
            definition.refresh_from_db()
        _record(definition, {} if fresh else before, meaning, actor=actor, now=now, cause=cause)
        if changed or live_model(definition) is None:
            add_version(
                definition, kind=ModelKind.RULE, parameters=rule_parameters(), decision="The weighted rule, until there is enough history.", now=now
            )
        if make_default and not definition.is_default:
            ChurnDefinition.objects.filter(is_default=True).update(is_default=False)
            ChurnDefinition.objects.filter(pk=definition.pk).update(is_default=True)
        if make_default or (changed and definition.is_default):
            stale.mark_all_stale(now=now, cause=cause)
    definition.refresh_from_db()
    return definition


def _record(
    definition: ChurnDefinition, before: Mapping[str, Any], meaning: Mapping[str, Any], *, actor: Actor, now: datetime, cause: Event | None
) -> None:
    """The history of what leaving meant: models and predictions are read beside it."""
    subject, number = events.subject_of(definition), definition.revision
    words = [events.Changed(subject, name, before.get(name), value, number) for name, value in meaning.items() if before.get(name) != value]
    if not before:
        words = [events.Changed(subject, "", None, None, number), *(word for word in words if word.after)]
    events.record_changes(words, actor=actor, source=actor.kind, now=now, cause=cause)


def problem_with(
    *,
    kind: str,
    horizon_days: int | None,
    inactive_days: int | None,
    least_percent: int | None = None,
    leave_unpaid_apart: bool = False,
) -> str:
    """Why this cannot be a definition, or nothing."""
    if kind not in DefinitionKind.values:
        return f"{kind!r} is no kind of leaving. Choose one of: {', '.join(DefinitionKind.values)}."
    if horizon_days is None or not 1 <= horizon_days <= 730:
        return "The horizon is a number of days from 1 to 730."
    if (kind == DefinitionKind.INACTIVE) != (inactive_days is not None):
        return "A definition by silence, and only that, needs its number of silent days."
    if inactive_days is not None and not 1 <= inactive_days <= 364:
        return "The number of silent days is from 1 to 364."
    if (kind == DefinitionKind.DOWNGRADED) != (least_percent is not None):
        return "A definition by a fall of the revenue, and only that, needs its least share in percent."
    if least_percent is not None and not 1 <= least_percent <= 100:
        return "The least fall is from 1 to 100 percent."
    if leave_unpaid_apart and kind != DefinitionKind.CANCELLED:
        return "Only a definition by cancelling can leave failed payments apart."
    return ""


def ensure_default(*, now: datetime) -> ChurnDefinition:
    """The default definition; on a new installation: cancelled within 90 days, scored by the weighted rule."""
    found = default_definition()
    if found is not None:
        return found
    with transaction.atomic():
        definition, fresh = ChurnDefinition.objects.get_or_create(
            name=FIRST, defaults={"kind": DefinitionKind.CANCELLED, "horizon_days": 90, "is_default": True}
        )
        if not fresh and default_definition() is None:
            ChurnDefinition.objects.filter(pk=definition.pk).update(is_default=True)
        if live_model(definition) is None:
            add_version(
                definition, kind=ModelKind.RULE, parameters=rule_parameters(), decision="The weighted rule, until there is enough history.", now=now
            )
    return ChurnDefinition.objects.get(is_default=True)


def rule_parameters(weights: Mapping[str, float] | None = None) -> dict[str, Any]:
    return {"weights": dict(weights or rule.default_weights()), "cuts": bands.RULE_CUTS}


def add_version(
    definition: ChurnDefinition,
    *,
    kind: str,
    parameters: Mapping[str, Any],
    decision: str,
    now: datetime,
    live: bool = True,
    metrics: Mapping[str, Any] | None = None,
    trained_as_of: datetime | None = None,
    golden: Sequence[Mapping[str, Any]] = (),
    made: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """The next version of a definition's model, for its present meaning; when `live`, the one before steps back in the same transaction."""
    with transaction.atomic():
        held = ChurnDefinition.objects.select_for_update().get(pk=definition.pk)
        number = (definition.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        before = live_model(definition) if live else None
        if live:
            definition.versions.filter(is_live=True).update(is_live=False)
        return ModelVersion.objects.create(
            definition=definition,
            number=number,
            kind=kind,
            revision=held.revision,
            is_live=live,
            before=before,
            parameters=parameters,
            checksum=integrity.checksum(parameters),
            golden=list(golden),
            made=made or {},
            metrics=metrics or {},
            decision=decision,
            trained_as_of=trained_as_of,
            created_at=now,
        )


def put_to_work(version: ModelVersion, *, actor: Actor, now: datetime) -> None:
    """Let this version score from now on (also the way back to an earlier one); every account waits for a fresh score."""
    with transaction.atomic():
        refuse_other_meaning(version, ChurnDefinition.objects.select_for_update().get(pk=version.definition_id))
        if ModelVersion.objects.filter(pk=version.pk, is_live=True).exists():
            raise Refused("already_live", f"{version} is at work already.")
        before = live_model(version.definition)
        ModelVersion.objects.filter(pk=version.pk).update(before=before)
        _take_over(version, before, f"Put to work by {actor}", actor=actor, now=now)


def _take_over(version: ModelVersion, before: ModelVersion | None, words: str, *, actor: Actor, now: datetime) -> None:
    ModelVersion.objects.filter(definition_id=version.definition_id, is_live=True).update(is_live=False)
    note = f"{version.decision} {words} on {now:%Y-%m-%d %H:%M} UTC.".strip()
    ModelVersion.objects.filter(pk=version.pk).update(is_live=True, is_challenger=False, decision=note)
    tell_put_to_work(version, before, words, actor=actor, now=now)
    if version.definition.is_default:
        stale.mark_all_stale(now=now)


def roll_back(definition: ChurnDefinition, *, leaving: ModelVersion | None = None, actor: Actor, now: datetime) -> ModelVersion:
    """Back to the version that was at work before the present one; again, and it is the one before that. Returns what scores now.

    `leaving` is the version that somebody saw at work: when another has taken over meanwhile, nothing is changed.
    """
    with transaction.atomic():
        held = ChurnDefinition.objects.select_for_update().get(pk=definition.pk)
        live = definition.versions.filter(is_live=True).select_related("before__definition").first()
        if leaving is not None and leaving != live:
            raise Refused("not_at_work", f"{leaving} is not at work any more, {live or 'nothing'} is. Nothing was changed.")
        if live is None or live.before is None:
            raise Refused("no_way_back", f"Nothing was at work before {live or 'the first version'}, so there is no way back.")
        refuse_other_meaning(live.before, held)
        if problem := integrity.problem_with(live.before):
            raise Refused("broken_model", f"{live.before} cannot be trusted: {problem} Promote another version, or train.")
        _take_over(live.before, live, f"Brought back by {actor} in place of {live}", actor=actor, now=now)
        return live.before


def refuse_other_meaning(version: ModelVersion, definition: ChurnDefinition) -> None:
    """A model that learned another question never answers this one."""
    if version.revision != definition.revision:
        raise Refused(
            "other_meaning",
            f"{version} speaks for revision {version.revision} of {definition.name}; its meaning has changed since (revision {definition.revision}: "
            f"{definition.in_words}). Train a model for what it means now. Nothing was changed.",
        )


def challenge(version: ModelVersion, *, actor: Actor, now: datetime) -> None:
    """Let this version score beside the champion, unseen, until somebody decides; one at a time."""
    with transaction.atomic():
        refuse_other_meaning(version, ChurnDefinition.objects.select_for_update().get(pk=version.definition_id))
        if ModelVersion.objects.filter(pk=version.pk, is_live=True).exists():
            raise Refused("already_live", f"{version} is at work already, so it has nobody to challenge.")
        _step_aside(version.definition)
        ModelVersion.objects.filter(pk=version.pk).update(is_challenger=True)


def withdraw(version: ModelVersion, *, actor: Actor, now: datetime) -> None:
    """The challenger steps back; what it said stays for the comparison."""
    if not ModelVersion.objects.filter(pk=version.pk, is_challenger=True).update(is_challenger=False):
        raise Refused("no_challenger", f"{version} challenges nobody.")


def _step_aside(definition: ChurnDefinition) -> None:
    definition.versions.filter(is_challenger=True).update(is_challenger=False)


def tell_put_to_work(version: ModelVersion, before: ModelVersion | None, reason: str, *, actor: Actor, now: datetime) -> None:
    """Announce that a version scores in place of another."""
    events.publish(
        ModelPutToWork(
            version_id=version.pk, definition_id=version.definition_id, name=str(version), before=str(before) if before else "", reason=reason
        ),
        actor=actor,
        now=now,
    )


def weigh(version: ModelVersion, *, weights: Mapping[str, float], actor: Actor, now: datetime) -> ModelVersion:
    """New weights for the rule, as a new version: what was scored by the old weights keeps them."""
    if version.kind != ModelKind.RULE:
        raise Refused("not_a_rule", f"{version} was learned from history; only the weights of the rule can be set by hand.")
    if problem := rule.problem_with(weights):
        raise Refused("bad_weights", problem)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().get(pk=version.pk)
        made = add_version(
            version.definition,
            kind=ModelKind.RULE,
            parameters=dict(version.parameters) | {"weights": dict(weights)},
            decision=f"Weights set by {actor}, starting from v{version.number}.",
            live=version.is_live,
            now=now,
        )
        if version.is_live and version.definition.is_default:
            stale.mark_all_stale(now=now)
    return made
