"""Who gets what, once and for good; when it began to matter to them; what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import AssignmentOverridden

from . import hashing
from .models import Assignment, Experiment, Exposure, OutcomeRow, Override
from .types import Assigned, ExperimentState, Outcome

_BATCH = 1_000


def assign(
    experiment: Experiment, *, account_ids: Sequence[int], now: datetime, actor: Actor, before: Mapping[int, float] | None = None
) -> dict[int, Assigned]:
    """Give each account its variant, or find the one it has; accounts outside the coverage are left out.

    `before` is the metric of each account from before today, where it is known (CUPED); it is kept with the first assignment only.
    """
    if experiment.state != ExperimentState.RUNNING:
        raise Refused("not_running", f"“{experiment.name}” is {experiment.get_state_display()}, so nobody is assigned.")
    known = set(Assignment.objects.filter(experiment=experiment, account__in=account_ids).values_list("account_id", flat=True))
    parts, keys, fresh = hashing.ranges(experiment.weights, experiment.coverage), experiment.variant_keys, []
    for account_id, unit in Account.objects.filter(pk__in=set(account_ids) - known).order_by("pk").values_list("pk", "external_id"):
        place = hashing.position(experiment.key, unit)
        index = hashing.variant_at(place, parts)
        if index != hashing.NOT_IN:
            earlier = (before or {}).get(account_id)
            fresh.append(Assignment(experiment=experiment, account_id=account_id, variant=keys[index], bucket=place, before=earlier, at=now))
    Assignment.objects.bulk_create(fresh, batch_size=_BATCH, ignore_conflicts=True)
    return assigned(experiment, account_ids)


def assigned(experiment: Experiment, account_ids: Sequence[int]) -> dict[int, Assigned]:
    """What these accounts have, with what an override makes of it."""
    overridden = dict(Override.objects.filter(experiment=experiment, account__in=account_ids).order_by("pk").values_list("account_id", "variant"))
    rows = Assignment.objects.filter(experiment=experiment, account__in=account_ids).values_list("account_id", "variant")
    return {account_id: Assigned(variant, overridden.get(account_id, variant)) for account_id, variant in rows}


def expose(experiment: Experiment, *, account_ids: Sequence[int], now: datetime) -> int:
    """Note that the variant now matters to these assigned accounts; only the first time counts. Returns how many were new."""
    with transaction.atomic():
        mine = set(Assignment.objects.filter(experiment=experiment, account__in=account_ids).values_list("account_id", flat=True))
        new = sorted(mine - set(Exposure.objects.filter(experiment=experiment, account__in=mine).values_list("account_id", flat=True)))
        rows = [Exposure(experiment=experiment, account_id=account_id, at=now) for account_id in new]
        Exposure.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return len(new)


def record_outcomes(experiment: Experiment, *, outcomes: Sequence[Outcome]) -> int:
    """Store what happened; what was told before is not counted twice. Returns how many were new."""
    keys = [outcome.key for outcome in outcomes]
    with transaction.atomic():
        told = set(OutcomeRow.objects.filter(experiment=experiment, key__in=keys).values_list("key", flat=True))
        fresh = {outcome.key: outcome for outcome in outcomes if outcome.key not in told}
        rows = [
            OutcomeRow(experiment=experiment, account_id=one.account_id, metric=one.metric, value=one.value, at=one.at, key=one.key)
            for one in fresh.values()
        ]
        OutcomeRow.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return len(fresh)


def override(experiment: Experiment, *, account_id: int, variant: str, reason: str, actor: Actor, now: datetime) -> Override:
    """Give one account something else than its variant, against the plan: it is written down, and the account counts where it was assigned."""
    if experiment.state != ExperimentState.RUNNING:
        raise Refused("not_running", f"“{experiment.name}” is {experiment.get_state_display()}; there is nothing to override.")
    if variant not in experiment.variant_keys:
        raise Refused("no_such_variant", f"There is no variant “{variant}”; there are {', '.join(experiment.variant_keys)}.")
    if not reason.strip():
        raise Refused("reason_missing", "Say why: the reason is kept with the experiment.")
    if not Assignment.objects.filter(experiment=experiment, account=account_id).exists():
        raise Refused("not_assigned", "This account is not in the experiment.")
    with transaction.atomic():
        row = Override.objects.create(
            experiment=experiment, account_id=account_id, variant=variant, reason=reason.strip()[:250], actor=str(actor), at=now
        )
        told = AssignmentOverridden(account_id=account_id, experiment_id=experiment.pk, key=experiment.key, variant=variant, reason=row.reason)
        events.publish(told, actor=actor, now=now)
    return row
