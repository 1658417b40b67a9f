"""Who stands where for an account: its backup, colleagues of its owner, the owner's lead, the head. Tasks and alerts climb by the same answers."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.accounts.models import AccountRole, User
from apps.accounts.types import Role, TeamRole


def named_backup(account_id: int, *, without: Collection[int]) -> User | None:
    """Who was named as the account's backup and does not have it already (`without`)."""
    named = User.objects.filter(account_roles__account=account_id, account_roles__role=TeamRole.BACKUP, is_active=True)
    return named.exclude(pk__in=without).order_by("pk").first()


def lead(owner: User | None, *, without: Collection[int]) -> User | None:
    """The lead of the owner's team."""
    leads = User.objects.filter(groups__name=Role.TEAM_LEAD, team__in=teams_of(owner), is_active=True)
    return leads.exclude(pk__in=without).order_by("pk").first()


def head(named: User | None, *, without: Collection[int]) -> User | None:
    """The named head; else the first administrator. None where they have it already: nobody else is asked in a named head's place."""
    if named is not None and named.is_active:
        return None if named.pk in without else named
    heads = User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR), is_active=True)
    return heads.exclude(pk__in=without).order_by("pk").distinct().first()


def teams_of(owner: User | None) -> list[int]:
    """The owner's team; one that nobody is in where there is none."""
    team = owner.team_id if owner else None
    return [team] if team else [0]


def teams_around(account_id: int) -> list[int]:
    """The team of somebody who has a part in the account, where there is one."""
    return list(AccountRole.objects.filter(account=account_id, user__team__isnull=False).values_list("user__team", flat=True)[:1])


def managers(teams: Collection[int]) -> QuerySet[User]:
    """Success managers of these teams; of all where none is named."""
    people = User.objects.filter(groups__name=Role.CSM, is_active=True)
    return people.filter(team__in=teams) if teams else people


def longest_ago(people: QuerySet[User], last: Mapping[int, datetime | None], *, without: Collection[int]) -> User | None:
    """Whose turn it is: who never had one, else whose last one is longest ago."""
    found = list(people.exclude(pk__in=without))
    return min(found, key=lambda person: (last.get(person.pk) is not None, last.get(person.pk), person.pk), default=None)
