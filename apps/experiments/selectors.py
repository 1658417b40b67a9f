"""What experiments, holdouts and learning policies say; nothing here writes."""

from collections.abc import Sequence
from datetime import datetime

from .assigning import assigned
from .drawing import falls_out
from .models import Experiment, Holdout
from .readouts import Readout, VariantRead, readout
from .statistics.effects import Arm, Effect, effect, wilson
from .statistics.estimates import Between, Mean, difference
from .statistics.power import power_of, size_for_mean, size_per_arm, smallest_effect
from .worths import fixed_order, policy_worth

__all__ = [
    "Arm",
    "Between",
    "Effect",
    "Mean",
    "Readout",
    "VariantRead",
    "assigned",
    "difference",
    "effect",
    "experiment_by_key",
    "fixed_order",
    "held_out",
    "holdout_at",
    "policy_worth",
    "power_of",
    "readout",
    "size_for_mean",
    "size_per_arm",
    "smallest_effect",
    "wilson",
]


def experiment_by_key(key: str) -> Experiment | None:
    return Experiment.objects.filter(key=key).first()


def holdout_at(key: str, at: datetime) -> Holdout | None:
    """The draw that held for this thing at that moment."""
    return Holdout.objects.filter(key=key).covering(at).order_by("-starts_at").first()


def held_out(key: str, account_ids: Sequence[int], at: datetime) -> set[int]:
    """Which of these accounts are held out from this thing then; one that came after the draw is placed by its hash, as it will be for good."""
    holdout = holdout_at(key, at)
    if holdout is None:
        return set()
    known = dict(holdout.members.filter(account__in=account_ids).values_list("account_id", "held_out"))
    return {account_id for account_id in account_ids if (known[account_id] if account_id in known else falls_out(holdout, account_id))}
