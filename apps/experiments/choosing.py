"""Choosing an arm by what worked, writing down why, and learning from what came of it."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.core.actor import Actor

from .learning import thompson
from .learning.thompson import Option, Pick, Tally
from .models import ArmCount, PolicyDecision
from .types import CHANNEL_PRIORS, USUAL_PRIOR, Ask, Candidate, Chosen, How

_RULE = "thompson 1"
_BATCH = 1_000


@dataclass(frozen=True)
class Settings:
    """How long an outcome is waited for, after how many days it weighs half, which share is tried at random, and how many tries in its own segment
    the prior of a candidate is worth besides (thompson.posterior)."""

    window: timedelta = timedelta(days=7)
    half_life_days: float = 90.0
    floor: float = thompson.FLOOR
    own_weight: float = 0.0

    @property
    def version(self) -> str:
        own = f", own prior {self.own_weight:g}" if self.own_weight else ""
        return f"{_RULE}, floor {self.floor:g}, half-life {self.half_life_days:g} d{own}"


USUAL = Settings()


def choose(
    policy: str,
    *,
    key: str,
    account_id: int,
    candidates: Sequence[Candidate],
    now: datetime,
    actor: Actor,
    segment: str = "",
    action: str = "",
    contact_id: int | None = None,
    forced: str = "",
    forced_because: str = "",
    fixed: bool = False,
    settings: Settings = USUAL,
) -> Chosen:
    """Take one of the allowed candidates; asked again with the same key, the first answer stands."""
    ask = Ask(key, account_id, tuple(candidates), segment, action, contact_id, forced, forced_because)
    return choose_many(policy, asks=[ask], now=now, actor=actor, fixed=fixed, settings=settings)[key]


def choose_many(
    policy: str, *, asks: Sequence[Ask], now: datetime, actor: Actor, fixed: bool = False, settings: Settings = USUAL
) -> dict[str, Chosen]:
    """The same for many, by key, in a handful of statements. `fixed` takes the first that is allowed, in the order given."""
    with transaction.atomic():
        found = {row.key: row for row in PolicyDecision.objects.filter(policy=policy, key__in=[ask.key for ask in asks])}
        fresh = {ask.key: ask for ask in asks if ask.key not in found}
        counts = counts_of(policy, {ask.action for ask in fresh.values()}, now=now, settings=settings) if fresh and not fixed else {}
        rows, refused = [], {}
        for ask in fresh.values():
            row = _decide(policy, ask, counts.get(ask.action, {}), now, fixed, settings)
            if row is None:
                refused[ask.key] = _nothing(ask)
            else:
                rows.append(row)
        PolicyDecision.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
        if rows:
            # Another worker may have decided the same meanwhile: what is stored counts.
            found |= {row.key: row for row in PolicyDecision.objects.filter(policy=policy, key__in=[row.key for row in rows])}
    return refused | {key: _told(row) for key, row in found.items()}


def foreseen(policy: str, ask: Ask, *, now: datetime, fixed: bool = False, settings: Settings = USUAL) -> Chosen:
    """What `choose` would answer now; nothing is stored."""
    found = PolicyDecision.objects.filter(policy=policy, key=ask.key).first()
    counts = {} if fixed or found else counts_of(policy, {ask.action}, now=now, settings=settings)
    row = found or _decide(policy, ask, counts.get(ask.action, {}), now, fixed, settings)
    return _nothing(ask) if row is None else _told(row)


def drop(decision_ids: Collection[int]) -> int:
    """Forget open decisions that came to nothing: what was chosen never reached anybody, so nothing can be learned from it. Returns how many."""
    return PolicyDecision.objects.filter(pk__in=decision_ids, settled_at__isnull=True).delete()[0]


def counts_of(policy: str, actions: set[str], *, now: datetime, settings: Settings = USUAL) -> dict[str, dict[tuple[str, str], Tally]]:
    """By action: what came of each (segment, arm), aged to now."""
    found: dict[str, dict[tuple[str, str], Tally]] = {}
    for row in ArmCount.objects.filter(policy=policy, action__in=actions):
        weight = _aged(now - row.as_of, settings)
        found.setdefault(row.action, {})[row.segment, row.arm] = Tally(row.successes * weight, row.failures * weight)
    return found


def _decide(policy: str, ask: Ask, counts: Mapping[tuple[str, str], Tally], now: datetime, fixed: bool, settings: Settings) -> PolicyDecision | None:
    allowed = [candidate for candidate in ask.candidates if candidate.allowed]
    if not allowed:
        return None
    options = [_option(candidate) for candidate in allowed]
    seed = int.from_bytes(hashlib.sha256(f"{policy}:{ask.key}".encode()).digest()[:7], "big")
    forced = next((index for index, candidate in enumerate(allowed) if candidate.arm == ask.forced), None) if ask.forced else None
    if forced is not None or fixed:
        index = forced if forced is not None else 0
        picked = Pick(index, False, [float(at == index) for at in range(len(allowed))], [option.prior for option in options])
        how = How.FIXED if forced is None else How.RULE
    else:
        picked = thompson.pick(ask.segment, options, counts, seed=seed, floor=settings.floor, own_weight=settings.own_weight)
        how = How.EXPLORED if picked.explored else How.LEARNED
    taken = allowed[picked.index]
    return PolicyDecision(
        policy=policy,
        version=settings.version if how in (How.LEARNED, How.EXPLORED) else how.label,
        key=ask.key,
        account_id=ask.account_id,
        contact_id=ask.contact_id,
        segment=ask.segment,
        action=ask.action,
        how=how,
        candidates=_listed(ask.candidates, allowed, picked, options),
        chosen=taken.arm,
        propensity=picked.propensity,
        floor=settings.floor if how in (How.LEARNED, How.EXPLORED) else 0.0,
        seed=seed,
        context_hash=_hash_of(ask, options, counts),
        reason=_because(ask, how, taken, allowed, counts)[:250],
        at=now,
        window_until=now + settings.window,
    )


def _option(candidate: Candidate) -> Option:
    prior = CHANNEL_PRIORS.get(candidate.arm, USUAL_PRIOR) if candidate.prior is None else candidate.prior
    own = Tally(candidate.own_successes, max(candidate.own_tries - candidate.own_successes, 0))
    return Option(candidate.arm, candidate.value, candidate.cost, candidate.fatigue, prior, own)


def _listed(candidates: Sequence[Candidate], allowed: Sequence[Candidate], picked: Pick, options: Sequence[Option]) -> list[dict[str, Any]]:
    place = {candidate.arm: index for index, candidate in enumerate(allowed)}
    found = []
    for candidate in candidates:
        entry: dict[str, Any] = {"arm": candidate.arm, "allowed": candidate.allowed, "value": candidate.value}
        entry |= {"cost": candidate.cost, "fatigue": candidate.fatigue}
        if candidate.allowed:
            index = place[candidate.arm]
            rate = picked.rates[index]
            score = rate * candidate.value - candidate.cost - candidate.fatigue
            entry |= {"expected": round(rate, 4), "score": round(score, 4), "propensity": round(picked.propensities[index], 6)}
        else:
            entry["why_not"] = candidate.why_not
        found.append(entry)
    return found


def _hash_of(ask: Ask, options: Sequence[Option], counts: Mapping[tuple[str, str], Tally]) -> str:
    told = [ask.segment, ask.action, [vars(option) | {"own": vars(option.own)} for option in options]]
    known = sorted([*cell, round(tally.successes, 9), round(tally.failures, 9)] for cell, tally in counts.items())
    return hashlib.sha256(json.dumps([told, known], sort_keys=True).encode()).hexdigest()


def _because(ask: Ask, how: How, taken: Candidate, allowed: Sequence[Candidate], counts: Mapping[tuple[str, str], Tally]) -> str:
    word = arm_word(taken.arm)
    if how == How.RULE:
        return f"{word}: {ask.forced_because or 'a rule of ours demands it'}"
    if how == How.FIXED:
        return f"{word}: the first in the fixed order that is allowed"
    if len(allowed) == 1:
        return f"{word}: nothing else is allowed"
    if how == How.EXPLORED:
        return f"{word}: taken at random, as a few are, so that we keep learning"
    own = sum(candidate.own_successes for candidate in allowed)
    if taken.own_successes and own:
        return f"{word}: {taken.own_successes} of {own} {'reply' if own == 1 else 'replies'} came by {word}"
    mine = counts.get((ask.segment, taken.arm), Tally())
    if mine.tries >= 5:
        whom = f"in {ask.segment}" if ask.segment else "so far"
        return f"{word}: about {mine.successes:.0f} of {mine.tries:.0f} answered {whom}"
    everywhere = sum(tally.tries for (_, arm), tally in counts.items() if arm == taken.arm)
    if everywhere >= 5:
        answered = sum(tally.successes for (_, arm), tally in counts.items() if arm == taken.arm)
        return f"{word}: about {answered:.0f} of {everywhere:.0f} answered elsewhere; here nothing is known yet"
    return f"{word}: nothing is known yet, so by what is usual for the channel"


_WORDS = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp", "in_app": "in-app message", "push": "push message", "voice": "call"}


def arm_word(arm: str) -> str:
    return _WORDS.get(arm, arm)


def _nothing(ask: Ask) -> Chosen:
    whys = "; ".join(f"{arm_word(candidate.arm)}: {candidate.why_not or 'not allowed'}" for candidate in ask.candidates)
    listed = [{"arm": candidate.arm, "allowed": False, "why_not": candidate.why_not} for candidate in ask.candidates]
    return Chosen("", f"Nothing is allowed. {whys}" if whys else "There is nothing to choose from.", None, 0.0, "", listed)


def _told(row: PolicyDecision) -> Chosen:
    return Chosen(row.chosen, row.reason, row.pk, row.propensity, row.how, row.candidates)


def _aged(age: timedelta, settings: Settings) -> float:
    return 0.5 ** (max(age.total_seconds(), 0.0) / 86_400 / settings.half_life_days)


def settle(decision_id: int, *, success: bool, at: datetime, settings: Settings = USUAL) -> bool:
    """Say what came of a decision. Told again it changes nothing; a success after the window takes the failure back. True when it changed."""
    with transaction.atomic():
        row = PolicyDecision.objects.select_for_update().get(pk=decision_id)
        if row.settled_at is not None and (row.success or not success):
            return False
        taken_back = (row.settled_at, -1.0) if row.settled_at is not None else None
        _write(row, success, at)
        if row.how != How.RULE:
            changes = [(at, float(success), float(not success))]
            if taken_back:
                changes.append((taken_back[0], 0.0, taken_back[1]))
            _count(row.policy, row.action, row.segment, row.chosen, changes, settings)
    return True


def correct(decision_id: int, *, success: bool, at: datetime, settings: Settings = USUAL) -> bool:
    """A person sets right what came of a decision, also from success to failure. True when it changed."""
    with transaction.atomic():
        row = PolicyDecision.objects.select_for_update().get(pk=decision_id)
        if row.settled_at is None or row.success is not True or success:
            return settle(decision_id, success=success, at=at, settings=settings)
        before = row.settled_at
        _write(row, False, at)
        if row.how != How.RULE:
            _count(row.policy, row.action, row.segment, row.chosen, [(before, -1.0, 0.0), (before, 0.0, 1.0)], settings)
    return True


def settle_due(*, now: datetime, settings: Settings = USUAL, limit: int = 2_000) -> int:
    """Decisions without a success when their window ends are failures, as of then. Returns how many."""
    with transaction.atomic():
        rows = list(PolicyDecision.objects.overdue(now).select_for_update(skip_locked=True)[:limit])
        cells: dict[tuple[str, str, str, str], list[tuple[datetime, float, float]]] = {}
        for row in rows:
            _set(row, False, row.window_until)
            if row.how != How.RULE:
                cells.setdefault((row.policy, row.action, row.segment, row.chosen), []).append((row.window_until, 0.0, 1.0))
        PolicyDecision.objects.bulk_update(rows, ["settled_at", "success", "success_at", "reward"], batch_size=_BATCH)
        # In one order, so that two workers never wait for each other.
        for cell, changes in sorted(cells.items()):
            _count(*cell, changes, settings)
    return len(rows)


def _set(row: PolicyDecision, success: bool, at: datetime) -> None:
    taken = next(entry for entry in row.candidates if entry["arm"] == row.chosen)
    row.settled_at, row.success, row.success_at = at, success, at if success else None
    row.reward = taken["value"] * success - taken["cost"]


def _write(row: PolicyDecision, success: bool, at: datetime) -> None:
    _set(row, success, at)
    row.save(update_fields=["settled_at", "success", "success_at", "reward"])


def _count(policy: str, action: str, segment: str, arm: str, changes: Sequence[tuple[datetime, float, float]], settings: Settings) -> None:
    """Add outcomes to a cell, each aged from its own moment, so that the order in which they arrive makes no difference."""
    newest = max(at for at, _, _ in changes)
    held = ArmCount.objects.select_for_update().filter(policy=policy, action=action, segment=segment, arm=arm)
    cell = held.first()
    if cell is None:
        ArmCount.objects.bulk_create([ArmCount(policy=policy, action=action, segment=segment, arm=arm, as_of=newest)], ignore_conflicts=True)
        cell = held.get()
    as_of = max(newest, cell.as_of)
    weight = _aged(as_of - cell.as_of, settings)
    cell.successes = max(cell.successes * weight + sum(one * _aged(as_of - at, settings) for at, one, _ in changes), 0.0)
    cell.failures = max(cell.failures * weight + sum(one * _aged(as_of - at, settings) for at, _, one in changes), 0.0)
    cell.as_of = as_of
    cell.save(update_fields=["successes", "failures", "as_of"])
