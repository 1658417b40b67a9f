"""Finding alerts that should have reached somebody and did not, or late. The auditor runs with the rounds, on workers of their own, so that it looks
also while those that take the steps stand still; what it finds it tells the heads of by itself.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.alerts import matters, services
from apps.alerts.models import NoticeSending
from apps.alerts.notifying import telling
from apps.alerts.types import SendingState
from apps.core.actor import Actor

from . import climbing

_ACTOR = Actor.job("alerts.audit")
# A due step is taken within seconds; so long after its moment something is wrong.
GRACE = timedelta(minutes=5)
# So long after the last late one the matter is over.
QUIET_FOR = timedelta(minutes=15)


def audit(*, now: datetime) -> int:
    """Raise the alarm, or settle it. Returns how many steps and notices are stuck or came late."""
    found = what_is_late(now=now)
    with transaction.atomic():
        if not found:
            services.settle(matters.STUCK_ESCALATION, "ladder", actor=_ACTOR, now=now)
            return 0
        alert = services.open_alert(matters.stuck_escalation(words=[words for _, words in found]), actor=_ACTOR, now=now)
        if alert is None:
            # An administrator said that nobody wants to hear of it.
            return sum(count for count, _ in found)
        heads = User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR), is_active=True).distinct()
        telling.tell(
            alert, people=heads, key=f"audit:{alert.pk}", words="The ladder stood still; look whether the workers run.", urgent=True, now=now
        )
    return sum(count for count, _ in found)


def what_is_late(*, now: datetime) -> list[tuple[int, str]]:
    """How many of each kind, in words: steps and notices that are overdue now, and those that came late a moment ago."""
    found = []
    if overdue := climbing.overdue(now=now, grace=GRACE):
        oldest = overdue[0]
        steps = f"{len(overdue)} {'step is' if len(overdue) == 1 else 'steps are'} overdue"
        words = f"{steps}; the oldest was due {oldest.due_at:%-d %b %H:%M} UTC: {oldest.climb.alert}"
        found.append((len(overdue), words[:250]))
    if late := climbing.taken_late(since=now - QUIET_FOR, grace=GRACE):
        worst = max(late, key=lambda step: step.done_at - step.due_at if step.done_at else timedelta())
        minutes = int((worst.done_at - worst.due_at).total_seconds() // 60) if worst.done_at else 0
        words = f"{len(late)} {'step was' if len(late) == 1 else 'steps were'} taken late, by up to {minutes} minutes: {worst.climb.alert}"
        found.append((len(late), words[:250]))
    waiting = NoticeSending.objects.filter(state=SendingState.WAITING, attempt=0, due_at__lt=now - GRACE).count()
    if waiting:
        found.append((waiting, f"{waiting} {'notice waits' if waiting == 1 else 'notices wait'} to be sent since more than 5 minutes."))
    sent_late = NoticeSending.objects.filter(
        state=SendingState.SENT, attempt=1, done_at__gte=now - QUIET_FOR, done_at__gt=F("due_at") + GRACE
    ).count()
    if sent_late:
        found.append((sent_late, f"{sent_late} {'notice was' if sent_late == 1 else 'notices were'} sent more than 5 minutes late."))
    return found
