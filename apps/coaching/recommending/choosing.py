"""Choosing slates: set-based for many accounts at once, slot by slot through the shared learning policy of apps.experiments.

A slot is a choice among the tips that are left, so the chance of a tip in a slot is its chance given the slots before it. Some slots are held back at
random: chosen, written down, and not shown; without them nobody could say what the tips are worth.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from apps.accounts.types import Stage
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import TipsRecommended
from apps.experiments import services as experiments
from apps.experiments.models import ArmCount
from apps.experiments.types import Ask, Candidate, Chosen, How

from ..definition import Definition
from ..models import CoachingProfile, CoachingRules, Recommendation, Slate, Tip
from ..profiles import fitting
from ..types import POLICY, RecommendationState, TipState
from . import allowed, counted, reasons
from .allowed import Known, Told

_FRESH = timedelta(days=1)
_MOST_LISTED = 12


@dataclass
class _Making:
    """A slate on its way."""

    known: Known
    slate: Slate
    slots: int
    barred: dict[str, str]
    taken: list[tuple[str, Chosen]] = field(default_factory=list)


def rules_now() -> CoachingRules:
    return CoachingRules.objects.get_or_create(pk=1)[0]


def settings_of(rules: CoachingRules) -> experiments.Settings:
    return experiments.Settings(window=timedelta(days=rules.window_days), own_weight=allowed.OWN_SHOWS)


def recommend(account_ids: Sequence[int], *, now: datetime, actor: Actor) -> dict[int, Slate]:
    """A slate for each of these accounts that may be told something now: not twice a day, not more a week than the rules allow.

    Accounts that another worker has in hand are left to it. Returns the slates made, by account.
    """
    rules, tips = rules_now(), _live_tips()
    _place(account_ids, now)
    if not tips:
        return {}
    with transaction.atomic():
        making = _begin(account_ids, rules, tips, now)
        if not making:
            return {}
        settings = settings_of(rules)
        for slot in range(1, rules.slots + 1):
            _choose(slot, [one for one in making if one.slots >= slot], tips, settings, now, actor)
        return _write(making, rules, tips, now, actor)


def _live_tips() -> dict[str, tuple[Tip, Definition]]:
    rows = Tip.objects.filter(state=TipState.LIVE).select_related("current").order_by("key")
    return {tip.key: (tip, tip.current.says) for tip in rows if tip.current is not None}


def _place(account_ids: Sequence[int], now: datetime) -> None:
    fresh = CoachingProfile.objects.filter(account__in=account_ids, as_of__gt=now - _FRESH).values_list("account_id", flat=True)
    if missing := sorted(set(account_ids) - set(fresh)):
        fitting.place(missing, now=now)


def _begin(account_ids: Sequence[int], rules: CoachingRules, tips: Mapping[str, tuple[Tip, Definition]], now: datetime) -> list[_Making]:
    """Claim the accounts whose turn it is, by their profiles, and find what each may be told."""
    claimed = CoachingProfile.objects.filter(account__in=account_ids).exclude(account__stage=Stage.CHURNED).order_by("account_id")
    profiles = list(claimed.select_for_update(skip_locked=True, of=("self",)).select_related("account", "pattern"))
    ids = [profile.account_id for profile in profiles]
    day = now.astimezone(UTC).date()
    had = set(Slate.objects.filter(key__in=[_key(account_id, day) for account_id in ids]).values_list("account_id", flat=True))
    doses = _doses(ids, now)
    earlier = _earlier(ids, rules, now)
    making = []
    for profile in profiles:
        in_week, waiting = doses.get(profile.account_id, (0, 0))
        slots = min(rules.slots - waiting, rules.per_week - in_week)
        if profile.account_id in had or slots <= 0:
            continue
        known = known_of(profile)
        barred = {}
        for key, (tip, definition) in tips.items():
            if words := allowed.why_not(definition, known, earlier.get((profile.account_id, tip.pk), ()), rules, now):
                barred[key] = words
        slate = Slate(account_id=profile.account_id, key=_key(profile.account_id, day), pattern=profile.pattern, at=now)
        slate.passed_over = [{"tip": key, "why": words} for key, words in barred.items()]
        making.append(_Making(known, slate, slots, barred))
    return making


def _key(account_id: int, day: date) -> str:
    return f"{account_id}:{day:%Y-%m-%d}"


def known_of(profile: CoachingProfile) -> Known:
    account = profile.account
    gaps = {gap["behaviour"]: gap["words"] for gap in profile.gaps}
    strengths = frozenset(one["behaviour"] for one in profile.strengths)
    return Known(account.pk, account.plan, account.tier, account.segment, profile.pattern.key, profile.pattern.name, gaps, strengths)


def _doses(account_ids: Sequence[int], now: datetime) -> dict[int, tuple[int, int]]:
    """(new tips in the last seven days, tips that wait) by account; what was held back counts as told, or being held back would bring more."""
    rows = Recommendation.objects.filter(account__in=account_ids).order_by().values("account_id")
    in_week, waiting = Count("id", filter=Q(at__gt=now - timedelta(days=7))), Count("id", filter=Q(state=RecommendationState.OPEN))
    return {row["account_id"]: (row["week"], row["waiting"]) for row in rows.annotate(week=in_week, waiting=waiting)}


def _earlier(account_ids: Sequence[int], rules: CoachingRules, now: datetime) -> dict[tuple[int, int], list[Told]]:
    longest = timedelta(days=max(rules.rest_days, rules.window_days, rules.later_days) + rules.window_days)
    rows = Recommendation.objects.filter(account__in=account_ids, at__gt=now - longest).order_by("-at")
    found: dict[tuple[int, int], list[Told]] = {}
    for account_id, tip_id, state, at, answered_at in rows.values_list("account_id", "tip_id", "state", "at", "answered_at"):
        found.setdefault((account_id, tip_id), []).append(Told(state, at, answered_at))
    return found


def _choose(
    slot: int,
    making: Sequence[_Making],
    tips: Mapping[str, tuple[Tip, Definition]],
    settings: experiments.Settings,
    now: datetime,
    actor: Actor,
) -> None:
    asks = []
    for one in making:
        taken = {key for key, _ in one.taken}
        candidates = tuple(
            Candidate(key, allowed=key not in one.barred and key not in taken, why_not=one.barred.get(key, "in the slate already"), prior=prior)
            for key, (_, definition) in tips.items()
            if (prior := allowed.expected(definition, one.known))
        )
        asks.append(Ask(f"{one.slate.key}:{slot}", one.known.account_id, candidates, segment=one.known.pattern))
    chosen = experiments.choose_many(POLICY, asks=asks, now=now, actor=actor, settings=settings)
    for one, ask in zip(making, asks, strict=True):
        if (answer := chosen[ask.key]).arm:
            one.taken.append((answer.arm, answer))


def held(slate_key: str, slot: int, share: float) -> bool:
    """Whether a slot is held back: by its own hash, so that asking again gives the same, and nobody can choose it."""
    place = int.from_bytes(hashlib.sha256(f"held:{slate_key}:{slot}".encode()).digest()[:8], "big") / 2**64
    return place < share


def counts_now() -> dict[tuple[str, str], tuple[float, float]]:
    """(pattern, tip) -> (helped, of so many), as of each cell's newest outcome."""
    rows = ArmCount.objects.filter(policy=POLICY).values_list("segment", "arm", "successes", "failures")
    return {(segment, arm): (successes, successes + failures) for segment, arm, successes, failures in rows}


def _write(
    making: Sequence[_Making], rules: CoachingRules, tips: Mapping[str, tuple[Tip, Definition]], now: datetime, actor: Actor
) -> dict[int, Slate]:
    Slate.objects.bulk_create([one.slate for one in making])
    day = now.astimezone(UTC).date()
    chosen = [(one, slot, key, answer) for one in making for slot, (key, answer) in enumerate(one.taken, 1)]
    ids = [one.known.account_id for one in making]
    names = {name for _, definition in tips.values() for name in definition.target.activity}
    sums = counted.by_name(ids, names, until=day, days=rules.window_days)
    targets = counted.newest([(one.known.account_id, tips[key][1].target.activity) for one, _, key, _ in chosen], until=day)
    anything = dict(zip(ids, counted.newest([(account_id, ()) for account_id in ids], until=day), strict=True))
    counts, share = counts_now(), rules.held_percent / 100
    rows, dropped = [], []
    for (one, slot, key, answer), of_target in zip(chosen, targets, strict=True):
        tip, definition = tips[key]
        late = sum(sums.get((one.known.account_id, name), (0.0, 0.0))[0] for name in definition.target.activity)
        early = sum(sums.get((one.known.account_id, name), (0.0, 0.0))[1] for name in definition.target.activity)
        out = held(one.slate.key, slot, share)
        if out and answer.decision_id is not None:
            dropped.append(answer.decision_id)
        facts = {"late": late, "early": early, "days": rules.window_days, "of_target": of_target, "of_any": anything[one.known.account_id]}
        assert tip.current is not None
        rows.append(
            Recommendation(
                slate=one.slate,
                account_id=one.known.account_id,
                tip=tip,
                version=tip.current,
                slot=slot,
                state=RecommendationState.HELD if out else RecommendationState.OPEN,
                held_back=out,
                held_chance=share,
                propensity=answer.propensity,
                decision=None if out else answer.decision_id,
                candidates=_alternatives(answer),
                reason=reasons.reason(definition, key, one.known, explored=answer.how == How.EXPLORED, counts=counts),
                evidence=reasons.evidence(definition, one.known, **facts),  # type: ignore[arg-type]
                expected=next((float(entry["expected"]) for entry in answer.candidates if entry["arm"] == key), 0.0),
                at=now,
                due_at=now + timedelta(days=rules.window_days),
                before=late,
                before_that=early,
            )
        )
    Recommendation.objects.bulk_create(rows)
    # What nobody sees teaches nothing about the tip; without this its silence would be taken for a failure.
    experiments.drop(dropped)
    # A slate without tips says why there is none, and is tried again in a week; nobody needs to be told.
    told_of = [one for one in making if one.taken]
    for one in told_of:
        mine = [row.held_back for row in rows if row.account_id == one.known.account_id]
        told = TipsRecommended(account_id=one.known.account_id, slate_id=one.slate.pk, shown=mine.count(False), held_back=mine.count(True))
        events.publish(told, actor=actor, now=now)
    return {one.known.account_id: one.slate for one in told_of}


def _alternatives(answer: Chosen) -> list[dict[str, Any]]:
    """The likeliest of what could have been taken, with their chances."""
    open_ones = [entry for entry in answer.candidates if entry["allowed"]]
    best = sorted(open_ones, key=lambda entry: (-entry["propensity"], entry["arm"]))[:_MOST_LISTED]
    return [{"tip": entry["arm"], "expected": entry["expected"], "propensity": entry["propensity"]} for entry in best]
