"""The inbox of alerts: grouped by account, ranked by what is at stake, with what is known of each rule and what can be done."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, FloatField, IntegerField, Max, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast, Coalesce, RowNumber

from apps.accounts.models import Account, AccountRole, User
from apps.alerts import selectors as known
from apps.alerts.models import Alert, AlertMoment, AlertRule
from apps.alerts.types import AlertState, Deed, Severity
from apps.core.biglists import CountedToALimit
from apps.interventions.models import Enrolment, Play
from apps.interventions.types import PlayState

VIEWS = {"open": "Open", "acknowledged": "Acknowledged", "snoozed": "Snoozed", "resolved": "Resolved"}
WHOSE = {"mine": "Mine", "team": "My team's", "": "All I may see"}
AGES = {"day": "Opened in 24 hours", "week": "Opened in 7 days", "old": "Older than 7 days"}
GROUPS, ROWS = 20, 25
# So many alerts of one account are shown; the rest stands behind a link.
IN_GROUP = 6
# What is at stake where no score says it: better than nought, which would hide large new customers at the bottom.
UNSCORED = 0.05
_WEIGHT = Case(
    When(severity=Severity.URGENT, then=Value(4)), When(severity=Severity.WARNING, then=Value(2)), default=Value(1), output_field=IntegerField()
)
_STAKE = Cast(F("account__arr"), FloatField()) * Coalesce(F("account__risk__probability"), Value(UNSCORED))


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see; everything else is shown in full."""

    view: str = "open"
    whose: str = ""
    severity: str = ""
    rule: str = ""
    age: str = ""
    account: int | None = None

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Asked":
        def one(name: str, known: Any, usual: str = "") -> str:
            return said.get(name, "") if said.get(name, "") in known else usual

        account = said.get("account", "")
        return cls(
            view=one("view", VIEWS, "open"),
            whose=one("whose", WHOSE),
            severity=one("severity", Severity.values),
            rule=said.get("rule", "")[:60],
            age=one("age", AGES),
            account=int(account) if account.isascii() and account.isdigit() and len(account) < 19 else None,
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.whose or self.severity or self.rule or self.age or self.account)


@dataclass
class Group:
    """The alerts of one account, or of the platform itself."""

    account: Account | None
    count: int
    severity: str
    alerts: list[Any] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    plays: list[Play] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.alerts)

    @property
    def ids(self) -> list[int]:
        return [alert.pk for alert in self.alerts]


@dataclass(frozen=True)
class Inbox:
    page: Page
    groups: list[Group]
    counts: dict[str, int]
    rules: list[AlertRule]
    total: int


def inbox(user: User, asked: Asked, *, now: datetime, page: int) -> Inbox:
    rows = _narrowed(Alert.objects.for_user(user), user, asked, now)
    counts = dict(rows.unresolved().order_by().values_list("state").annotate(Count("pk")))
    if asked.view == "resolved":
        shown = CountedToALimit(rows.filter(state=AlertState.RESOLVED).order_by("-resolved_at", "-id"), ROWS).get_page(page)
        groups = _one_each(list(_full(Alert.objects.filter(pk__in=[row.pk for row in shown])).order_by("-resolved_at", "-id")))
    else:
        rows = rows.filter(state=asked.view)
        shown = Paginator(_ranked(rows), GROUPS).get_page(page)
        groups = _filled(list(shown), rows)
    _equip(groups, user, now)
    return Inbox(shown, groups, counts, list(AlertRule.objects.order_by("name")), counts.get(asked.view, 0))


def _narrowed(rows: Any, user: User, asked: Asked, now: datetime) -> Any:
    if asked.whose == "mine":
        helped = AccountRole.objects.filter(user=user).values("account")
        rows = rows.filter(Q(owner=user) | Q(account__owner=user) | Q(account__in=helped))
    elif asked.whose == "team":
        rows = rows.filter(account__owner__team=user.team_id) if user.team_id else rows.none()
    if asked.severity:
        rows = rows.filter(severity=asked.severity)
    if asked.rule:
        rows = rows.filter(rule__key=asked.rule)
    if asked.account is not None:
        rows = rows.filter(account=asked.account)
    since = {"day": timedelta(days=1), "week": timedelta(days=7), "old": timedelta(days=7)}.get(asked.age)
    if since is not None:
        rows = rows.filter(opened_at__lte=now - since) if asked.age == "old" else rows.filter(opened_at__gt=now - since)
    return rows


def _ranked(rows: QuerySet[Alert]) -> Any:
    """Groups, the costliest first: severity (1, 2 or 4) x ARR x chance of leaving. What cannot wait about the platform itself stands above."""
    groups = (
        rows.order_by()
        .values("account")
        .annotate(count=Count("pk"), weight=Max(_WEIGHT), stake=Coalesce(Max(_STAKE), Value(0.0)), newest=Max("opened_at"))
    )
    ours_first = Case(When(account__isnull=True, weight=4, then=Value(0)), default=Value(1), output_field=IntegerField())
    return groups.order_by(ours_first, (F("weight") * F("stake")).desc(), F("weight").desc(), "-newest", F("account").asc(nulls_last=True))


def _full(rows: Any) -> Any:
    return rows.select_related("account__risk", "account__owner", "rule", "owner", "useful_by")


def _filled(found: list[dict[str, Any]], rows: Any) -> list[Group]:
    word = {4: Severity.URGENT, 2: Severity.WARNING, 1: Severity.INFO}
    groups = {row["account"]: Group(None, row["count"], word[row["weight"]]) for row in found}
    if not groups:
        return []
    keys = [key for key in groups if key is not None]
    of_them = Q(account__in=keys) | Q(account__isnull=True) if None in groups else Q(account__in=keys)
    place = Window(RowNumber(), partition_by=F("account"), order_by=[_WEIGHT.desc(), F("opened_at").desc(), F("id").desc()])
    first = rows.filter(of_them).annotate(weight=_WEIGHT, place=place).filter(place__lte=IN_GROUP)
    for alert in _full(first).order_by("place"):
        group = groups[alert.account_id]
        group.account = alert.account
        group.alerts.append(alert)
    return list(groups.values())


def _one_each(alerts: list[Alert]) -> list[Group]:
    return [Group(alert.account, 1, alert.severity, [alert]) for alert in alerts]


def _equip(groups: list[Group], user: User, now: datetime) -> None:
    """What stands beside each alert, and who and what could take care of it; as many statements as there are kinds of it."""
    alerts = [alert for group in groups for alert in group.alerts]
    precisions = known.precision({alert.rule_id for alert in alerts if alert.rule_id}, now=now)
    comments = dict(
        AlertMoment.objects.filter(alert__in=[alert.pk for alert in alerts], deed=Deed.COMMENTED)
        .order_by()
        .values_list("alert")
        .annotate(Count("pk"))
    )
    for alert in alerts:
        alert.precision = precisions.get(alert.rule_id or 0, known.NOTHING)
        alert.comments = comments.get(alert.pk, 0)
    if not user.may_act:
        return
    accounts = {group.account.pk for group in groups if group.account is not None}
    helpers: dict[int, list[User]] = defaultdict(list)
    for row in AccountRole.objects.filter(account__in=accounts, user__is_active=True).select_related("user"):
        helpers[row.account_id].append(row.user)
    plays = startable()
    running = set(Enrolment.objects.running().filter(account__in=accounts).values_list("account", "play"))
    for group in groups:
        account = group.account
        if account is None:
            group.people = [user] if user.sees_everything else []
            continue
        owner = [account.owner] if account.owner is not None and account.owner.is_active else []
        group.people = list({person.pk: person for person in [user, *owner, *helpers[account.pk]]}.values())
        group.plays = [play for play in plays if (account.pk, play.pk) not in running]


def startable() -> list[Play]:
    """Plays that are offered to somebody who looks into an alert: for a risk, then those that only people start."""
    return list(Play.objects.filter(state=PlayState.LIVE, starts_on__in=("event:risk.raised", "manual")).order_by("starts_on", "name"))
