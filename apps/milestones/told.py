"""Why an account has its next milestone and its variant, in words and figures. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account

from . import ordering, rules, trial
from .difficulty import fitting, rasch
from .difficulty.rasch import Belief
from .models import AccountAbility, DifficultyChoice, Milestone, MilestoneDifficulty, PathChoice, Progress
from .pathways import words
from .pathways.order import Ranked
from .pathways.words import percent
from .types import FitReason, OrderRule


@dataclass(frozen=True)
class WhyVariant:
    """`before` and `after` are the chances in the standard variant and in the chosen one when it was offered; None where it never was."""

    variant: str
    factor: float
    before: float | None
    after: float | None
    target: float | None
    words: list[str]
    weighed: list[dict[str, Any]]


def why_variant(progress: Progress) -> WhyVariant:
    """Why this account has this milestone in this variant."""
    choice = progress.choices.order_by("-pk").first()
    if choice is None:
        return WhyVariant(
            progress.variant, 1.0, None, None, None, ["It was not offered yet, so no variant was chosen: it stands as it is written."], []
        )
    return WhyVariant(choice.variant, choice.factor, choice.chance_before, choice.chance, choice.target, _because(choice), choice.candidates)


def _because(choice: DifficultyChoice) -> list[str]:
    said = [_threshold(choice)]
    reason = FitReason(choice.reason)
    if reason in (FitReason.NEAREST, FitReason.STRUGGLES) and choice.factor != 1:
        said.append(
            f"Their chance to reach it in time rose from {percent(choice.chance_before)} to {percent(choice.chance)}."
            if choice.factor < 1
            else f"As it is written their chance would be {percent(choice.chance_before)}; so it is {percent(choice.chance)}."
        )
    else:
        said.append(f"Their chance to reach it in time is {percent(choice.chance)}.")
    said.append(f"Chosen because {reason.label}{_aim(choice) if reason == FitReason.NEAREST else ''}.")
    if choice.reached is not None:
        said.append(_came(choice))
    return said


def _threshold(choice: DifficultyChoice) -> str:
    if choice.factor == 1:
        return "It stands as it is written."
    return f"“{choice.variant}”: {abs(100 * (choice.factor - 1)):.0f} % {'less' if choice.factor < 1 else 'more'} than it is written is asked."


def _aim(choice: DifficultyChoice) -> str:
    return f", {choice.target * 100:.0f} %"


def _came(choice: DifficultyChoice) -> str:
    if choice.void:
        return "It had been reached before it was offered, so nothing is learned from it."
    return "It was reached in time." if choice.reached else "It was not reached in time."


@dataclass(frozen=True)
class NextStep:
    """The milestone an account goes for, with its chance now and the reasons in words, the strongest first."""

    progress: Progress
    chance: float
    rule: OrderRule
    reasons: list[str]
    choice: PathChoice


@dataclass(frozen=True)
class PathView:
    """`ability` in logits; `usual`: no outcome is known yet, so it is only what accounts are usually like."""

    account_id: int
    next: NextStep | None
    progress: list[Progress]
    ability: Belief
    outcomes: int
    successes: int
    usual: bool
    struggles: bool
    as_written: bool
    order_words: str
    words: list[str]


def path_of(account: Account, *, now: datetime) -> PathView:
    """The whole path of one account: what it reached, what it goes for and why, how hard it finds things."""
    progress = list(Progress.objects.filter(account=account).select_related("milestone", "version").order_by("milestone__position", "pk"))
    known = AccountAbility.objects.filter(account=account).first()
    choices = list(DifficultyChoice.objects.filter(account=account).order_by("-pk"))
    latest = [bool(one.reached) for one in choices if one.reached is not None and not one.void]
    behind = any(row.state == "open" and row.pace != "on_track" for row in progress)
    struggles = fitting.struggles(latest, behind=behind, at_risk=known is not None and known.at_risk)
    proof = trial.proof(now=now)
    waiting = next((one for one in choices if one.reached is None), None)
    ability = known.belief if known is not None else rasch.NOBODY
    return PathView(
        account_id=account.pk,
        next=None if waiting is None else _next_step(waiting, progress, proof, ability),
        progress=progress,
        ability=ability,
        outcomes=known.outcomes if known else 0,
        successes=known.successes if known else 0,
        usual=known is None or not known.outcomes,
        struggles=struggles,
        as_written=known is not None and known.as_written,
        order_words=proof.words,
        words=_of_ability(known, struggles),
    )


def _of_ability(known: AccountAbility | None, struggles: bool) -> list[str]:
    if known is None or not known.outcomes:
        said = ["Nothing they were offered has ended yet, so they are taken as usual."]
    else:
        usual = percent(rasch.sigmoid(known.mean))
        said = [
            f"They reached {known.successes} of {known.outcomes} milestones that they were offered in time; of one of usual difficulty they would "
            f"reach {usual} (95 % sure of {percent(rasch.sigmoid(known.belief.low))} to {percent(rasch.sigmoid(known.belief.high))})."
        ]
    if struggles:
        said.append("They struggle now, so nothing gets harder for them.")
    if known is not None and known.as_written:
        said.append("They get every milestone as it is written.")
    return said


def _next_step(waiting: DifficultyChoice, progress: list[Progress], proof: trial.Proof, ability: Belief) -> NextStep | None:
    row = next((one for one in progress if one.pk == waiting.progress_id), None)
    choice = PathChoice.objects.filter(progress=waiting.progress_id, at=waiting.at).select_related("reading").first()
    if row is None or choice is None:
        return None
    return NextStep(row, chance_now(waiting, ability), OrderRule(choice.rule), reasons_now(choice, proof), choice)


def chance_now(choice: DifficultyChoice, ability: Belief) -> float:
    """The chance of an offer by what is believed today."""
    known = {row.variant: row.belief for row in MilestoneDifficulty.objects.filter(milestone=choice.milestone_id)}
    offset = rasch.NO_OFFSET if choice.factor == 1 else known.get(choice.variant) or rasch.offset_of(choice.factor)
    bare = rasch.chance(ability, known.get("standard", rasch.UNTRIED), offset)
    return fitting.corrected(bare, rules.current().bias)


def reasons_now(choice: PathChoice, proof: trial.Proof) -> list[str]:
    """The reasons of a choice as they may be told today: what an experiment found since is in them, the figures are those it was made by."""
    listed = choice.candidates
    names = dict(Milestone.objects.values_list("pk", "name"))
    ids = dict(Milestone.objects.values_list("key", "pk"))
    ranked = [
        Ranked(
            one["milestone"],
            one["position"],
            one["chance"],
            one["value"],
            one["score"],
            ids.get(one["ahead"]) if one["ahead"] else None,
            one["waits"],
        )
        for one in listed
    ]
    return words.reasons(ranked, OrderRule(choice.rule), names, ordering.worths_of(choice.reading), proof.short)


@dataclass(frozen=True)
class VariantRead:
    """How one variant of a milestone did: offers whose time is over, the share of them reached in time (None before any), the mean of the chances
    that had been told; and offers that are younger, whatever came of them: of those only the successes are known.
    """

    variant: str
    over: int
    realised: float | None
    told: float | None
    difficulty: Belief
    younger: int


def variants_of(milestone: Milestone, *, now: datetime) -> list[VariantRead]:
    """Variants of a milestone as they were offered so far, the easiest first."""
    rows = DifficultyChoice.objects.filter(milestone=milestone, void=False).values_list("variant", "factor", "chance", "reached", "due_at")
    known = {row.variant: row.belief for row in MilestoneDifficulty.objects.filter(milestone=milestone)}
    base = known.get("standard", rasch.UNTRIED)
    found: dict[tuple[float, str], list[tuple[float, bool | None]]] = {}
    for variant, factor, chance, reached, due_at in rows:
        over = due_at is not None and due_at <= now
        found.setdefault((factor, variant), []).append((chance, reached if over else None))
    read = []
    for (factor, variant), offers in sorted(found.items()):
        ended = [(chance, reached) for chance, reached in offers if reached is not None]
        offset = rasch.NO_OFFSET if factor == 1 else known.get(variant) or rasch.offset_of(factor)
        read.append(
            VariantRead(
                variant=variant,
                over=len(ended),
                realised=sum(bool(reached) for _, reached in ended) / len(ended) if ended else None,
                told=sum(chance for chance, _ in ended) / len(ended) if ended else None,
                difficulty=Belief(base.mean + offset.mean, base.variance + offset.variance),
                younger=len(offers) - len(ended),
            )
        )
    return read


def target_words() -> str:
    """Whether the target is met in fact."""
    said = rules.current()
    if said.realised is None or said.told is None:
        return f"{said.target_percent} % should succeed; the time of no offer is over yet."
    correction = "" if not said.bias else f", so chances are told {'higher' if said.bias > 0 else 'lower'} from now on"
    return (
        f"{said.target_percent} % should succeed. Of the {said.outcomes:,} newest offers whose time is over {100 * said.realised:.0f} % did; "
        f"{100 * said.told:.0f} % had been told{correction}."
    )
