"""Whose turn it is: who gets what nobody owns, and who stands on a level of the ladder."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max, QuerySet

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.core.actor import Actor
from apps.events.models import Event

from . import ranks
from .models import Ladder, Task, TaskAssignee
from .types import Level


def give(task: Task, *, actor: Actor, now: datetime, cause: Event | None = None) -> User | None:
    """A task that nobody owns goes to the success manager whose last turn is longest ago; they stand in for the owner. None without anybody."""
    person = _longest_ago(ranks.managers(ranks.teams_around(task.account_id)), without=())
    if person is None:
        return None
    accounts.stand_in(task.account, user=person, actor=actor, now=now, cause=cause)
    Task.objects.filter(pk=task.pk).update(owner=person)
    task.owner = person
    TaskAssignee.objects.get_or_create(
        task=task, user=person, defaults={"level": Level.OWNER, "why": "The account has no owner; it was your turn.", "at": now}
    )
    return person


def on_level(task: Task, level: str, *, ladder: Ladder, without: Collection[int]) -> User | None:
    """Who stands on this level for the task's account: the named backup, else a colleague of the owner by turn; the owner's lead; the head.

    None where nobody does, or where all who do have it already (`without`).
    """
    if level == Level.BACKUP:
        named = ranks.named_backup(task.account_id, without=without)
        return named or _longest_ago(ranks.managers(ranks.teams_of(task.owner)), without=without)
    if level == Level.LEAD:
        return ranks.lead(task.owner, without=without)
    return ranks.head(ladder.head, without=without)


def _longest_ago(people: QuerySet[User], *, without: Collection[int]) -> User | None:
    last = dict(TaskAssignee.objects.filter(user__in=people.values("pk")).values_list("user").annotate(at=Max("at")).order_by())
    return ranks.longest_ago(people, last, without=without)
