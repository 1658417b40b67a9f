"""Judging accounts: what opens, is begun, reached or taken back, from all that is known. A pure function of the facts, so repeats, late events and
any order of arrival end in the same state."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ProgressMoved

from . import facts, judging, pacing, stale
from .catalogue import Catalogue, catalogue
from .definition import Definition
from .facts import Customer, Facts
from .models import Claim, Milestone, MilestoneVersion, PathMark, Progress
from .telling import Told, announce
from .types import STANDARD, Pace, ProgressState, Via

CHUNK = 500
# Where several say the same moment, the one nearest to the customer's own doing is named.
_RANK = {Via.RULE: 0, Via.MANUAL: 1, Via.API: 2, Via.IMPORT: 3}
_KEPT = (
    *("version", "state", "opened_at", "started_at", "achieved_at", "noticed_at", "found_at", "via", "proof", "source", "have", "target"),
    *("behind_at", "stuck_at", "paused_at", "pace"),
)


@dataclass(frozen=True)
class _Reached:
    at: datetime
    via: Via
    source: str = ""
    proof: str = ""


def evaluate_stale(*, now: datetime, actor: Actor, limit: int = CHUNK) -> int:
    """Judge up to `limit` accounts that carry a mark; returns how many marks were settled.

    The marks stay locked from claim to commit: other judges skip them, and a mark that arrives meanwhile waits and is kept.
    """
    with transaction.atomic():
        claimed = list(PathMark.objects.stale_now(now).select_for_update(skip_locked=True, of=("self",))[:limit])
        if not claimed:
            return 0
        settle([mark.account_id for mark in claimed], causes={mark.account_id: mark.stale_cause_id for mark in claimed}, now=now, actor=actor)
        PathMark.objects.filter(pk__in=[mark.pk for mark in claimed], stale_since__lte=now).update(stale_since=None, stale_cause=None)
    return len(claimed)


def evaluate(account_ids: Sequence[int], *, now: datetime, actor: Actor, told: bool = True, cause: Event | None = None) -> int:
    """Judge these accounts at once, those who left too; returns how many rows changed. `told=False` takes history in without announcing it."""
    changed = 0
    for ids in _chunks(account_ids):
        with transaction.atomic():
            lock(ids)
            changed += settle(ids, causes=dict.fromkeys(ids, cause.pk if cause else None), now=now, actor=actor, told=told)
    return changed


def lock(account_ids: Sequence[int]) -> None:
    """Let nobody else judge these accounts until the end of the transaction."""
    stale.MARKS.add_missing(account_ids)
    list(PathMark.objects.filter(account__in=account_ids).order_by("account_id").select_for_update().values_list("pk", flat=True))


def _chunks(account_ids: Sequence[int]) -> Iterator[list[int]]:
    ids = sorted(set(account_ids))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def settle(
    account_ids: Sequence[int],
    *,
    causes: dict[int, int | None],
    now: datetime,
    actor: Actor,
    told: bool = True,
    because: str = "",
) -> int:
    """Bring the progress of locked accounts in line with the facts; returns how many rows changed. `because` says why something no longer counts."""
    listed = catalogue()
    if not listed.live:
        return 0
    rows: dict[tuple[int, int], Progress] = {}
    mine = Progress.objects.filter(account__in=account_ids, milestone__in=[one.pk for one in listed.live]).order_by("account_id", "id")
    for row in mine.select_for_update():
        rows[row.account_id, row.milestone_id] = row
    claims: dict[tuple[int, int], list[Claim]] = {}
    for claim in Claim.objects.standing().filter(account__in=account_ids, denies=False).order_by("at", "id"):
        claims.setdefault((claim.account_id, claim.milestone_id), []).append(claim)
    listed.learn({row.version_id for row in rows.values() if row.version_id})
    known = _facts(account_ids, listed, rows, now=now)
    judge = _Judge(listed, rows, claims, known, pacing.known(), now)
    for customer in facts.customers(account_ids):
        judge.account(customer)
    judge.note_starts()
    changed = [row for row, before in judge.judged if _said(row) != before]
    _write(changed)
    if told:
        announce(judge.told, causes=causes, because=because, now=now, actor=actor)
        _announce_moved(judge, causes=causes, now=now, actor=actor)
    return len(changed)


def _facts(account_ids: Sequence[int], listed: Catalogue, rows: dict[tuple[int, int], Progress], *, now: datetime) -> Facts:
    """Whatever any version in any variant asks that somebody here is judged by."""
    asked = {(one.current_id, STANDARD) for one in listed.live} | {(_version_of(row, listed).pk, row.variant) for row in rows.values()}
    counts, states = set(), {}
    for version_id, variant in asked:
        assert version_id is not None
        says = listed.versions[version_id].says
        for leaf in says.criteria.leaves():
            if leaf.name:
                counts.add(judging.counted(leaf, says.variant(variant).factor))
            elif leaf.trait is not None or leaf.metric is not None:
                states[judging.held_key(leaf)] = leaf
    return facts.gather(account_ids, counts=counts, states=states.values(), now=now)


def _version_of(row: Progress, listed: Catalogue) -> MilestoneVersion:
    """Who has begun, or was there already, stays with the version that held then."""
    fixed = row.version_id if row.started_at is not None or row.state == ProgressState.ACHIEVED else None
    return listed.versions[fixed or listed.by_id[row.milestone_id].current_id or 0]


def _announce_moved(judge: "_Judge", *, causes: dict[int, int | None], now: datetime, actor: Actor) -> None:
    """Whose milestones were opened, locked or taken in silently: nobody is told, but who looks at progress has to look again."""
    told, places = {id(one.row) for one in judge.told}, (_KEPT.index("state"), _KEPT.index("achieved_at"))
    was = [(row, tuple(before[place] for place in places) if before else ()) for row, before in judge.judged if id(row) not in told]
    moved = [row for row, before in was if before != (row.state, row.achieved_at)]
    by_cause: dict[int | None, set[int]] = {}
    for row in moved:
        by_cause.setdefault(causes.get(row.account_id), set()).add(row.account_id)
    known = Event.objects.in_bulk([key for key in by_cause if key])
    for cause, accounts in by_cause.items():
        events.publish(ProgressMoved(account_ids=sorted(accounts), count=len(accounts)), actor=actor, now=now, cause=known.get(cause or 0))


def _said(row: Progress) -> tuple[object, ...]:
    return tuple(getattr(row, f"{name}_id" if name == "version" else name) for name in _KEPT)


class _Judge:
    """Goes through the accounts one by one, each milestone after those it builds on."""

    def __init__(
        self,
        listed: Catalogue,
        rows: dict[tuple[int, int], Progress],
        claims: dict[tuple[int, int], list[Claim]],
        known: Facts,
        paces: pacing.Paces,
        now: datetime,
    ) -> None:
        self.listed, self.rows, self.claims, self.known, self.paces, self.now = listed, rows, claims, known, paces, now
        self.judged: list[tuple[Progress, tuple[object, ...] | None]] = []
        self.told: list[Told] = []
        self._starting: list[tuple[Progress, Definition, Customer]] = []

    def account(self, customer: Customer) -> None:
        reached: dict[str, datetime] = {}
        for milestone in self.listed.live:
            row = self.rows.get((customer.id, milestone.pk))
            claims = self.claims.get((customer.id, milestone.pk), [])
            version = _version_of(row, self.listed) if row else self.listed.versions[milestone.current_id or 0]
            says = version.says
            if row is None and not claims and not _fits(says, customer):
                continue
            # Who begins later has no path yet; somebody's word counts all the same.
            may_open = customer.began <= self.now and all(key in reached for key in says.needs)
            opened = max([customer.began, *(reached[key] for key in says.needs)]) if may_open else None
            factor = says.variant(row.variant if row else STANDARD).factor
            known = self.known.known(customer.id, reached)
            fulfilled = judging.fulfilled_at(says.criteria, known, factor)
            found = max(fulfilled, opened) if fulfilled is not None and opened is not None else None
            best = _best(claims, found if row is None or row.ruled else None)
            if best is not None:
                reached[milestone.key] = best.at
            if row is None and opened is None and best is None:
                continue
            before = _said(row) if row else None
            was = (row.state, row.via) if row else ("", "")
            row = row or Progress(account_id=customer.id, milestone=milestone)
            row.version, row.opened_at, row.found_at = version, opened, found
            self._set_state(row, best)
            row.target = says.target(row.variant)
            row.have = row.target if best else 0.0 if says.manual else judging.have(says.criteria, known, factor)
            self.judged.append((row, before))
            self._starting.append((row, says, customer))
            self._tell(row, milestone, was, says, reached)

    def _set_state(self, row: Progress, best: _Reached | None) -> None:
        if best is not None:
            noticed = row.noticed_at if row.state == ProgressState.ACHIEVED else self.now
            row.state, row.achieved_at, row.noticed_at = ProgressState.ACHIEVED, best.at, noticed
            row.via, row.source, row.proof = best.via, best.source, best.proof
            # What was late is not any more; should it be taken back, it is judged anew.
            row.paused_at, row.pace = None, Pace.ON_TRACK
            return
        if row.state == ProgressState.ACHIEVED or row.opened_at is None or row.state == ProgressState.LOCKED:
            row.state, row.paused_at = (ProgressState.OPEN if row.opened_at else ProgressState.LOCKED), None
        row.achieved_at = row.noticed_at = None
        row.via, row.source, row.proof = "", "", ""

    def _tell(self, row: Progress, milestone: Milestone, was: tuple[str, str], says: Definition, reached: dict[str, datetime]) -> None:
        """What was reached before the milestone went live is history: taken in, not announced."""
        is_there = row.state == ProgressState.ACHIEVED
        if is_there and was[0] != ProgressState.ACHIEVED:
            assert row.achieved_at is not None
            if milestone.live_at is None or row.achieved_at >= milestone.live_at:
                self.told.append(Told(row, milestone))
        elif was[0] == ProgressState.ACHIEVED and not is_there:
            missing = [self.listed.names[key] for key in says.needs if key not in reached]
            words = f"“{missing[0]}”, which it needs, no longer counts" if missing else "The facts it was judged by were corrected"
            self.told.append(Told(row, milestone, lost=words if was[1] == Via.RULE else "Who had said so took it back"))

    def note_starts(self) -> None:
        """When each was begun, and by when others would be there."""
        open_ones = [(row, says, customer) for row, says, customer in self._starting if row.opened_at is not None]
        seek = [(row.account_id, says.names, row.opened_at) for row, says, _ in open_ones if row.opened_at is not None]
        found = facts.started([one for one in seek if one[1]], now=self.now)
        places = iter(range(len(seek)))
        for row, says, customer in open_ones:
            begun = found.get(next(places)) if says.names else None
            row.started_at = begun if begun is None or row.achieved_at is None or begun <= row.achieved_at else None
            row.behind_at, row.stuck_at = self.paces.moments(row, says, plan=customer.plan, live_at=self.listed.by_id[row.milestone_id].live_at)
        for row, _, _ in self._starting:
            if row.opened_at is None:
                row.started_at = row.behind_at = row.stuck_at = None


def _best(claims: Sequence[Claim], found: datetime | None) -> _Reached | None:
    """The first moment that anything standing tells: the criteria, or somebody's word."""
    told = [_Reached(claim.at, Via(claim.kind), claim.source, claim.proof) for claim in claims]
    if found is not None:
        told.append(_Reached(found, Via.RULE))
    return min(told, key=lambda one: (one.at, _RANK[one.via], one.source), default=None)


def _fits(says: Definition, customer: Customer) -> bool:
    return says.audience is None or all(getattr(customer, name) in values for name, values in says.audience.lists.items())


_UPDATE = """
update milestones_progress p set {sets}
from jsonb_to_recordset(%(rows)s::jsonb) as i(id bigint, {types})
where p.id = i.id
"""
_TYPES = {
    "version": "bigint",
    "have": "float8",
    "target": "float8",
    "state": "text",
    "via": "text",
    "proof": "text",
    "source": "text",
    "pace": "text",
}


def _write(rows: Sequence[Progress]) -> None:
    """One statement for rows that are there, whatever their number; a lock held since they were read keeps others from them."""
    there = [row for row in rows if row.pk is not None]
    Progress.objects.bulk_create([row for row in rows if row.pk is None], batch_size=2_000)
    if not there:
        return
    columns = [f"{name}_id" if name == "version" else name for name in _KEPT]
    types = ", ".join(f"{column} {_TYPES.get(name, 'timestamptz')}" for name, column in zip(_KEPT, columns, strict=True))
    said = [{"id": row.pk, **{column: _plain(getattr(row, column)) for column in columns}} for row in there]
    with connection.cursor() as cursor:
        sets = ", ".join(f"{column} = i.{column}" for column in columns)
        cursor.execute(_UPDATE.format(sets=sets, types=types), {"rows": json.dumps(said)})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
