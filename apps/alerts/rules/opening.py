"""From what began to alerts: one for all where the cause must be ours, else each, the weightiest loudly and the rest in the digest."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time

from django.db import transaction
from django.db.models import Count

from apps.accounts.models import Account
from apps.core.actor import Actor

from ..models import Alert, AlertRule, RuleDay, Watched
from ..opening import open_alert
from ..services import settle
from ..types import Severity
from . import telling
from .backtest import at_once, is_missing
from .hysteresis import RELEASE
from .reading import known
from .telling import read_of

_PER_TRANSACTION = 50
# So far beyond its limit a matter is as sure as it gets.
_SURE = 2.0


def open_beginnings(rule: AlertRule, row: RuleDay, *, now: datetime, actor: Actor) -> None:
    """Tell what began on a day that was judged. Told memories are marked with their alert, so that nothing is told twice or lost."""
    says = read_of(rule)
    began = Watched.objects.filter(rule=rule, began_on=row.day).count()
    together = at_once(says, began=began, looked=row.looked)
    waiting = Watched.objects.filter(rule=rule, untold=True)
    if together:
        with transaction.atomic():
            open_alert(telling.together(rule, began=began, looked=row.looked, day=row.day), actor=actor, now=now)
            of_the_day = Watched.objects.filter(rule=rule, began_on=row.day)
            for account_id in of_the_day.filter(untold=False).values_list("account_id", flat=True):
                # Told before the day was over; the one alert stands for it now.
                settle_one(rule, account_id, now=now, actor=actor)
            of_the_day.update(untold=False)
    tell(rule, list(waiting.select_related("account", "account__owner")), now=now, actor=actor)
    _settle_together(rule, row, now, actor)
    RuleDay.objects.filter(pk=row.pk).update(told_at=now, began=began, together=together)


def tell(rule: AlertRule, rows: Sequence[Watched], *, now: datetime, actor: Actor) -> None:
    """Open an alert for each of these beginnings, the weightiest first: money at stake times how sure it is."""
    if not rows:
        return
    ranked = sorted(rows, key=_weight, reverse=True)
    loud = _loud_today({row.account.owner_id for row in ranked if row.account and row.account.owner_id}, now)
    budget = read_of(rule).budget
    beyond = set()
    for row in ranked:
        owner = row.account.owner_id if row.account else None
        if owner is None or rule.severity == Severity.URGENT:
            continue
        if loud[owner] >= budget:
            beyond.add(row.account_id)
        else:
            loud[owner] += 1
    # In the order of accounts, each of whose incidents is held meanwhile.
    ordered = sorted(rows, key=lambda row: row.account_id or 0)
    for at in range(0, len(ordered), _PER_TRANSACTION):
        with transaction.atomic():
            some = ordered[at : at + _PER_TRANSACTION]
            for row in some:
                facts = _facts(rule, row) | ({"digest": f"beyond today's {budget}"} if row.account_id in beyond else {})
                open_alert(telling.matter(rule, row.account, facts), actor=actor, now=now)
            Watched.objects.filter(pk__in=[row.pk for row in some if row.pk]).update(untold=False)


def settle_one(rule: AlertRule, account_id: int | None, *, now: datetime, actor: Actor) -> int:
    return settle(telling.KIND, telling.about(rule, account_id), actor=actor, now=now)


def tell_missing(rule: AlertRule, row: RuleDay, *, now: datetime, actor: Actor) -> None:
    """A day of which most is not known is a matter of the data; a day that is there again settles it."""
    says = read_of(rule)
    if is_missing(says, missing=row.missing, looked=row.looked):
        open_alert(telling.missing_day(known(says).metric, day=row.day, missing=row.missing), actor=actor, now=now)
    elif row.looked:
        settle(telling.MISSING_DAY, says.figure, actor=actor, now=now)


def _settle_together(rule: AlertRule, row: RuleDay, now: datetime, actor: Actor) -> None:
    """The one alert for many is over when few of them still fire."""
    says = read_of(rule)
    firing = Watched.objects.filter(rule=rule, since__isnull=False).count()
    if firing <= RELEASE * says.together.share * row.looked:
        settle(telling.KIND, telling.together_about(rule), actor=actor, now=now)


def _weight(row: Watched) -> tuple[float, int]:
    """ARR times how sure it is: 0.5 at the limit, 1 at twice the limit and beyond."""
    arr = float(row.account.arr) if row.account else 0.0
    return arr * min(row.far, _SURE) / _SURE, -(row.account_id or 0)


def _loud_today(owners: set[int], now: datetime) -> Counter[int]:
    """How many alerts of rules each person was told loudly since midnight UTC."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(0), UTC)
    told = (
        Alert.objects.filter(kind=telling.KIND, account__owner__in=owners, opened_at__gte=midnight)
        .exclude(facts__has_key="digest")
        .values_list("account__owner")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return Counter(dict(told))


def _facts(rule: AlertRule, row: Watched) -> dict[str, object]:
    account: Account | None = row.account
    since = row.since.isoformat() if row.since else row.facts.get("day")
    return {"figure": read_of(rule).figure, **row.facts, "far": round(row.far, 2), "since": since, "arr": float(account.arr) if account else None}
