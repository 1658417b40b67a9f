"""Who hears of an alert, where, and whether at once: what people chose, and the usual where they chose nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from apps.accounts.models import AccountRole, User
from apps.accounts.types import Role

from .models import Alert, AlertSubscription
from .types import Channel, How, Severity, Whose

OUTSIDE = (Channel.EMAIL, Channel.PUSH, Channel.SMS, Channel.CHAT)
_AT_ONCE, _DIGEST = How.AT_ONCE, How.DIGEST


class Listener(NamedTuple):
    user: User
    channel: Channel
    at_once: bool


@dataclass(frozen=True)
class Choice:
    """What one person hears of one kind of alerts."""

    whose: Whose
    how: Mapping[Channel, How]


# Where nothing was chosen: what cannot wait comes at once, what should be seen soon once a day, and the rest waits in the product.
_USUAL: dict[str, dict[Channel, How]] = {
    Severity.URGENT: {Channel.EMAIL: _AT_ONCE, Channel.PUSH: _AT_ONCE},
    Severity.WARNING: {Channel.EMAIL: _DIGEST},
    Severity.INFO: {},
}


def usual(user: User, severity: str) -> Choice:
    """A lead hears of the whole team what cannot wait; of everything else each person hears of their own accounts."""
    lead = Role.TEAM_LEAD in user.roles and severity == Severity.URGENT
    told = _USUAL[severity] if user.may_act else {}
    return Choice(Whose.TEAM if lead else Whose.MINE, {channel: told.get(channel, How.OFF) for channel in OUTSIDE})


def chosen(row: AlertSubscription) -> Choice:
    return Choice(Whose(row.whose), {channel: How(getattr(row, channel)) for channel in OUTSIDE})


@dataclass(frozen=True)
class Circle:
    """Everybody who may hear of alerts, with their choices: read once, asked for many alerts."""

    people: tuple[User, ...]
    rows: Mapping[tuple[int, str], Choice]

    def choice(self, user: User, alert: Alert) -> Choice:
        found = self.rows.get((user.pk, f"rule:{alert.rule_id}")) or self.rows.get((user.pk, alert.severity))
        return found or usual(user, alert.severity)


def circle(users: Iterable[User] | None = None) -> Circle:
    """Active staff with a role, or those named."""
    if users is None:
        users = User.objects.filter(is_active=True, is_staff=True).order_by("pk").prefetch_related("groups")
    people = []
    for user in users:
        if "roles" not in user.__dict__:
            user.__dict__["roles"] = frozenset(group.name for group in user.groups.all())
        if user.is_superuser or user.roles:
            people.append(user)
    rows = {}
    for row in AlertSubscription.objects.filter(user__in=[user.pk for user in people]):
        rows[row.user_id, f"rule:{row.rule_id}" if row.rule_id else row.severity] = chosen(row)
    return Circle(tuple(people), rows)


def helpers_of(account_ids: Iterable[int]) -> dict[int, set[int]]:
    """Account -> those who look after it beside the owner."""
    found: dict[int, set[int]] = {}
    for account, user in AccountRole.objects.filter(account__in=list(account_ids)).values_list("account", "user"):
        found.setdefault(account, set()).add(user)
    return found


def _sees(user: User, alert: Alert, helpers: set[int]) -> bool:
    """The same answer as Account.objects.for_user for what is here in memory."""
    if user.sees_everything:
        return True
    account = alert.account
    if account is None:
        return False
    if Role.TEAM_LEAD in user.roles and user.team_id:
        return account.owner is not None and account.owner.team_id == user.team_id
    return account.owner_id == user.pk or user.pk in helpers


def wants(user: User, whose: Whose, alert: Alert, helpers: set[int]) -> bool:
    """Whether the alert is among what this person asked for, and theirs to see."""
    if not _sees(user, alert, helpers):
        return False
    account = alert.account
    owner = account.owner if account is not None else None
    if owner is None or not owner.is_active:
        # Nobody's: the platform itself, or a customer without an owner. Those who see everything look after it.
        return whose == Whose.ALL or alert.owner_id == user.pk or (user.may_act and user.sees_everything)
    if whose == Whose.ALL:
        return True
    if whose == Whose.TEAM and user.team_id and owner.team_id == user.team_id:
        return True
    return user.pk in (owner.pk, alert.owner_id) or user.pk in helpers


def told(alert: Alert, people: Circle, helpers: set[int]) -> list[Listener]:
    """Everybody who asked for it is told in the product; elsewhere as they chose, and of a rule that fell to digest only in one."""
    quiet = alert.is_quiet
    found = []
    for user in people.people:
        choice = people.choice(user, alert)
        if not wants(user, choice.whose, alert, helpers):
            continue
        found.append(Listener(user, Channel.IN_APP, True))
        found += [Listener(user, channel, how == How.AT_ONCE and not quiet) for channel, how in choice.how.items() if how != How.OFF]
    return found
