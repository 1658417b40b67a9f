"""Whose turn it is: who gets what nobody owns, and who stands on a level of the ladder."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from apps.accounts import services as accounts
from apps.accounts.models import AccountRole, User
from apps.accounts.types import Role, TeamRole
from apps.core.actor import Actor
from apps.events.models import Event

from .models import Ladder, Task, TaskAssignee
from .types import Level


def give(task: Task, *, actor: Actor, now: datetime, cause: Event | None = None) -> User | None:
    """A task that nobody owns goes to the success manager whose last turn is longest ago; they stand in for the owner. None without anybody."""
    teams = list(AccountRole.objects.filter(account=task.account_id, user__team__isnull=False).values_list("user__team", flat=True))
    person = _longest_ago(_managers(teams[:1]), without=())
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
        named = User.objects.filter(account_roles__account=task.account_id, account_roles__role=TeamRole.BACKUP, is_active=True)
        return named.exclude(pk__in=without).order_by("pk").first() or _longest_ago(_managers(_teams(task)), without=without)
    if level == Level.LEAD:
        leads = User.objects.filter(groups__name=Role.TEAM_LEAD, team__in=_teams(task), is_active=True)
        return leads.exclude(pk__in=without).order_by("pk").first()
    if ladder.head is not None and ladder.head.is_active:
        return None if ladder.head.pk in without else ladder.head
    heads = User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR), is_active=True)
    return heads.exclude(pk__in=without).order_by("pk").distinct().first()


def _teams(task: Task) -> list[int]:
    team = task.owner.team_id if task.owner else None
    return [team] if team else [0]


def _managers(teams: Collection[int]) -> QuerySet[User]:
    """Success managers of these teams; of all where none is named."""
    people = User.objects.filter(groups__name=Role.CSM, is_active=True)
    return people.filter(team__in=teams) if teams else people


def _longest_ago(people: QuerySet[User], *, without: Collection[int]) -> User | None:
    last = dict(TaskAssignee.objects.filter(user__in=people.values("pk")).values_list("user").annotate(at=Max("at")).order_by())
    found = [person for person in people.exclude(pk__in=without)]
    return min(found, key=lambda person: (last.get(person.pk) is not None, last.get(person.pk), person.pk), default=None)
