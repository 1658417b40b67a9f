"""What experiments, holdouts and learning policies say; nothing here writes."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, FilteredRelation, Q

from . import hashing
from .assigning import assigned
from .choosing import arm_word
from .choosing import foreseen as foreseen_choice
from .drawing import Foreseen, falls_out
from .drawing import foreseen as foreseen_holdout
from .learning import shares
from .learning.thompson import Tally
from .learning.worth import Worth, guesses, worth
from .models import Experiment, Holdout, HoldoutMember
from .readouts import Readout, VariantRead, exposed_of, groups_fit, readout
from .rhythms import best_moment, best_moments
from .statistics import cuped, mismatch, sequential, strata, tails, uplift
from .statistics.effects import Arm, Effect, effect, wilson
from .statistics.estimates import Between, Mean, Share, difference, pooled
from .statistics.power import power_of, size_for_mean, size_per_arm, smallest_effect
from .worths import fixed_order, policy_worth

__all__ = [
    "Arm",
    "Between",
    "Effect",
    "Foreseen",
    "Mean",
    "Readout",
    "Share",
    "Tally",
    "VariantRead",
    "Worth",
    "arm_word",
    "assigned",
    "best_moment",
    "best_moments",
    "compared",
    "cuped",
    "compared",
    "cuped",
    "best_moments",
    "difference",
    "drawn_variant",
    "effect",
    "experiment_by_key",
    "exposed_of",
    "fixed_order",
    "foreseen_choice",
    "foreseen_holdout",
    "groups_fit",
    "guesses",
    "held_out",
    "holdout_at",
    "mismatch",
    "policy_worth",
    "pooled",
    "power_of",
    "readout",
    "sequential",
    "shares",
    "size_for_mean",
    "size_per_arm",
    "smallest_effect",
    "strata",
    "tails",
    "uplift",
    "wilson",
    "worth",
]


def experiment_by_key(key: str) -> Experiment | None:
    return Experiment.objects.filter(key=key).first()


def holdout_at(key: str, at: datetime) -> Holdout | None:
    """The draw that held for this thing at that moment."""
    return Holdout.objects.filter(key=key).covering(at).order_by("-starts_at").first()


def held_out(key: str, account_ids: Sequence[int], at: datetime) -> set[int]:
    """Which of these accounts are held out from this thing then; one that came after the draw is placed by its hash, as it will be for good."""
    place = FilteredRelation("members", condition=Q(members__account__in=account_ids))
    # The draw and the places of these accounts in it at once: every reward and every entry into a play asks.
    found = Holdout.objects.filter(key=key).covering(at).annotate(place=place).order_by("-starts_at")
    rows = list(found.annotate(who=F("place__account"), out=F("place__held_out")))
    if not rows:
        return set()
    holdout = rows[0]
    known = {row.who: row.out for row in rows if row.pk == holdout.pk and row.who is not None}
    return {account_id for account_id in account_ids if (known[account_id] if account_id in known else falls_out(holdout, account_id))}


def drawn_variant(key: str, unit: str, weights: Sequence[tuple[str, float]]) -> str:
    """The variant that an experiment of this key gives a unit (an account's external id), whether or not it exists yet."""
    total = sum(weight for _, weight in weights)
    index = hashing.variant_at(hashing.position(key, unit), hashing.ranges([weight / total for _, weight in weights]))
    return weights[index if index != hashing.NOT_IN else 0][0]


def compared(key: str, at: datetime) -> tuple[set[int], set[int]]:
    """(not held out, held out): the accounts that had a place in the draw at that moment, to be compared with each other."""
    holdout = holdout_at(key, at)
    if holdout is None:
        return set(), set()
    places = HoldoutMember.objects.at(at).filter(holdout=holdout).values_list("account_id", "held_out")
    found: tuple[set[int], set[int]] = (set(), set())
    for account_id, out in places:
        found[out].add(account_id)
    return found
