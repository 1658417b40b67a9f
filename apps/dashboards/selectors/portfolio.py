"""The book of accounts as a list: filtered, searched, sorted and paged, with the same number of queries at any size."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

from apps.accounts.models import Account, DailyRollup
from apps.accounts.types import Stage
from apps.churn.types import Band
from apps.interventions.models import Enrolment, Task

from ..types import PortfolioRow
from . import risk

PAGE_SIZE = 50
RENEWAL_DAYS = (30, 60, 90, 180)
# Column -> the expression it sorts by.
SORTS: dict[str, Any] = {
    "name": Lower("name"),
    "risk": F("risk__probability"),
    "change": F("risk__probability") - F("risk__before"),
    "arr": F("arr"),
    "stake": F("stake"),
    "renewal": F("renews_on"),
    "activity": F("last_day"),
    "owner": Lower("owner__full_name"),
}
# The most to lose first.
DEFAULT_SORT = "-stake"


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see; anything nonsensical in the address means "no filter"."""

    words: str = ""
    band: str = ""
    stage: str = ""
    owner: str = ""
    renewal: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1

    @classmethod
    def read(cls, query: Any) -> "Asked":
        stage, band, owner, renewal = (query.get(name, "") for name in ("stage", "band", "owner", "renewal"))
        sort, page = query.get("sort", ""), query.get("page", "1")
        return cls(
            words=query.get("q", "").replace("\x00", "").strip()[:100],
            band=band if band in Band.values else "",
            stage=stage if stage in Stage.values else "",
            owner=owner if owner == "none" or (owner.isascii() and owner.isdigit() and len(owner) < 10) else "",
            renewal=renewal if renewal in map(str, RENEWAL_DAYS) else "",
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    @property
    def narrowed(self) -> bool:
        return any((self.words, self.band, self.stage, self.owner, self.renewal))


def page(user: Any, asked: Asked, *, now: datetime) -> tuple[Page, list[PortfolioRow]]:
    """One page of rows; churned customers appear only when asked for by stage."""
    found = Paginator(_sorted(_filtered(user, asked, now), asked.sort), PAGE_SIZE).get_page(asked.page)
    today = now.date()
    rows = []
    for account in found.object_list:
        renews_in = (account.renews_on - today).days if account.renews_on else None
        rows.append(PortfolioRow(account=account, risk=risk.of(account), stake=getattr(account, "stake", None), renews_in=renews_in))
    _fill(rows)
    return found, rows


def _filtered(user: Any, asked: Asked, now: datetime) -> QuerySet[Account]:
    accounts = Account.objects.for_user(user)
    accounts = accounts.filter(stage=asked.stage) if asked.stage else accounts.at_risk()
    if asked.words:
        accounts = accounts.filter(Q(name__icontains=asked.words) | Q(domain__icontains=asked.words) | Q(external_id__iexact=asked.words))
    if asked.band:
        accounts = accounts.filter(risk__band=asked.band, risk__probability__isnull=False)
    if asked.owner:
        accounts = accounts.filter(owner__isnull=True) if asked.owner == "none" else accounts.filter(owner=int(asked.owner))
    if asked.renewal:
        accounts = accounts.filter(renews_on__gte=now.date(), renews_on__lte=now.date() + timedelta(days=int(asked.renewal)))
    return accounts


def _sorted(accounts: QuerySet[Account], sort: str) -> QuerySet[Account]:
    """Empty values stand last in both directions; the id keeps pages from overlapping."""
    column = sort.removeprefix("-")
    if column == "activity":
        accounts = accounts.annotate(last_day=_last_day())
    order = OrderBy(SORTS[column], descending=sort.startswith("-"), nulls_last=True)
    return accounts.select_related("risk", "owner").annotate(stake=risk.at_stake()).order_by(order, "id")


def _last_day() -> Subquery:
    """One step backwards in the rollups' index per account, instead of reading two years of days."""
    return Subquery(DailyRollup.objects.filter(account=OuterRef("pk")).order_by("-day").values("day")[:1])


def _fill(rows: list[PortfolioRow]) -> None:
    ids = [row.account.pk for row in rows]
    last = dict(Account.objects.filter(pk__in=ids).annotate(last_day=_last_day()).values_list("pk", "last_day"))
    steps: dict[int, str] = defaultdict(str)
    for account_id, name in Enrolment.objects.running().filter(account__in=ids).order_by("-id").values_list("account_id", "play__name"):
        steps[account_id] = f"Play: {name}"
    for account_id, title in Task.objects.waiting().filter(account__in=ids).order_by("-due_at").values_list("account_id", "title"):
        steps[account_id] = title
    for row in rows:
        row.last_activity, row.next_step = last.get(row.account.pk), steps[row.account.pk]


def owners(user: Any) -> list[tuple[int, str]]:
    """Who owns accounts in this person's view; a single owner is no choice."""
    rows = (
        Account.objects.for_user(user)
        .filter(owner__isnull=False)
        .order_by("owner__full_name")
        .values_list("owner", "owner__full_name", "owner__email")
        .distinct()
    )
    return [(pk, name or email) for pk, name, email in rows]
