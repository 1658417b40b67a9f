"""Finding runs that should have moved and did not, so that a stopped engine is seen by people and not by customers."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import PlayStuck

from .models import Enrolment, Play
from .types import EnrolmentState, ExitReason

# A due step is taken within seconds; so long after its moment something is wrong.
OVERDUE = timedelta(minutes=10)
# So long a success manager may take to let a candidate in.
UNANSWERED = timedelta(days=7)
# So many runs that ended by an error within a day are no accident any more.
ERRORS, ERRORS_WITHIN = 3, timedelta(days=1)


def audit(*, actor: Actor, now: datetime) -> int:
    """Announce each play with stuck runs, once per change of what is the matter, and that it is over. Returns how many runs are stuck."""
    found = stuck(now=now)
    total = 0
    with transaction.atomic():
        told = _told()
        for play in Play.objects.filter(Q(pk__in=found) | Q(pk__in=told)).order_by("pk"):
            counts = found.get(play.pk, Counter())
            count, words = sum(counts.values()), in_words(counts)
            total += count
            if told.get(play.pk, "") != words:
                events.publish(PlayStuck(play_id=play.pk, key=play.key, stuck=count, words=words), actor=actor, now=now)
    return total


def stuck(*, now: datetime) -> Mapping[int, Counter[str]]:
    """By play, how many runs are overdue, wait for an answer, or ended by errors."""
    looks = {
        "overdue": Enrolment.objects.filter(state=EnrolmentState.WAITING, paused=False, due_at__lt=now - OVERDUE),
        "unanswered": Enrolment.objects.filter(state=EnrolmentState.CANDIDATE, paused=False, entered_at__lt=now - UNANSWERED),
        "errors": Enrolment.objects.filter(state=EnrolmentState.ENDED, exit_reason=ExitReason.ERROR, ended_at__gt=now - ERRORS_WITHIN),
    }
    found: dict[int, Counter[str]] = {}
    for name, runs in looks.items():
        for play, count in runs.order_by().values_list("play").annotate(count=Count("pk")):
            if name != "errors" or count >= ERRORS:
                found.setdefault(play, Counter())[name] = count
    return found


def in_words(counts: Mapping[str, int]) -> str:
    """What is the matter with a play's runs; empty when nothing is."""
    parts = {
        "overdue": "overdue by more than ten minutes",
        "unanswered": "not let in or refused for a week",
        "errors": "ended by an error within a day",
    }
    return "; ".join(
        f"{counts[name]} {'run is' if counts[name] == 1 and name != 'errors' else 'runs'} {words}"
        for name, words in parts.items()
        if counts.get(name)
    )


def _told() -> dict[int, str]:
    """By play, what was said last, where it is not over."""
    last = Event.objects.filter(type=PlayStuck.type).order_by("subject", "-id").distinct("subject")
    return {row.payload["play_id"]: row.payload["words"] for row in last if row.payload["stuck"]}
