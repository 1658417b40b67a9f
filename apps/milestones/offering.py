"""Making the next milestone of accounts: which one, in which variant, written down with the chances and the reasons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Account, DailyRollup
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import MilestoneOffered

from . import learning, ordering, reaching, rules, settling, stale
from .catalogue import Catalogue, catalogue
from .definition import Definition
from .difficulty import fitting, rasch
from .difficulty.fitting import Fitted, Option
from .difficulty.rasch import Beliefs
from .models import AccountAbility, DifficultyChoice, MilestoneVersion, PathChoice, Progress, WinningRules
from .pathways import words
from .pathways.order import Open, Ranked
from .types import STANDARD, FitReason, Pace, ProgressState

_BATCH = 500
# A milestone that was not reached in time is offered again only to who is still there to try.
_TRYING = timedelta(days=14)
# Accounts with something to offer; what was tried in vain counts only where they are still active, so that nobody is looked at in vain.
_WITHOUT = """
select distinct p.account_id from milestones_progress p
join milestones_milestone m on m.id = p.milestone_id and m.state = 'live'
join accounts_account a on a.id = p.account_id and a.stage <> 'churned'
where p.state = 'open'
  and not exists (select 1 from milestones_difficultychoice c where c.account_id = p.account_id and c.ended_at is null)
  and (not exists (select 1 from milestones_difficultychoice c where c.progress_id = p.id and not c.reached)
       or exists (select 1 from accounts_dailyrollup r where r.account_id = p.account_id and r.day > %(trying)s))
order by p.account_id limit %(limit)s
"""


@dataclass(frozen=True)
class Graph:
    """The live milestones: what each needs, and what it opens, by id; and what every version says that somebody is judged by."""

    live: Catalogue
    needs: Mapping[int, set[int]]
    opens: Mapping[int, list[int]]
    _said: dict[int, Definition] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Graph":
        live = catalogue()
        ids = {one.key: one.pk for one in live.live}
        needs = {one.pk: {ids[key] for key in one.current.says.needs if key in ids} for one in live.live if one.current is not None}
        opens = defaultdict[int, list[int]](list)
        for milestone_id, needed in needs.items():
            for needed_id in needed:
                opens[needed_id].append(milestone_id)
        return cls(live, needs, opens)

    def version(self, row: Progress) -> MilestoneVersion:
        """What was begun is judged by the version it was begun in."""
        fixed = row.version_id if row.started_at is not None else None
        return self.live.versions[fixed or self.live.by_id[row.milestone_id].current_id or 0]

    def says(self, row: Progress) -> Definition:
        version = self.version(row)
        if version.pk not in self._said:
            self._said[version.pk] = version.says
        return self._said[version.pk]

    def opened_by(self, milestone_id: int, *, reached: set[int], begun: set[int]) -> list[int]:
        """What reaching this one would open: all else that it needs is reached."""
        return [key for key in self.opens.get(milestone_id, ()) if key not in begun and self.needs[key] <= reached | {milestone_id}]


@dataclass
class Path:
    """Where one account stands."""

    open: list[Progress] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    behind: bool = False
    waiting: bool = False
    tried: set[int] = field(default_factory=set)
    latest: list[bool] = field(default_factory=list)
    last_factor: float | None = None


@dataclass(frozen=True)
class Offer:
    """What was chosen for one account."""

    progress: Progress
    fitted: Fitted
    ranked: list[Ranked]
    struggles: bool
    held: ordering.Held


def offer_waiting(*, now: datetime, actor: Actor, limit: int = _BATCH) -> int:
    """Offer to accounts that have nothing to go for; returns how many were looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT, {"trying": (now - _TRYING).date(), "limit": limit})
        found = [key for (key,) in cursor.fetchall()]
    for start in range(0, len(found), _BATCH):
        offer_next(account_ids=found[start : start + _BATCH], now=now, actor=actor)
    return len(found)


def offer_next(*, account_ids: Sequence[int], now: datetime, actor: Actor, cause: Event | None = None) -> dict[int, Progress]:
    """Choose the next milestone of each account that goes for none, with its variant; returns what was offered, by account.

    Whoever has one under way keeps it. Two workers that offer to the same account wait for each other and agree.
    """
    with transaction.atomic():
        abilities = _locked(account_ids)
        settling.settle(now=now, account_ids=list(abilities))
        graph = Graph.read()
        paths = paths_of(list(abilities), graph, now=now)
        free = {key: path for key, path in paths.items() if path.open and not path.waiting}
        if not free:
            return {}
        offers = _offers(free, abilities, graph, actor=actor, now=now)
        _write(offers, graph, rules.current(), actor=actor, now=now, cause=cause)
        return {key: offer.progress for key, offer in offers.items()}


def _locked(account_ids: Sequence[int]) -> dict[int, AccountAbility]:
    reaching.lock(account_ids)
    present = list(Account.objects.at_risk().filter(pk__in=account_ids).order_by("pk").values_list("pk", flat=True))
    AccountAbility.objects.bulk_create([AccountAbility(account_id=key) for key in present], ignore_conflicts=True)
    return {row.account_id: row for row in AccountAbility.objects.filter(account__in=present).order_by("account")}


def paths_of(account_ids: Sequence[int], graph: Graph, *, now: datetime) -> dict[int, Path]:
    """Where these accounts stand; open milestones without those that were tried in vain, unless nothing else is open and they are still active."""
    found = {key: Path() for key in account_ids}
    for row in Progress.objects.filter(account__in=account_ids).order_by("pk"):
        path = found[row.account_id]
        if row.state == ProgressState.ACHIEVED:
            path.reached.add(row.milestone_id)
        if row.state != ProgressState.LOCKED:
            path.begun.add(row.milestone_id)
        if row.state == ProgressState.OPEN and row.milestone_id in graph.needs:
            path.open.append(row)
            path.behind = path.behind or row.pace in (Pace.BEHIND, Pace.STUCK)
    for choice in DifficultyChoice.objects.filter(account__in=account_ids).order_by("-pk").only("account", "milestone", "factor", "reached", "void"):
        path = found[choice.account_id]
        path.last_factor = choice.factor if path.last_factor is None else path.last_factor
        path.waiting = path.waiting or choice.reached is None
        if choice.reached is not None and not choice.void:
            path.latest.append(choice.reached)
            path.tried |= set() if choice.reached else {choice.milestone_id}
    _drop_tried(found, now)
    graph.live.learn({row.version_id for path in found.values() for row in path.open if row.version_id is not None})
    return found


def _drop_tried(paths: Mapping[int, Path], now: datetime) -> None:
    asked = [key for key, path in paths.items() if path.open and all(row.milestone_id in path.tried for row in path.open)]
    trying = (
        set(DailyRollup.objects.filter(account__in=asked, day__gt=(now - _TRYING).date()).values_list("account_id", flat=True)) if asked else set()
    )
    for key, path in paths.items():
        if key not in trying:
            path.open = [row for row in path.open if row.milestone_id not in path.tried]


def _offers(free: Mapping[int, Path], abilities: Mapping[int, AccountAbility], graph: Graph, *, actor: Actor, now: datetime) -> dict[int, Offer]:
    said = rules.current()
    beliefs = learning.beliefs_of(free, graph.needs)
    held = ordering.held(list(free), rules=said, actor=actor, now=now)
    found = {}
    for key, path in free.items():
        struggles = fitting.struggles(path.latest, behind=path.behind, at_risk=abilities[key].at_risk)
        fits = {
            row.milestone_id: fit(row, graph, beliefs, said, path, struggles=struggles, as_written=abilities[key].as_written) for row in path.open
        }
        candidates = [_open(row, fits[row.milestone_id], path, graph, beliefs, said) for row in path.open]
        ranked = held.ranked(key, candidates, target=said.target_percent / 100)
        chosen = next(row for row in path.open if row.milestone_id == ranked[0].milestone)
        found[key] = Offer(chosen, fits[chosen.milestone_id], ranked, struggles, held)
    held.expose(now=now)
    return found


def fit(row: Progress, graph: Graph, beliefs: Beliefs, said: WinningRules, path: Path, *, struggles: bool, as_written: bool) -> Fitted:
    """The variant of one open milestone for its account; what was begun keeps its own."""
    definition = graph.says(row)
    key, ability = row.milestone_id, beliefs.abilities.get(row.account_id, rasch.NOBODY)
    difficulty = beliefs.difficulties.get(key, rasch.UNTRIED)
    # A variant of which they have as much as it asks would be a gift, not a milestone.
    begun = row.started_at is not None
    variants = [one for one in definition.variants if begun or one.key == STANDARD or definition.target(one.key) > row.have]
    options = [Option(one.key, one.factor, beliefs.offset(key, one.key, one.factor)) for one in variants]
    reason = FitReason.OPTED_OUT if as_written else None if said.fits else FitReason.SWITCHED_OFF
    fitted = fitting.fit(
        ability,
        difficulty,
        options,
        target=said.target_percent / 100,
        bias=said.bias,
        struggles=struggles,
        hardest_before=path.last_factor,
        as_written=reason,
    )
    if not begun:
        return fitted
    # A variant that its milestone no longer has asks what the standard asks.
    kept = next((one for one in fitted.weighed if one.key == row.variant), None) or next(one for one in fitted.weighed if one.key == STANDARD)
    return Fitted(row.variant, kept.factor, fitted.before, kept.chance, FitReason.BEGUN, fitted.weighed)


def _open(row: Progress, fitted: Fitted, path: Path, graph: Graph, beliefs: Beliefs, said: WinningRules) -> Open:
    opened = graph.opened_by(row.milestone_id, reached=path.reached, begun=path.begun)
    chances = {key: fitting.corrected(beliefs.chance(row.account_id, key), said.bias) for key in opened}
    return Open(row.milestone_id, graph.live.by_id[row.milestone_id].position, fitted.after, chances)


def _write(
    offers: Mapping[int, Offer],
    graph: Graph,
    said: WinningRules,
    *,
    actor: Actor,
    now: datetime,
    cause: Event | None,
) -> None:
    beliefs = learning.beliefs_of(offers, {offer.progress.milestone_id for offer in offers.values()})
    eased = [key for key, offer in offers.items() if offer.fitted.key != offer.progress.variant]
    for offer in offers.values():
        row = offer.progress
        row.target = graph.says(row).target(offer.fitted.key)
        row.offered_at, row.version, row.variant = now, graph.version(row), offer.fitted.key
    rows = [offer.progress for offer in offers.values()]
    Progress.objects.bulk_update(rows, ["offered_at", "version", "variant", "target"], batch_size=_BATCH)
    DifficultyChoice.objects.bulk_create([_choice(offer, beliefs, said, now) for offer in offers.values()], batch_size=_BATCH)
    PathChoice.objects.bulk_create([_path_choice(offer, actor, now) for offer in offers.values()], batch_size=_BATCH)
    told = [
        MilestoneOffered(
            account_id=row.account_id,
            milestone_id=row.milestone_id,
            key=graph.live.by_id[row.milestone_id].key,
            progress_id=row.pk,
            variant=row.variant,
            chance=round(offers[row.account_id].fitted.after, 4),
        )
        for row in rows
    ]
    events.publish_all(told, actor=actor, now=now, cause=cause)
    # What they have is held against another threshold now.
    stale.mark_stale(eased, now=now)


def _choice(offer: Offer, beliefs: Beliefs, said: WinningRules, now: datetime) -> DifficultyChoice:
    row, fitted = offer.progress, offer.fitted
    ability, difficulty = beliefs.abilities.get(row.account_id, rasch.NOBODY), beliefs.difficulties.get(row.milestone_id, rasch.UNTRIED)
    return DifficultyChoice(
        progress=row,
        account_id=row.account_id,
        milestone_id=row.milestone_id,
        version=row.version,
        at=now,
        variant=fitted.key,
        factor=fitted.factor,
        target=said.target_percent / 100,
        chance_before=fitted.before,
        chance=fitted.after,
        reason=fitted.reason,
        struggles=offer.struggles,
        candidates=[{"variant": one.key, "factor": one.factor, "chance": round(one.chance, 4), "why_not": one.why_not} for one in fitted.weighed],
        beliefs={"ability": [ability.mean, ability.variance], "difficulty": [difficulty.mean, difficulty.variance], "bias": said.bias},
    )


def _path_choice(offer: Offer, actor: Actor, now: datetime) -> PathChoice:
    first, held = offer.ranked[0], offer.held
    account_id = offer.progress.account_id
    rule = held.rule_of(account_id)
    return PathChoice(
        account_id=account_id,
        milestone_id=first.milestone,
        progress=offer.progress,
        at=now,
        rule=rule,
        arm=held.arms.get(account_id, ""),
        reading=held.reading,
        chance=first.chance,
        value=first.value,
        score=first.score,
        ahead_id=first.ahead,
        candidates=[held.told(one) for one in offer.ranked],
        reasons=words.reasons(offer.ranked, rule, held.names, held.worths, held.proof_short),
        actor=str(actor),
    )
