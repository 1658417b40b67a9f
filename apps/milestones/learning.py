"""Taking outcomes into the beliefs: as soon as an offer's time is over; once a day, and whenever an outcome was corrected, all of them again in the
order of their times, so that the beliefs depend on what happened and not on when it was heard of.

A success is known early, a failure only when the time is over. Whoever learns each as it comes hears of successes first and thinks everything easy,
so both are learned when the time is over.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from .difficulty import rasch, tuning
from .difficulty.rasch import Belief, Beliefs, Tried
from .models import AccountAbility, DifficultyChoice, MilestoneDifficulty, WinningRules
from .rules import kept
from .types import STANDARD

_BATCH = 2_000
_ORDER = ("due_at", "account_id", "milestone_id", "at")


def learn(*, now: datetime) -> int:
    """Take in the outcomes that are new; returns how many."""
    with transaction.atomic():
        _alone()
        if kept().relearn:
            return _relearn(now)
        fresh = list(ripe(now).filter(learned_at__isnull=True).order_by(*_ORDER).select_related("version"))
        counted = [row for row in fresh if not row.void]
        _store(_known_to(counted).take_in(map(_tried, counted)), counted, now=now)
        DifficultyChoice.objects.filter(pk__in=[row.pk for row in fresh]).update(learned_at=now)
        if counted:
            _retune(now)
        return len(fresh)


def relearn(*, now: datetime) -> int:
    """Learn all outcomes again, in the order in which they happened; returns how many."""
    with transaction.atomic():
        _alone()
        return _relearn(now)


def _relearn(now: datetime) -> int:
    kept()
    rows = list(ripe(now).order_by(*_ORDER).select_related("version"))
    counted = [row for row in rows if not row.void]
    AccountAbility.objects.filter(outcomes__gt=0).update(mean=0.0, variance=rasch.ABILITY_VARIANCE, outcomes=0, successes=0, as_of=now)
    MilestoneDifficulty.objects.all().delete()
    _store(Beliefs.empty().take_in(map(_tried, counted)), counted, now=now)
    ripe(now).update(learned_at=now)
    WinningRules.objects.filter(pk=1).update(relearn=False)
    _retune(now)
    return len(rows)


def ripe(now: datetime) -> QuerySet[DifficultyChoice]:
    """Outcomes of offers whose time is over."""
    found: QuerySet[DifficultyChoice] = DifficultyChoice.objects.filter(reached__isnull=False, due_at__lte=now)
    return found


def _alone() -> None:
    """Beliefs are read, moved and written back: one worker at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('milestones.learn'))")


def _tried(row: DifficultyChoice) -> Tried:
    return Tried(row.account_id, row.milestone_id, row.variant, row.factor, bool(row.reached), row.version.number)


def _known_to(rows: Sequence[DifficultyChoice]) -> Beliefs:
    return beliefs_of({row.account_id for row in rows}, {row.milestone_id for row in rows})


def beliefs_of(account_ids: Iterable[int], milestone_ids: Iterable[int]) -> Beliefs:
    """What is believed of these accounts and milestones now; two statements."""
    abilities = {row.account_id: row.belief for row in AccountAbility.objects.filter(account__in=list(account_ids))}
    found = Beliefs(abilities, {}, {}, {})
    for row in MilestoneDifficulty.objects.filter(milestone__in=list(milestone_ids)):
        if row.variant == STANDARD:
            found.difficulties[row.milestone_id] = row.belief
            found.versions[row.milestone_id] = row.version_number
        else:
            found.offsets[row.milestone_id, row.variant] = row.belief
    return found


def _store(beliefs: Beliefs, learned: Sequence[DifficultyChoice], *, now: datetime) -> None:
    """Write what moved, and count what moved it."""
    _store_abilities(beliefs, learned, now)
    tries, hits = (
        _counts((row.milestone_id, row.variant) for row in learned),
        _counts((row.milestone_id, row.variant) for row in learned if row.reached),
    )
    # Every try moves the milestone's own difficulty, also a try in another variant.
    moved = sorted({(row.milestone_id, STANDARD) for row in learned} | set(tries))
    before = {(row.milestone_id, row.variant): row for row in MilestoneDifficulty.objects.filter(milestone__in={key for key, _ in moved})}
    rows = []
    for key, variant in moved:
        belief = beliefs.difficulties[key] if variant == STANDARD else beliefs.offsets.get((key, variant))
        if belief is None:
            # A variant of factor 1 under another name is as hard as the standard.
            continue
        row = before.get((key, variant)) or MilestoneDifficulty(milestone_id=key, variant=variant)
        row.mean, row.variance, row.as_of = belief.mean, belief.variance, now
        row.outcomes, row.successes = row.outcomes + tries[key, variant], row.successes + hits[key, variant]
        row.version_number = beliefs.versions.get(key, row.version_number)
        rows.append(row)
    MilestoneDifficulty.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["milestone", "variant"],
        update_fields=["mean", "variance", "outcomes", "successes", "version_number", "as_of"],
    )


def _store_abilities(beliefs: Beliefs, learned: Sequence[DifficultyChoice], now: datetime) -> None:
    tries, hits = Counter(row.account_id for row in learned), Counter(row.account_id for row in learned if row.reached)
    AccountAbility.objects.bulk_create([AccountAbility(account_id=key) for key in sorted(tries)], ignore_conflicts=True, batch_size=_BATCH)
    rows = list(AccountAbility.objects.select_for_update().filter(account__in=list(tries)).order_by("account"))
    for row in rows:
        belief: Belief = beliefs.abilities[row.account_id]
        row.mean, row.variance, row.as_of = belief.mean, belief.variance, now
        row.outcomes, row.successes = row.outcomes + tries[row.account_id], row.successes + hits[row.account_id]
    AccountAbility.objects.bulk_update(rows, ["mean", "variance", "outcomes", "successes", "as_of"], batch_size=_BATCH)


def _counts(keys: Iterable[tuple[int, str]]) -> Counter[tuple[int, str]]:
    return Counter(keys)


def _retune(now: datetime) -> None:
    """Hold the newest outcomes against what was told."""
    newest = ripe(now).filter(void=False).order_by("-due_at", "-pk")
    rows = list(newest.values_list("chance", "beliefs__bias", "reached")[: tuning.WINDOW])
    found = tuning.retune([row[0] for row in rows], [float(row[1] or 0) for row in rows], [bool(row[2]) for row in rows])
    if found is not None:
        WinningRules.objects.filter(pk=1).update(bias=found.bias, told=found.told, realised=found.came_true, outcomes=found.outcomes, tuned_at=now)
