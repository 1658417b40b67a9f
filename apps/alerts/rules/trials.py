"""A definition tried on past days, as a row that a worker takes: asked for, worked on, stopped, begun again after its worker died, ended."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from ..models import AlertRule, RuleTrial
from ..types import TrialState
from . import backtest, reading, useful, writing
from .backtest import Fired, Found
from .definition import Definition, plain, read
from .telling import why

DAYS, MOST_DAYS = 90, 366
MOST_ATTEMPTS = 3
# So long a worker may be silent before it is taken for dead.
LEASE = timedelta(minutes=5)
# So few accounts are tried while somebody waits for the answer.
AT_ONCE = 3_000
_OPEN = (TrialState.ASKED, TrialState.RUNNING)
_SHOWN, _LINES = 200, 3
Clock = Callable[[], datetime]


class Stopped(Exception):
    """Somebody stopped it, or it was begun again elsewhere."""


def ask(*, rule: AlertRule | None, says: Any, days: int = DAYS, actor: Actor, now: datetime, wait: bool = True) -> RuleTrial:
    """Try a definition, saved or not, on the days before today. A small house has the answer at once (`wait`), a large one asks a worker.

    What was tried today already is answered from there. Raises Flaws.
    """
    definition = writing.checked(says)
    if not 1 <= days <= MOST_DAYS:
        raise Refused("days_out_of_range", f"A try looks back 1 to {MOST_DAYS} days.")
    last = now.astimezone(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    said = plain(definition)
    known = RuleTrial.objects.filter(rule=rule, says=said, first=first, last=last, asked_at__gte=now - timedelta(hours=1), asked_at__lte=now)
    if (already := known.exclude(state__in=[TrialState.STOPPED, TrialState.FAILED]).order_by("-pk").first()) is not None:
        return already
    with transaction.atomic():
        row = RuleTrial.objects.create(rule=rule, says=said, asked_by=str(actor), asked_at=now, first=first, last=last)
        small = wait and len(reading.subjects(definition, since=first)) * days <= AT_ONCE * DAYS
        if not small:
            after_commit("alerts.try_rule", row.pk)
    if small:
        work(row.pk, clock=lambda: now)
        row.refresh_from_db()
    return row


def stop(row: RuleTrial, *, now: datetime) -> None:
    """End it: at once while it waits, at its next sign of life while it runs."""
    if _move(row.pk, [TrialState.ASKED], TrialState.STOPPED, ended_at=now, error="Stopped before it began."):
        return
    if not RuleTrial.objects.filter(pk=row.pk, state=TrialState.RUNNING).update(stop_asked=True):
        raise Refused("trial_over", "This try is over, so there is nothing to stop.")


def work(row_id: int, *, clock: Clock) -> str:
    """Try it; returns the state it ended in, nothing when it is somebody else's or over."""
    if not _move(row_id, [TrialState.ASKED], TrialState.RUNNING, attempts=F("attempts") + 1, beat_at=clock(), done=0, total=0):
        return ""
    row = RuleTrial.objects.select_related("rule").get(pk=row_id)
    mine = RuleTrial.objects.filter(pk=row_id, state=TrialState.RUNNING, attempts=row.attempts)

    def progress(done: int, total: int) -> None:
        if not mine.update(done=done, total=total, beat_at=clock()):
            raise Stopped("It was taken for dead and begun again elsewhere.")
        if mine.filter(stop_asked=True).exists():
            raise Stopped("Stopped.")

    try:
        says = read(row.says)
        score = row.rule.score if row.rule is not None and row.rule.current is not None and row.rule.current.says == row.says else None
        found = backtest.run(says, first=row.first, last=row.last, score=score, progress=progress)
        result = told(found, says, rule=row.rule, now=row.asked_at)
    except Stopped as stopped:
        return _end(row, TrialState.STOPPED, clock(), error=str(stopped))
    except OperationalError:
        # The database went away: the sweep finds the row when it is back.
        raise
    except Exception as error:
        _end(row, TrialState.FAILED, clock(), error=f"It broke ({type(error).__name__}). Nothing was changed. The log has the details.")
        raise
    return _end(row, TrialState.DONE, clock(), result=result)


def sweep(*, now: datetime) -> int:
    """Settle tries whose worker died, nudge those that nobody took, forget those of last week; returns how many were looked after."""
    before = now - LEASE
    dead = list(RuleTrial.objects.filter(state=TrialState.RUNNING, beat_at__lt=before))
    for row in dead:
        if row.stop_asked or row.attempts >= MOST_ATTEMPTS:
            words = "Stopped; its worker had died." if row.stop_asked else f"Its worker died {row.attempts} times. Try fewer days."
            _end(row, TrialState.STOPPED if row.stop_asked else TrialState.FAILED, now, error=words)
        else:
            _move(row.pk, [TrialState.RUNNING], TrialState.ASKED, only={"attempts": row.attempts, "beat_at": row.beat_at})
    waiting = set(RuleTrial.objects.filter(state=TrialState.ASKED, asked_at__lt=before).values_list("pk", flat=True))
    for row_id in waiting:
        after_commit("alerts.try_rule", row_id)
    RuleTrial.objects.filter(asked_at__lt=now - timedelta(days=7)).exclude(state__in=_OPEN).delete()
    return len(waiting | {row.pk for row in dead})


def told(found: Found, says: Definition, *, rule: AlertRule | None, now: datetime) -> dict[str, Any]:
    """What a try found, as it is kept: counts of everything, the latest alerts with what became of them, and some series with their marks."""
    verdicts = useful.verdicts(found.fired, rule=rule, figure=says.figure, now=now)
    counts = Counter(one.useful for one in verdicts)
    names = dict(Account.objects.filter(pk__in={one.account_id for one in found.fired if one.account_id}).values_list("pk", "name"))
    a_day = Counter(one.day for one in found.fired)
    return {
        "fired": len(found.fired),
        "useful": counts[True],
        "not_useful": counts[False],
        "too_early": counts[None],
        "accounts": found.accounts,
        "alerted": len(names),
        "held": found.held,
        "hushed": found.hushed,
        "together": [[day.isoformat(), count] for day, count in sorted(found.together.items())],
        "missing": [day.isoformat() for day in found.missing],
        "per_day": [[day.isoformat(), count] for day, count in sorted(a_day.items())],
        "alerts": [
            {
                "account_id": one.account_id,
                "name": names.get(one.account_id, "") if one.account_id else "",
                "day": one.day.isoformat(),
                "ended": one.ended.isoformat() if one.ended else None,
                "why": why(says, one.facts | {"day": one.day.isoformat()}),
                "useful": verdict.useful,
                "words": verdict.words,
            }
            for one, verdict in list(zip(found.fired, verdicts, strict=True))[: -_SHOWN - 1 : -1]
        ],
        "lines": _lines(found, says, names),
    }


def _lines(found: Found, says: Definition, names: dict[int, str]) -> list[dict[str, Any]]:
    """The series of those whom it would have alerted last, with the days on which it would."""
    marks: dict[int | None, list[Fired]] = {}
    for one in found.fired:
        marks.setdefault(one.account_id, []).append(one)
    chosen = sorted(marks, key=lambda key: (marks[key][-1].far, key or 0), reverse=True)[:_LINES]
    if not chosen:
        return []
    points = reading.points(says, chosen, start=found.first, end=found.last)
    return [
        {
            "account_id": key,
            "name": names.get(key, "") if key else "The house",
            "values": [point.value for point in points[key]],
            "marks": [(one.day - found.first).days for one in marks[key]],
        }
        for key in chosen
        if key in points
    ]


def _end(row: RuleTrial, state: TrialState, now: datetime, **more: Any) -> str:
    """The last word; without effect when the row has moved on without us."""
    moved = _move(row.pk, [TrialState.RUNNING], state, only={"attempts": row.attempts}, ended_at=now, **more)
    return str(state.value) if moved else ""


def _move(row_id: int, of: list[TrialState], to: TrialState, *, only: dict[str, Any] | None = None, **more: Any) -> bool:
    """The one place where its state changes."""
    return bool(RuleTrial.objects.filter(pk=row_id, state__in=of, **(only or {})).update(state=to, **more))
