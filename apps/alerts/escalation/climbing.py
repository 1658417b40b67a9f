"""The climb of an alert: steps taken one after another until somebody takes it on.

Rows before tasks: the next step is a row with `due_at`. Taking it, telling people and writing the step after it commit together, so a step is taken
once whoever dies. A climb keeps the policy's steps as they were when it began.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts import services as accounts
from apps.accounts.models import Account, User
from apps.alerts import lifecycle
from apps.alerts.models import Alert, Climb, ClimbStep, PolicyOfRule
from apps.alerts.models.escalations import EscalationPolicy
from apps.alerts.notifying import telling
from apps.alerts.types import AlertState, ClimbState, Deed, StepKind
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertTold
from apps.interventions import selectors as work

from . import steps as says
from .whom import About, Reached, reached

_ACTOR = Actor.job("alerts.escalate")
UNDER_WAY = (ClimbState.RUNNING, ClimbState.PAUSED)


def policy_of(alert: Alert) -> EscalationPolicy | None:
    """The policy of the alert's rule, else the usual one; None where it is off or the alert is too small for it."""
    named = PolicyOfRule.objects.select_related("policy").filter(rule=alert.rule_id).first() if alert.rule_id else None
    policy = named.policy if named else EscalationPolicy.objects.filter(is_default=True).first()
    return policy if policy and policy.is_active and says.at_least(alert.severity, policy.least_severity) else None


def begin(alert: Alert, *, now: datetime, cause: Event | None = None) -> Climb | None:
    """Set the first step, due at once. None where no policy fits, somebody has the alert already, or it climbs."""
    policy = policy_of(alert)
    if policy is None or alert.state != AlertState.OPEN or alert.is_quiet:
        return None
    try:
        with transaction.atomic():
            climb = Climb.objects.create(
                alert=alert,
                policy=policy,
                steps=policy.steps,
                repeat=policy.repeat,
                large=bool(alert.account and alert.account.arr >= policy.large_arr),
                head=policy.head,
                started_at=now,
                cause=cause,
            )
    except IntegrityError:
        return None
    _write(climb, 0, None, now)
    after_commit("alerts.escalate")
    return climb


def advance(*, now: datetime, limit: int = 200) -> int:
    """Take every step that is due, at most `limit`; returns how many were taken."""
    taken = 0
    while taken < limit:
        with transaction.atomic():
            step = (
                ClimbStep.objects.filter(done_at__isnull=True, due_at__lte=now, climb__state=ClimbState.RUNNING)
                .order_by("due_at", "id")
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("climb__head", "climb__cause", "climb__policy", "holder")
                .first()
            )
            if step is None:
                return taken
            _take(step, now)
            taken += 1
    return taken


def _take(step: ClimbStep, now: datetime) -> None:
    climb = step.climb
    # Everybody locks in this order: step, alert, climb. Taking on and resolving hold the alert's row, so afterwards its state is the truth.
    alert = Alert.objects.select_for_update(of=("self",)).select_related("account__owner", "owner").get(pk=climb.alert_id)
    if alert.state != AlertState.OPEN:
        _settle(climb, alert, now)
        return
    said = climb.steps[step.position % len(climb.steps)]
    match said["do"]:
        case StepKind.NOTIFY:
            holder, what, next_at = _notify(climb, step, said, alert, now)
        case StepKind.ONLY_IF if not says.holds(said, arr=alert.account.arr if alert.account else 0, severity=alert.severity):  # type: ignore[arg-type]
            _done(step, f"It went no further: {says.in_words(said).lower()}.", step.holder, now)
            _end(climb, ClimbState.HALTED, str(_ACTOR), now)
            return
        case _:
            holder, what, next_at = step.holder, f"{says.in_words(said)}: over.", now
    _done(step, what, holder, now)
    _set_next(climb, step.position + 1, holder, now, skip_wait=next_at is None)


def _notify(climb: Climb, step: ClimbStep, said: dict[str, Any], alert: Alert, now: datetime) -> tuple[User | None, str, datetime | None]:
    """Whoever has it from now on, what was done in words, and when the next wait begins: None where nobody was told, so that nobody is waited for."""
    rounds, place = divmod(step.position, len(climb.steps))
    about = About(alert.account, alert.owner or (alert.account.owner if alert.account else None), climb.head)
    found = _again(climb, place) if rounds else reached(said, about, without=_having(climb), at=now)
    whom = says.whom_in_words(said)
    if found.nobody:
        return step.holder, f"Nobody else is there as {whom}; it goes on."[:250], None
    words = f"{'Again to' if rounds else 'To'} {found} as {whom}{_because(climb, step.position)}."[:250]
    _let_in(alert, found, now)
    telling.tell(
        alert,
        people=found.people,
        channels=found.channels,
        key=f"climb:{climb.pk}:{step.position}",
        words=words,
        urgent=bool(said.get("urgent")) or alert.severity == "urgent",
        now=now,
    )
    step.people.set(found.people)
    told = AlertTold(account_id=alert.account_id, alert_id=alert.pk, user_ids=[user.pk for user in found.people], words=words)
    events.publish(told, actor=_ACTOR, now=now, cause=climb.cause)
    lifecycle.note(alert, Deed.TOLD, _ACTOR, now, words=words)
    return found.holder, words, now


def _again(climb: Climb, place: int) -> Reached:
    """Whoever stood on this step in the first round, as far as they are still here."""
    first = ClimbStep.objects.get(climb=climb, position=place)
    said = climb.steps[place]
    channels = reached(said, About(None, None, None), without=(), at=climb.started_at).channels if said["whom"] == "channel" else ()
    return Reached(tuple(first.people.filter(is_active=True).order_by("full_name", "pk")), channels)


def _having(climb: Climb) -> Collection[int]:
    return set(ClimbStep.objects.filter(climb=climb, people__isnull=False).values_list("people", flat=True))


def _because(climb: Climb, position: int) -> str:
    """Why it came so far: how long who was told before had, and did not take it on."""
    before = ClimbStep.objects.filter(climb=climb, position__lt=position, done_at__isnull=False).order_by("-position")
    waited = 0
    for step in before.prefetch_related("people"):
        said = climb.steps[step.position % len(climb.steps)]
        if said["do"] == StepKind.WAIT:
            waited += says.minutes_of(said, large=climb.large)
        elif said["do"] == StepKind.NOTIFY:
            if not (names := ", ".join(str(user) for user in step.people.all())) or not waited:
                return ""
            large = " (large account)" if climb.large else ""
            return f": {names} did not take it on within {says.length(waited)}{large}"
    return ""


def _let_in(alert: Alert, found: Reached, now: datetime) -> None:
    """Whoever is told of an account may see it."""
    if alert.account is None:
        return
    for user in found.people:
        if not Account.objects.for_user(user).filter(pk=alert.account.pk).exists():
            accounts.stand_in(alert.account, user=user, actor=_ACTOR, now=now)


def _done(step: ClimbStep, what: str, holder: User | None, now: datetime) -> None:
    ClimbStep.objects.filter(pk=step.pk).update(done_at=now, what=what[:250], holder=holder)


def _set_next(climb: Climb, position: int, holder: User | None, now: datetime, *, skip_wait: bool) -> None:
    if position >= len(climb.steps) * (climb.repeat + 1):
        _end(climb, ClimbState.EXHAUSTED, str(_ACTOR), now)
        return
    _write(climb, position, holder, now, skip_wait=skip_wait)


def _write(climb: Climb, position: int, holder: User | None, now: datetime, *, skip_wait: bool = False) -> None:
    said = climb.steps[position % len(climb.steps)]
    due_at = now if skip_wait and said["do"] == StepKind.WAIT else due(said, holder, now, large=climb.large)
    if position and position % len(climb.steps) == 0:
        due_at = max(due_at, _round_begins(climb, holder, now))
    ClimbStep.objects.create(climb=climb, position=position, kind=said["do"], due_at=due_at, holder=holder)


def _round_begins(climb: Climb, holder: User | None, now: datetime) -> datetime:
    """Before it begins anew, the last one told has as long as the policy's first wait gives; a policy without waits is told again after an hour."""
    first = next((step for step in climb.steps if step["do"] == StepKind.WAIT), {"do": "wait", "minutes": 60})
    return due(first, holder, now, large=climb.large)


def due(said: says.Step, holder: User | None, start: datetime, *, large: bool) -> datetime:
    """When a step that is reached at `start` is taken: at once, or when who has it has had their time, or when its hours begin."""
    if said["do"] == StepKind.WAIT:
        minutes = says.minutes_of(said, large=large)
        if said.get("by", "working") == "clock":
            return start.astimezone(UTC) + timedelta(minutes=minutes)
        return work.worktime.after(start, minutes, work.calendars.hours_of(holder, now=start))
    if said["do"] == StepKind.HOURS:
        begins, ends = says.clock_of(said)
        zone = ZoneInfo(said.get("zone", "UTC")).key
        return work.worktime.after(start, 0, work.worktime.Hours(zone, frozenset(said.get("days", range(7))), begins, ends))
    return start


def stop(alert_id: int, state: ClimbState, *, by: str, now: datetime) -> None:
    """Somebody took the alert on or resolved it: the climb ends, and what has not left yet stays here."""
    for climb in Climb.objects.filter(alert=alert_id, state__in=UNDER_WAY):
        _end(climb, state, by, now)
    telling.drop(alert_id, now=now)
    telling.tell_over(alert_id, resolved=state == ClimbState.RESOLVED, now=now)


def pause(alert_id: int, *, now: datetime) -> None:
    """A snoozed alert climbs no further; what is left of a wait is left when it wakes."""
    Climb.objects.filter(alert=alert_id, state=ClimbState.RUNNING).update(state=ClimbState.PAUSED, paused_at=now)
    telling.drop(alert_id, now=now)


def resume(alert: Alert, *, now: datetime) -> Climb | None:
    """An alert that woke, or that somebody gave back, climbs on where it was; one that never climbed begins."""
    with transaction.atomic():
        # Locked in the order of everybody: steps before climbs.
        waiting = ClimbStep.objects.filter(climb__alert=alert, done_at__isnull=True).select_for_update(of=("self",)).select_related("holder")
        waits = {step.climb_id: step for step in waiting}
        last = Climb.objects.select_for_update(of=("self",)).filter(alert=alert).order_by("-id").first()
        if last is None:
            return begin(alert, now=now)
        if last.state not in (ClimbState.PAUSED, ClimbState.ACKNOWLEDGED, ClimbState.RESOLVED):
            return None
        since = last.paused_at or last.ended_at or now
        Climb.objects.filter(pk=last.pk).update(state=ClimbState.RUNNING, paused_at=None, ended_at=None, ended_by="")
        if step := waits.get(last.pk):
            said = last.steps[step.position % len(last.steps)]
            ClimbStep.objects.filter(pk=step.pk).update(due_at=_later(step, said, since, now))
        after_commit("alerts.escalate")
    return last


def _later(step: ClimbStep, said: says.Step, since: datetime, now: datetime) -> datetime:
    """When a step that waited from before `since` is due, its time beginning again at `now`: what was left of it is left."""
    if step.due_at <= since:
        return max(step.due_at, now)
    if said["do"] == StepKind.WAIT and said.get("by", "working") == "working":
        hours = work.calendars.hours_of(step.holder, now=since)
        return work.worktime.after(now, work.worktime.between(since, step.due_at, hours), hours)
    return now + (step.due_at - since)


def _settle(climb: Climb, alert: Alert, now: datetime) -> None:
    """The alert is not open any more, and its news has not come by here yet."""
    if alert.state == AlertState.SNOOZED:
        Climb.objects.filter(pk=climb.pk, state=ClimbState.RUNNING).update(state=ClimbState.PAUSED, paused_at=now)
        return
    acknowledged = alert.state == AlertState.ACKNOWLEDGED
    by = alert.acknowledged_by if acknowledged else alert.resolved_by
    _end(climb, ClimbState.ACKNOWLEDGED if acknowledged else ClimbState.RESOLVED, by, now)


def _end(climb: Climb, state: ClimbState, by: str, now: datetime) -> None:
    Climb.objects.filter(pk=climb.pk, state__in=UNDER_WAY).update(state=state, ended_at=now, ended_by=by[:120], paused_at=None)


def overdue(*, now: datetime, grace: timedelta) -> list[ClimbStep]:
    """Steps that should have been taken so long ago and were not."""
    late = ClimbStep.objects.filter(done_at__isnull=True, due_at__lt=now - grace, climb__state=ClimbState.RUNNING)
    return list(late.order_by("due_at").select_related("climb__alert")[:50])


def taken_late(*, since: datetime, grace: timedelta) -> list[ClimbStep]:
    """Steps taken since a moment, but so much later than they were due."""
    late = ClimbStep.objects.filter(done_at__gte=since, done_at__gt=F("due_at") + grace, due_at__gt=F("climb__started_at") - grace)
    return list(late.order_by("due_at").select_related("climb__alert")[:50])
