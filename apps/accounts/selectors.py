"""Reading customers and their activity across tables. Never writes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Case, IntegerField, Max, Value, When
from django.db.models.functions import Upper

from apps.core.reading import Reading
from apps.core.search import find
from apps.events import selectors as events

from . import calls, rates, revenue  # noqa: F401  (parts of this module's face that are nouns of their own)
from .models import Account, DailyRollup, User

_SEARCHED = ("name", "domain", "external_id", "contacts__email", "contacts__name")

_WEEKLY = """
select account_id, (%(last)s::date - day) / 7 as weeks_ago, sum(count)
from accounts_dailyrollup
where account_id = any(%(accounts)s) and day > %(last)s::date - %(days)s and day <= %(last)s::date
group by 1, 2
"""


def weekly_activity(account_ids: Sequence[int], *, until: datetime, weeks: int = 12) -> dict[int, list[float]]:
    """Activity events per week, oldest first, for every account asked about; the last week ends with the day (UTC) of `until`. One statement."""
    found = {key: [0.0] * weeks for key in account_ids}
    with connection.cursor() as cursor:
        cursor.execute(_WEEKLY, {"accounts": list(found), "last": until.date(), "days": weeks * 7})
        for account, weeks_ago, count in cursor.fetchall():
            found[account][weeks - 1 - weeks_ago] = float(count)
    return found


def last_activity(account_ids: Sequence[int]) -> dict[int, date]:
    """The last day (UTC) with activity; accounts without any are left out. One statement."""
    rows = DailyRollup.objects.filter(account__in=list(account_ids)).values_list("account").annotate(last=Max("day")).order_by()
    return dict(rows)


def last_activity_of_all() -> date | None:
    """The newest day with any activity at all."""
    found: date | None = DailyRollup.objects.aggregate(last=Max("day"))["last"]
    return found


def search(user: User | AnonymousUser, words: str, limit: int = 10) -> list[Account]:
    """Accounts of this person's book in which every word occurs: in the name, domain, id, or a contact's name or email.

    Names that begin with the words come first, then other names, then the rest.
    """
    words = words.replace("\0", "").strip()
    if not words:
        return []
    book = Account.objects.for_user(user).select_related("owner")
    beginning = list(book.filter(name__istartswith=words).order_by(Upper("name"), "id")[:limit])
    if len(beginning) == limit:
        return beginning
    found, _ = find(book.exclude(pk__in=[account.pk for account in beginning]), _SEARCHED, words)
    closeness = Case(
        When(external_id__iexact=words, then=Value(0)),
        When(name__icontains=words, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return [*beginning, *found.order_by(closeness, "name", "id")[: limit - len(beginning)]]


def as_of(account_ids: Sequence[int], moment: datetime) -> Reading[dict[int, dict[str, Any]]]:
    """The fields of these accounts that held something else at a moment, with what they held; every other field has held its present value since.

    Values in the model's own types; a trait under traits.NAME.
    """
    before = yield from events.values_before([f"account:{key}" for key in account_ids], moment)
    return {key: {name: _typed(name, value) for name, value in before.get(f"account:{key}", {}).items()} for key in account_ids}


def _typed(name: str, value: Any) -> Any:
    if name.startswith("traits.") or value is None:
        return value
    field = Account._meta.get_field(name.removesuffix("_id") if name.endswith("_id") and name != "external_id" else name)
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)  # type: ignore[union-attr]
