"""Which variant of a milestone fits an account: the one whose chance is nearest to the share that should succeed."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..types import STANDARD, FitReason
from .rasch import NO_OFFSET, Belief, chance, logit, sigmoid

# How far a variant's threshold may be from the definition's own.
EASIEST, HARDEST = 0.7, 1.3
_EPSILON = 1e-9


@dataclass(frozen=True)
class Option:
    """A variant: its factor of the base threshold, and how much harder than the standard it is thought to be."""

    key: str
    factor: float
    offset: Belief = NO_OFFSET


@dataclass(frozen=True)
class Weighed:
    """A variant with its chance; `why_not` says what forbids it."""

    key: str
    factor: float
    chance: float
    why_not: str = ""


@dataclass(frozen=True)
class Fitted:
    """`before` is the chance in the standard variant, `after` in the chosen one; the reason says why."""

    key: str
    factor: float
    before: float
    after: float
    reason: FitReason
    weighed: tuple[Weighed, ...]


STANDARD_OPTION = Option(STANDARD, 1.0)


def corrected(p: float, bias: float) -> float:
    """A chance as it comes true: `bias` (logits) is what realised success was above or below the told chances."""
    return sigmoid(logit(min(1 - _EPSILON, max(_EPSILON, p))) + bias)


def fit(
    ability: Belief,
    difficulty: Belief,
    options: Sequence[Option],
    *,
    target: float,
    bias: float = 0.0,
    struggles: bool = False,
    hardest_before: float | None = None,
    as_written: FitReason | None = None,
) -> Fitted:
    """Choose a variant for one account. `target` is the share that should succeed (0-1), `as_written` the reason to take the standard.

    For an account that struggles nothing is allowed that is harder than the standard or, where it had milestones before, than the last one
    (`hardest_before`, a factor). Where two are as near, the easier is taken.
    """
    known = {option.key: option for option in options}
    standard = known.setdefault(STANDARD, STANDARD_OPTION)
    ceiling = min(1.0, 1.0 if hardest_before is None else hardest_before) if struggles else HARDEST
    weighed = [_weighed(ability, difficulty, option, bias, ceiling) for option in sorted(known.values(), key=lambda one: one.factor)]
    before = next(one.chance for one in weighed if one.key == STANDARD)
    allowed = [one for one in weighed if not one.why_not]
    if as_written or len(known) == 1:
        return Fitted(STANDARD, standard.factor, before, before, as_written or FitReason.ONLY, tuple(weighed))
    if not allowed:
        # Even the easiest one there is may be harder than their last: then it is the least harm.
        allowed = [min((one for one in weighed if _within(one.factor)), key=lambda one: one.factor)]
    taken = min(allowed, key=lambda one: (round(abs(one.chance - target), 9), one.factor))
    return Fitted(taken.key, taken.factor, before, taken.chance, FitReason.STRUGGLES if struggles else FitReason.NEAREST, tuple(weighed))


def _weighed(ability: Belief, difficulty: Belief, option: Option, bias: float, ceiling: float) -> Weighed:
    why_not = ""
    if not _within(option.factor):
        why_not = "more than 30 % away from the milestone as it is written"
    elif option.factor > ceiling + _EPSILON:
        why_not = "harder than before, and the account struggles"
    return Weighed(option.key, option.factor, corrected(chance(ability, difficulty, option.offset), bias), why_not)


def _within(factor: float) -> bool:
    return EASIEST - _EPSILON <= factor <= HARDEST + _EPSILON


def struggles(latest: Sequence[bool], *, behind: bool, at_risk: bool) -> bool:
    """Whether an account has a hard time. `latest`: its outcomes, newest first; two failures among the last three say so.

    `behind`: behind or stuck on any milestone; `at_risk`: its churn risk is in the highest band.
    """
    return behind or at_risk or list(latest[:3]).count(False) >= 2
