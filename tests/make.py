"""Plain builders: make.account(name="Riverside Dental"). Each gives a valid row with as few fields as possible."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group

from apps.accounts.models import Account, Contact, Team, User
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem, Role

_numbers = itertools.count(1)
PASSWORD = "correct-horse"


def user(role: Role | None = Role.CSM, *, team: Team | None = None, **fields: Any) -> User:
    number = next(_numbers)
    made = User.objects.create_user(fields.pop("email", f"person{number}@staff.test"), PASSWORD, full_name=f"Person {number}", team=team, **fields)
    if role is not None:
        made.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return made


def team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(_numbers)}")


def account(**fields: Any) -> Account:
    number = next(_numbers)
    return Account.objects.create(**{"external_id": f"a{number}", "name": f"Account {number}", "arr": 12_000, **fields})


def contact(account: Account, **fields: Any) -> Contact:
    number = next(_numbers)
    return Contact.objects.create(
        account=account, **{"external_id": f"p{number}", "name": f"Sam Person{number}", "email": f"sam{number}@customer.test", **fields}
    )


def activity(account: Account, *moments: datetime, name: str = "login", value: float = 1.0) -> None:
    """Activity events through the real door of the accounts app."""
    items = [ActivityItem(message_id=f"m{next(_numbers)}", name=name, at=at, account=account.external_id, value=value) for at in moments]
    record_activity(items, source="test", now=max(moments))


def weeks_of_use(account: Account, *, until: datetime, weeks: int, per_week: int, name: str = "login") -> None:
    """Steady use: `per_week` events in each of the `weeks` before `until`."""
    activity(
        account, *[until - timedelta(weeks=week, hours=1 + index * 160 / per_week) for week in range(weeks) for index in range(per_week)], name=name
    )
