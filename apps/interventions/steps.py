"""Taking the due steps of running plays: rows with `due_at`, claimed in batches with SKIP LOCKED, kill-safe.

A step, its record and the next `due_at` commit together, so a step is taken once whoever dies. machine.py decides; a batch of waits, branches and
watches is written by one statement, whatever its size; what makes rows elsewhere has a savepoint of its own, so that its failing ends only its run.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from . import choice, effects, facts, goals, machine, run_facts, trials
from .definition import Definition, SplitStep
from .ending import end_all
from .fact_list import RUN_FACTS
from .machine import Move, Over, Rest, Standing
from .models import Enrolment, PlayVersion
from .types import Arm, ExitReason, StepKind

log = logging.getLogger(__name__)

# So many runs share one transaction: enough to share its cost, few enough to hold locks shortly.
BATCH = 500
_ACTOR = effects.ACTOR

_CLAIM = """
select id, account_id, version_id, arm, position, waits_for, window_ends_at, goal_met_at is not null, replied_at is not null, judged_at is not null
from interventions_enrolment where state = 'waiting' and not paused and due_at <= %s
order by due_at, id limit %s for update skip locked
"""

# A record that stands already learns where its wait went; everything else is one new record a step.
_WRITE = """
with moves as materialized (
    select * from jsonb_to_recordset(%(moves)s::jsonb)
        as m(id bigint, pos int, step text, kind text, what text, next int, due timestamptz, went text, why text, waits text, mid bigint, did bigint,
            old bool)
), recorded as (
    insert into interventions_steprecord (enrolment_id, position, step, kind, at, what, went, because, message_id, decision_id)
    select id, pos, step, kind, %(now)s, what, went, why, mid, did from moves where old is null
), resolved as (
    update interventions_steprecord r set went = m.went, because = m.why from moves m where m.old and r.enrolment_id = m.id and r.position = m.pos
)
update interventions_enrolment e set position = m.next, due_at = m.due, waits_for = m.waits from moves m where e.id = m.id
"""

# What makes a step fail for a moment and not for good: the batch is tried again.
_HEALS = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Due:
    """One claimed run."""

    id: int
    account_id: int
    version_id: int
    standing: Standing
    judged: bool


def advance(*, now: datetime, limit: int = 2_000, learned: bool = False) -> int:
    """Take every step that is due, at most `limit`; returns how many were taken. `learned`: channels are chosen by what worked."""
    taken = 0
    while taken < limit:
        with transaction.atomic():
            mine = _claim(now, min(BATCH, limit - taken))
            if mine:
                _take(mine, now, choice.Way(learned))
        if not mine:
            break
        taken += len(mine)
    return taken


def _claim(now: datetime, most: int) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, most])
        return [
            Due(key, account, version, Standing(arm == Arm.HELD_OUT, position, waits, window, met, replied), judged)
            for key, account, version, arm, position, waits, window, met, replied, judged in cursor.fetchall()
        ]


def _take(mine: Sequence[Due], now: datetime, way: choice.Way) -> None:
    failed: dict[int, tuple[Due, str, StepKind, Exception]] = {}
    says = _definitions(mine, failed)
    going = _judged(mine, now)
    known = _facts(going, says, now)
    for key, drawn in _ways(going, says, now):
        known[key] = known.get(key, {}) | drawn
    moves: dict[int, tuple[Due, Move, effects.Done | None]] = {}
    over: dict[int, ExitReason] = {}
    resting: list[tuple[int, datetime]] = []
    asked: list[tuple[Due, Move]] = []
    for run in going:
        if run.id in failed:
            continue
        try:
            decided = machine.decide(says[run.version_id], run.standing, known.get(run.id, {}), now)
        except Exception as error:  # a play's own fault, whatever it is, ends its run and nobody else's
            failed[run.id] = (run, *_step_of(says.get(run.version_id), run), error)
            continue
        match decided:
            case Over():
                over[run.id] = decided.reason
            case Rest():
                resting.append((run.id, decided.due_at))
            case Move() if decided.effect is not None:
                asked.append((run, decided))
            case Move():
                moves[run.id] = (run, decided, None)
    moves.update(_carry_out(asked, now, failed, way))
    _write(moves, now, failed)
    _rest(resting)
    over.update({key: move.ends for key, (_, move, _) in moves.items() if move.ends is not None and key not in failed})
    for run, step, kind, fault in failed.values():
        _give_up(run, step, kind, fault, now)
        over[run.id] = ExitReason.ERROR
    end_all(over, actor=_ACTOR, now=now)


def _definitions(mine: Sequence[Due], failed: dict[int, Any]) -> dict[int, Definition]:
    """What the claimed runs follow, read once; a version that cannot be understood fails its own runs only."""
    found: dict[int, Definition] = {}
    for version in PlayVersion.objects.filter(pk__in={run.version_id for run in mine}):
        try:
            found[version.pk] = version.says
        except Exception as flaw:
            for run in mine:
                if run.version_id == version.pk:
                    failed[run.id] = (run, "", StepKind.WATCH, flaw)
    return found


def _judged(mine: Sequence[Due], now: datetime) -> Sequence[Due]:
    """Where a window has closed, the goal is judged for the last time before anything else is decided."""
    closed = [run.id for run in mine if run.standing.window_ends_at <= now and not run.judged]
    if not closed:
        return mine
    goals.judge_windows(actor=_ACTOR, now=now, only=closed, limit=len(closed))
    present = {run.pk: run for run in Enrolment.objects.filter(pk__in=closed)}
    kept = []
    for run in mine:
        row = present.get(run.id)
        if row is None:
            kept.append(run)
        elif row.state == "waiting":
            standing = replace(run.standing, goal_met=row.goal_met_at is not None, position=row.position, waits_for=row.waits_for)
            kept.append(replace(run, standing=standing))
    return kept


def _facts(mine: Sequence[Due], says: Mapping[int, Definition], now: datetime) -> dict[int, dict[str, Any]]:
    """By run, the facts that its next move asks for: at most four statements for the batch, and those of the sources."""
    wanted: dict[int, set[str]] = {}
    strict = {version: machine.audience_facts(said) for version, said in says.items()}
    for run in mine:
        if run.version_id in says and not run.standing.held_out:
            asked = machine.needs(says[run.version_id], run.standing) | strict[run.version_id]
            if asked:
                wanted[run.id] = asked
    if not wanted:
        return {}
    names = set().union(*wanted.values())
    outside = names - set(RUN_FACTS)
    by_account = facts.of(sorted({run.account_id for run in mine if run.id in wanted}), names=outside, now=now) if outside else {}
    own = run_facts.of(list(wanted)) if names & set(RUN_FACTS) else {}
    return {run.id: {**by_account.get(run.account_id, {}), **own.get(run.id, {})} for run in mine if run.id in wanted}


def _ways(mine: Sequence[Due], says: Mapping[int, Definition], now: datetime) -> list[tuple[int, dict[str, str]]]:
    """For runs that come to a split, which way they drew."""
    asked = []
    for run in mine:
        steps = says[run.version_id].steps if run.version_id in says and not run.standing.held_out else []
        if run.standing.position < len(steps) and isinstance(step := steps[run.standing.position], SplitStep):
            asked.append((run, step))
    if not asked:
        return []
    play_of = dict(PlayVersion.objects.filter(pk__in={run.version_id for run, _ in asked}).values_list("pk", "play__key"))
    drawn = trials.ways([(run.account_id, play_of[run.version_id], step) for run, step in asked], actor=_ACTOR, now=now)
    return [(run.id, {machine.way_of(step): drawn[run.account_id, step.id]}) for run, step in asked if (run.account_id, step.id) in drawn]


def _carry_out(
    asked: Sequence[tuple[Due, Move]], now: datetime, failed: dict[int, Any], way: choice.Way
) -> dict[int, tuple[Due, Move, effects.Done | None]]:
    """Messages, tasks, traits and calls, each in a savepoint of its own."""
    if not asked:
        return {}
    related = ("play", "version", "account__owner", "contact", "prediction", "cause")
    rows = Enrolment.objects.filter(pk__in=[run.id for run, _ in asked]).select_related(*related).in_bulk()
    made: dict[int, tuple[Due, Move, effects.Done | None]] = {}
    for run, move in asked:
        assert move.effect is not None
        row = rows[run.id]
        if row.contact is not None:
            row.contact.account = row.account
        try:
            with transaction.atomic():
                done = effects.do(row, move.effect, now, way)
        except _HEALS:
            raise
        except Exception as error:
            failed[run.id] = (run, move.step, move.kind, error)
            continue
        made[run.id] = (run, replace(move, what=done.what, because=move.because or done.because), done)
    return made


def _write(moves: dict[int, tuple[Due, Move, effects.Done | None]], now: datetime, failed: dict[int, Any]) -> None:
    if not moves:
        return
    try:
        with transaction.atomic():
            _write_rows([_row(run, move, done) for run, move, done in moves.values()], now)
    except IntegrityError:
        # One of them cannot be written: find out which, so that the others go on.
        for key, (run, move, done) in moves.items():
            try:
                with transaction.atomic():
                    _write_rows([_row(run, move, done)], now)
            except IntegrityError as error:
                failed[key] = (run, move.step, move.kind, error)


def _row(run: Due, move: Move, done: effects.Done | None) -> dict[str, Any]:
    row = {
        "id": run.id,
        "pos": move.position,
        "step": move.step,
        "kind": move.kind.value,
        "what": move.what[:250],
        "next": move.next,
        "due": move.due_at,
        "went": move.went,
        "why": move.because,
        "waits": move.waits_for,
        "mid": done.message_id if done else None,
        "did": done.decision_id if done else None,
    }
    return {**row, "old": True} if move.resolves else row


def _write_rows(rows: Sequence[dict[str, Any]], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"moves": msgspec.json.encode(rows).decode(), "now": now})


def _rest(resting: Sequence[tuple[int, datetime]]) -> None:
    by_moment: dict[datetime, list[int]] = defaultdict(list)
    for key, due_at in resting:
        by_moment[due_at].append(key)
    for due_at, keys in by_moment.items():
        Enrolment.objects.filter(pk__in=keys).update(due_at=due_at)


def _step_of(says: Definition | None, run: Due) -> tuple[str, StepKind]:
    if says is None or run.standing.position >= len(says.steps):
        return "", StepKind.WATCH
    step = says.steps[run.standing.position]
    return step.id, machine.KINDS[type(step)]


def _give_up(run: Due, step: str, kind: StepKind, error: Exception, now: datetime) -> None:
    """A step that cannot be done ends its own run with the reason; it must not stand in the way of everybody else's."""
    log.error("step %s of run %s cannot be done", run.standing.position, run.id, exc_info=error)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into interventions_steprecord (enrolment_id, position, step, kind, at, what, went, because)
               values (%s, %s, %s, %s, %s, %s, '', '')
               on conflict (enrolment_id, position) do update set because = excluded.what""",
            [run.id, run.standing.position, step, kind.value, now, f"This step cannot be done: {error!r}"[:250]],
        )
