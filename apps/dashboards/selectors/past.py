"""Accounts as they were: every fact of a later moment is taken back, from the history of fields, the ledger and the stored scores."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from apps.accounts import selectors as stored
from apps.accounts.models import Account, AccountQuerySet, ArrMovement, User
from apps.accounts.types import Stage
from apps.churn.models import Prediction
from apps.churn.types import Band
from apps.core.reading import Reading, asked, gather

from ..types import RiskView
from . import risk


def day_of(word: str, today: date | None) -> date | None:
    """The day an address asks for, if it is over; None is the present."""
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return day if today is not None and day < today else None


def end_of(day: date, now: datetime) -> datetime:
    """The last moment of a day in the reader's zone; today ends now."""
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), now.tzinfo)
    return min(end, now)


def customers_then(accounts: AccountQuerySet, day: date) -> AccountQuerySet:
    """Who was a customer at the end of that day."""
    return accounts.filter(Q(churned_on__isnull=True) | Q(churned_on__gt=day)).filter(Q(started_on__isnull=True) | Q(started_on__lte=day))


def taken_back(accounts: Sequence[Account] | QuerySet[Account], keys: Sequence[int], moment: datetime) -> Reading[None]:
    """Give the accounts with these keys the fields they had at a moment; what the history does not know has held its present value since.

    A queryset of them is read in the same statement as their history.
    """
    day = moment.date()
    _, before, booked = yield from gather(
        asked(*([accounts] if isinstance(accounts, QuerySet) else [])), stored.as_of(keys, moment), _booked(keys, day)
    )
    people = User.objects.filter(pk__in={fields["owner_id"] for fields in before.values() if fields.get("owner_id")})
    yield people
    owners = {person.pk: person for person in people}
    for account in accounts:
        for name, value in before[account.pk].items():
            if name.startswith("traits."):
                account.traits[name.removeprefix("traits.")] = value
            elif name == "owner_id":
                account.owner = owners.get(value) if value else None
            elif hasattr(account, name):
                setattr(account, name, value if value is not None or account._meta.get_field(name).null else "")
        if account.pk in booked:
            account.arr = booked[account.pk].get(account.currency, Decimal(0))
        if account.churned_on is not None and account.churned_on > day:
            account.churned_on = None
            account.stage = Stage.ACTIVE if account.stage == Stage.CHURNED else account.stage


def _booked(keys: Sequence[int], day: date) -> Reading[dict[int, dict[str, Decimal]]]:
    """What the ledger says of that day, by account and currency; accounts without any movement are left out."""
    found: dict[int, dict[str, Decimal]] = {}
    movements = ArrMovement.objects.filter(account__in=keys).values_list("account", "currency").order_by()
    rows = movements.annotate(then=Sum("amount", filter=Q(effective_on__lte=day)))
    yield rows
    for account_id, currency, amount in rows:
        found.setdefault(account_id, {})[currency] = amount or Decimal(0)
    return found


def risks(keys: Sequence[int], moment: datetime) -> Reading[dict[int, RiskView]]:
    """The risk that was known at a moment, from the stored predictions, with its change against the week before."""
    newest, before = _newest(keys, moment).select_related("model"), _newest(keys, moment - timedelta(days=7))
    yield newest, before
    week = {row.account_id: row.probability for row in before}
    return {row.account_id: _view(row, week.get(row.account_id)) for row in newest}


def _newest(keys: Sequence[int], moment: datetime) -> QuerySet[Prediction]:
    told = Prediction.objects.filter(account__in=keys, model__definition__is_default=True, as_of__lte=moment)
    return told.order_by("account_id", "-as_of", "-id").distinct("account_id")


def _view(row: Any, before: float | None) -> RiskView:
    return RiskView(
        band=row.band,
        word=Band(row.band).label,
        points=round(row.probability * 100),
        chance=row.probability,
        is_probability=row.model.kind != "rule",
        change=None if before is None else round(row.probability * 100) - round(before * 100),
        whys=risk.whys(row.reasons),
        source=str(row.model),
        as_of=row.as_of,
        stale=False,
    )
