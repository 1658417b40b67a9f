from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices


class ExperimentState(TextChoices):
    DRAFT = "draft", "draft"
    RUNNING = "running", "running"
    STOPPED = "stopped", "stopped"


# The only moves an experiment may make: one that was stopped is history; another try is another experiment, with a key and so a shuffle of its own.
TRANSITIONS: dict[ExperimentState, tuple[ExperimentState, ...]] = {
    ExperimentState.DRAFT: (ExperimentState.RUNNING,),
    ExperimentState.RUNNING: (ExperimentState.STOPPED,),
    ExperimentState.STOPPED: (),
}


class Rule(TextChoices):
    """What may end an experiment early without fooling anybody."""

    PLANNED = "obrien_fleming", "planned looks (O'Brien-Fleming)"
    ANY_TIME = "always_valid", "any time (always-valid interval)"


class MetricKind(TextChoices):
    SHARE = "share", "share of accounts"
    MEAN = "mean", "amount per account"


class Verdict(TextChoices):
    WAITING = "waiting", "cannot tell yet"
    BETTER = "better", "better"
    WORSE = "worse", "worse"
    NO_DIFFERENCE = "no_difference", "no difference found"
    MISMATCH = "mismatch", "groups are not as planned"


class HoldoutState(TextChoices):
    RUNNING = "running", "running"
    OVER = "over", "over"


class How(TextChoices):
    """How an arm came to be chosen."""

    LEARNED = "learned", "learned"
    EXPLORED = "explored", "tried at random"
    FIXED = "fixed", "fixed order"
    RULE = "rule", "a rule of ours"


GLOBAL_HOLDOUT = "global"
# Yearly revenue, in the account's own currency, at which the next band begins.
ARR_BANDS = (10_000, 50_000, 250_000)
# What one expects of a channel before anybody was asked on it: the share that answers.
CHANNEL_PRIORS = {"email": 0.10, "in_app": 0.07, "push": 0.05, "sms": 0.14, "whatsapp": 0.15, "voice": 0.35}
USUAL_PRIOR = 0.10


def arr_band(arr: Any) -> int:
    """0 for the smallest accounts to 3 for the largest."""
    return sum(arr >= edge for edge in ARR_BANDS)


def problem_with_variants(variants: Any) -> str:
    """Why an experiment cannot have these variants, or nothing. The first is the control."""
    if not isinstance(variants, list) or not 2 <= len(variants) <= 10:
        return "An experiment has 2 to 10 variants; the first is the control."
    for number, variant in enumerate(variants, 1):
        if not isinstance(variant, dict) or not isinstance(variant.get("key"), str) or not variant["key"] or len(variant["key"]) > 40:
            return f"Variant {number} needs a key of at most 40 characters."
        weight = variant.get("weight")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1:
            return f"Variant {number} ({variant['key']}) needs a weight between 0 and 1."
        if set(variant) - {"key", "name", "weight"} or not isinstance(variant.get("name", ""), str):
            return f"Variant {number} ({variant['key']}) has more than a key, a name and a weight."
    if len({variant["key"] for variant in variants}) < len(variants):
        return "Two variants have the same key."
    total = sum(variant["weight"] for variant in variants)
    return "" if abs(total - 1) <= 1e-6 else f"The weights sum to {total:g}; they must sum to 1."


@dataclass(frozen=True)
class Assigned:
    """`variant` counts in the analysis; `given` is what to do, which an override may have made another."""

    variant: str
    given: str


@dataclass(frozen=True)
class Outcome:
    """`key` is unique within the experiment: the same outcome told twice counts once."""

    account_id: int
    metric: str
    value: float
    at: Any
    key: str


@dataclass(frozen=True)
class Candidate:
    """An arm that a decision may take. `value`: what a success is worth, in the same money as `cost` and `fatigue`; `why_not` says what forbids it.
    `own_successes` of `own_tries`: what this customer did with it. `prior`: the rate expected before anything is known; None for the channel's usual.
    """

    arm: str
    allowed: bool = True
    why_not: str = ""
    value: float = 1.0
    cost: float = 0.0
    fatigue: float = 0.0
    prior: float | None = None
    own_successes: int = 0
    own_tries: int = 0


@dataclass(frozen=True)
class Ask:
    """One decision to take. `key` is unique within the policy: the first answer stands. `forced` names an arm that a rule of ours demands."""

    key: str
    account_id: int
    candidates: tuple[Candidate, ...]
    segment: str = ""
    action: str = ""
    contact_id: int | None = None
    forced: str = ""
    forced_because: str = ""


@dataclass(frozen=True)
class Chosen:
    """`arm` is empty where nothing was allowed; then nothing is stored, and `words` say why."""

    arm: str
    words: str
    decision_id: int | None
    propensity: float
    how: str
    candidates: list[dict[str, Any]]
