"""The demo company's survey: an NPS spread over thirteen weeks, asked and answered by the product's own services; bad answers wait for one of ours.

Nobody was written to in those weeks, so each invitation stands without its message. Happy customers answer more often, as everywhere.
"""

from datetime import UTC, datetime, time, timedelta

from apps.accounts.models import Contact
from apps.accounts.types import Stage
from apps.campaigns import services
from apps.campaigns.models import Campaign, Invitation, Occurrence, Recipient
from apps.campaigns.types import CampaignKind, OccurrenceState, RecipientState
from apps.core.actor import Actor
from apps.core.shares import position
from apps.interventions import services as interventions
from apps.interventions.types import TaskResult

ACTOR = Actor.job("demo_world")
KEY = "relationship-nps"
SAYS = {
    "people": {"who": "all"},
    "when": {"kind": "recurring", "every": "week", "weekday": "tuesday", "at": "09:00", "local": True},
    "channels": ["email", "in_app"],
    "variants": [{"name": "a", "template": "survey-nps"}],
    "holdout_percent": 0,
    "promotion": False,
    "survey": {"kind": "nps", "topic": "relationship", "drip": True, "loop": {"scores_at_most": 6, "hours": 48}},
}
_WEEKS, _PER_WEEK = 10, 12
_ANSWERED_BY_NOW = timedelta(days=9)
_GOOD = ("The reports save us an hour on Mondays.", "Support answered the same day.", "")
_BAD = ("It became slow since spring.", "Nobody told us that the export would change.", "We wait for the calendar link.")


def write(*, now: datetime) -> int:
    """Returns how many were asked."""
    began = now - timedelta(weeks=_WEEKS)
    survey = services.campaigns.create(
        key=KEY, name="How we are doing", kind=CampaignKind.SURVEY, why="To hear of trouble while it is small.", says=SAYS, actor=ACTOR, now=began
    )
    # From now on by its own clock; launched in the past it would send at once what it had missed.
    services.campaigns.launch(survey, actor=ACTOR, now=now)
    survey.refresh_from_db()
    people = Contact.objects.filter(account__stage=Stage.ACTIVE, departed_on=None, account__started_on__lt=began.date()).exclude(email="")
    order = sorted(people.select_related("account__health").only("pk", "account"), key=lambda one: position("asked", one.pk))
    count = 0
    for week in range(_WEEKS):
        monday = (began + timedelta(weeks=week)).date()
        at = datetime.combine(monday, time(9), UTC)
        count += _ask(survey, order[week * _PER_WEEK : (week + 1) * _PER_WEEK], at, now)
    services.surveys.follow(now=now)
    services.surveys.watch_loops(now=now)
    return count


def _ask(survey: Campaign, people: list[Contact], at: datetime, now: datetime) -> int:
    assert survey.current is not None
    occurrence = Occurrence.objects.create(
        campaign=survey, version=survey.current, key=f"{at:%Y-%m-%dT%H:%M}", state=OccurrenceState.DONE, due_at=at, frozen_at=at, done_at=at
    )
    rows = [
        Recipient(occurrence=occurrence, account_id=one.account_id, contact=one, state=RecipientState.HANDED, variant="a", due_at=at, settled_at=at)
        for one in people
    ]
    Recipient.objects.bulk_create(rows)
    asked = services.surveys.context_for(rows, now=at)
    mine = Invitation.objects.filter(recipient__in=asked)
    mine.update(sent_at=at)
    for invitation in mine.order_by("pk").select_related("account__health", "account__owner", "contact"):
        _answer(invitation, at, now)
    return len(asked)


def _answer(invitation: Invitation, at: datetime, now: datetime) -> None:
    health = getattr(invitation.account, "health", None)
    mood = float(health.score or 60) / 100 if health else 0.6
    when = at + timedelta(hours=2 + 90 * position("when", invitation.pk))
    if position("answers", invitation.pk) > 0.2 + 0.4 * mood or when >= now:
        return
    score = max(0, min(10, round(10 * mood + 4 * position("score", invitation.pk))))
    words = _GOOD if score >= 8 else _BAD
    services.surveys.answer(invitation, score=score, comment=words[invitation.pk % 3], language="en", now=when)
    if when < now - _ANSWERED_BY_NOW:
        _close(invitation, when + timedelta(hours=4 + 40 * position("closed", invitation.pk)))


def _close(invitation: Invitation, at: datetime) -> None:
    """Somebody has called them; the last days' bad answers still wait."""
    task = Invitation.objects.select_related("loop_task", "account").get(pk=invitation.pk).loop_task
    if task is not None:
        by = Actor.user(invitation.account.owner) if invitation.account.owner_id else ACTOR
        interventions.close_task(task, outcome="Called them and said what comes next.", result=TaskResult.REACHED, actor=by, now=at)
        services.surveys.close_loop(task_id=task.pk, now=at)
