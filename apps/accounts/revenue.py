"""Revenue over any periods and segments, from the ledger alone: one SQL statement, whatever the number of accounts, periods and segments.

Several currencies meet at the rates of a period's first day, for its opening as well as its closing, so that a moving rate is no growth; what moving
rates did is told apart (`fx`). A currency without a rate stays out of the sums and is named. Formulas and a worked example: docs/revenue.md.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, DecimalField, ExpressionWrapper, F, Min, Q, QuerySet, Sum, Value, When

from . import rates
from .models import Account, ArrMovement, ExchangeRate, User
from .types import MovementKind

# How accounts are grouped: the SQL of the group's key over book `b`, or over the movement `m` for currencies.
_KEYS = {
    "all": "''",
    "tier": "b.tier",
    "plan": "b.plan",
    "segment": "b.segment",
    "owner": "coalesce(b.owner_id::text, '')",
    "currency": "''",
    "tag": "unnest(case when b.tags = '{}' then array['']::varchar[] else b.tags end)",
}
GROUPINGS = tuple(_KEYS)
# Pairs of grouping and key that an account must all fit.
Narrowing = Sequence[tuple[str, str]]
_OWNER = re.compile(r"[0-9]{1,18}")
FIGURES = ("opening", *(kind.value for kind in MovementKind), "closing", "nrr", "grr", "lost")

_BOOK = "with book as materialized (select a.id, a.tier, a.plan, a.segment, a.owner_id, a.tags from accounts_account a where "
_KEYED = "), keys as (select b.id as account_id, "
_REST = """ as key from book b
), buckets as (
    select n, starts_on, ends_on from unnest(%(starts)s::date[], %(ends)s::date[]) with ordinality as b(starts_on, ends_on, n)
), moved as (
    select m.account_id, m.currency, width_bucket(m.effective_on, %(starts)s::date[]) as bucket, sum(m.amount) as amount,
           sum(m.amount) filter (where m.kind = 'new') as new, sum(m.amount) filter (where m.kind = 'expansion') as expansion,
           sum(m.amount) filter (where m.kind = 'contraction') as contraction, sum(m.amount) filter (where m.kind = 'churn') as churn,
           sum(m.amount) filter (where m.kind = 'reactivation') as reactivation
    from accounts_arrmovement m
    where m.effective_on < %(until)s and m.recorded_at <= %(known_at)s and m.account_id in (select id from book)
      and (%(currency)s = '' or m.currency = %(currency)s)
    group by 1, 2, 3
), keyed as materialized (
    select m.*, case when %(apart)s then m.currency else k.key end as key from moved m join keys k using (account_id)
), rates as (
    select b.n, c.currency, known.at_start, known.at_end
    from buckets b cross join (select distinct currency from keyed) c
    cross join lateral (
        select case when %(apart)s or c.currency = %(into)s then 1 else (
                   select rate from accounts_exchangerate e where e.into = %(into)s and e.currency = c.currency and e.valid_from <= b.starts_on
                   and e.recorded_at <= %(known_at)s order by e.valid_from desc, e.recorded_at desc limit 1) end as at_start,
               case when %(apart)s or c.currency = %(into)s then 1 else (
                   select rate from accounts_exchangerate e where e.into = %(into)s and e.currency = c.currency and e.valid_from <= b.ends_on
                   and e.recorded_at <= %(known_at)s order by e.valid_from desc, e.recorded_at desc limit 1) end as at_end) known
), grid as (
    -- Every period in which an account moved, in each of its currencies; period 0 is all that was before.
    select s.account_id, s.key, c.currency, s.bucket, coalesce(k.amount, 0) as amount, k.new, k.expansion, k.contraction, k.churn, k.reactivation,
           sum(coalesce(k.amount, 0)) over (partition by s.account_id, s.key, c.currency order by s.bucket) as closing
    from (select distinct account_id, key, bucket from keyed) s
    join (select distinct account_id, key, currency from keyed) c on c.account_id = s.account_id and c.key = s.key
    left join keyed k on k.account_id = s.account_id and k.key = s.key and k.currency = c.currency and k.bucket = s.bucket
), worth as (
    select g.account_id, g.key, g.bucket, sum(g.closing - g.amount) as had, sum(g.closing) as has,
           coalesce(sum((g.closing - g.amount) * r.at_start), 0) as opening, coalesce(sum(g.closing * r.at_start), 0) as closing,
           sum(g.new * r.at_start) as new, sum(g.expansion * r.at_start) as expansion, sum(g.contraction * r.at_start) as contraction,
           sum(g.churn * r.at_start) as churn, sum(g.reactivation * r.at_start) as reactivation
    from grid g left join rates r on r.n = g.bucket and r.currency = g.currency
    group by 1, 2, 3
), flow as (
    select key, bucket, sum(new) as new, sum(expansion) as expansion, sum(contraction) as contraction, sum(churn) as churn,
           sum(reactivation) as reactivation, sum(closing - opening) filter (where opening > 0) as kept_change,
           sum(greatest(opening - closing, 0)) filter (where opening > 0) as shrunk,
           count(*) filter (where had = 0 and has > 0) as came, count(*) filter (where had > 0 and has = 0) as lost
    from worth group by 1, 2
), balance as (
    select p.key, p.currency, b.n, coalesce(sum(f.amount) filter (where f.bucket < b.n), 0) as opening, coalesce(sum(f.amount), 0) as closing,
           coalesce(bool_or(f.bucket = b.n), false) as moves
    from (select distinct key, currency from keyed) p cross join buckets b
    left join (select key, currency, bucket, sum(amount) as amount from keyed group by 1, 2, 3) f
        on f.key = p.key and f.currency = p.currency and f.bucket <= b.n
    group by 1, 2, 3
), total as (
    select b.key, b.n, coalesce(sum(b.opening * r.at_start), 0) as opening, coalesce(sum(b.closing * r.at_start), 0) as closing,
           coalesce(sum(b.closing * r.at_end) filter (where r.at_start is not null), 0) as closing_at_end,
           coalesce(jsonb_object_agg(b.currency, b.closing::text)
                    filter (where r.at_start is null and (b.opening <> 0 or b.closing <> 0 or b.moves)), '{}') as missing
    from balance b join rates r on r.n = b.n and r.currency = b.currency group by 1, 2
)
select t.key, t.n, t.opening, coalesce(f.new, 0), coalesce(f.expansion, 0), coalesce(f.contraction, 0), coalesce(f.churn, 0),
       coalesce(f.reactivation, 0), t.closing, t.closing_at_end - t.closing, t.missing, coalesce(f.kept_change, 0), coalesce(f.shrunk, 0),
       (select coalesce(sum(came - lost), 0) from flow before where before.key = t.key and before.bucket < t.n), coalesce(f.came, 0),
       coalesce(f.lost, 0)
from total t left join flow f on f.key = t.key and f.bucket = t.n
order by t.n, t.closing desc, t.key
"""


@dataclass(frozen=True)
class Period:
    """From the morning of `start` to the morning of `end`: the last day belongs to the next period."""

    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """The revenue of a group in a period. Amounts are ARR in `currency`, decreases below zero; they add up: opening + movements = closing.

    `missing` holds currencies without a rate on the period's first day and what they close with: they are in none of the sums.
    """

    key: str
    period: Period
    currency: str
    opening: Decimal
    new: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    reactivation: Decimal
    closing: Decimal
    fx: Decimal
    missing: dict[str, Decimal]
    kept_change: Decimal
    shrunk: Decimal
    customers: int
    came: int
    lost: int

    @property
    def mrr(self) -> Decimal:
        return self.closing / 12

    @property
    def nrr(self) -> Decimal | None:
        """What the customers of the period's start pay at its end, as a share of what they paid; None when nobody paid: we cannot tell."""
        return (self.opening + self.kept_change) / self.opening if self.opening else None

    @property
    def grr(self) -> Decimal | None:
        """The same without anybody's growth: each customer counts with the smaller of start and end."""
        return (self.opening - self.shrunk) / self.opening if self.opening else None

    @property
    def logo_churn(self) -> Decimal | None:
        return Decimal(self.lost) / self.customers if self.customers else None

    @property
    def quick_ratio(self) -> Decimal | None:
        """Growth over loss; None when nothing was lost."""
        loss = -(self.contraction + self.churn)
        return (self.new + self.expansion + self.reactivation) / loss if loss else None


def figures(user: User | AnonymousUser, periods: Sequence[Period], *, by: str = "all", only: Narrowing = (), known_at: datetime) -> list[Figures]:
    """Figures of this person's book for periods that follow each other, per group, as known at that moment. One statement.

    `by` is one of GROUPINGS; currencies are each in their own. `only=[("plan", "Team")]` narrows to groups; groups are the accounts' present ones.
    An account with several tags counts in each.
    """
    where, params = _scope(narrowed(Account.objects.for_user(user), only))
    currency = currency_of(only)
    params |= {
        "starts": [period.start for period in periods],
        "ends": [period.end for period in periods],
        "until": periods[-1].end,
        "known_at": known_at,
        "apart": by == "currency",
        "currency": currency,
        "into": currency or rates.workspace(),
    }
    with connection.cursor() as cursor:
        cursor.execute("".join((_BOOK, where, _KEYED, _KEYS[by], _REST)), params)
        return [_figures(row, periods, by, str(params["into"])) for row in cursor.fetchall()]


def total(user: User | AnonymousUser, period: Period, *, only: Narrowing = (), known_at: datetime) -> Figures:
    """The figures of the whole book, or of one group; nought where there are no movements."""
    found = figures(user, [period], only=only, known_at=known_at)
    if found:
        return found[0]
    nothing = ("", 1, *(Decimal(),) * 8, "{}", Decimal(), Decimal(), 0, 0, 0)
    return _figures(nothing, [period], "all", currency_of(only) or rates.workspace())


def movements(user: User | AnonymousUser, period: Period, *, figure: str, only: Narrowing = (), known_at: datetime) -> QuerySet[ArrMovement]:
    """The movements that make a figure, newest first, each with its `worth` at the period's rates (None without a rate). Their sum is the figure's.

    For NRR all movements of the customers of the period's start; for GRR those of the ones that pay less at its end, and for `lost` those of the ones
    that are gone.
    """
    accounts = narrowed(Account.objects.for_user(user), only)
    found = _known(known_at).filter(account__in=accounts.order_by().values("pk"))
    if currency := currency_of(only):
        found = found.filter(currency=currency)
    worth = _worth(period.start, known_at, apart=bool(currency))
    found = found.annotate(worth=worth).select_related("account", "subscription").order_by("-effective_on", "-id")
    inside = Q(effective_on__gte=period.start, effective_on__lt=period.end)
    if figure == "opening":
        return found.filter(effective_on__lt=period.start)
    if figure == "closing":
        return found.filter(effective_on__lt=period.end)
    if figure in MovementKind.values:
        return found.filter(inside, kind=figure)
    per_account = found.order_by().values("account").filter(effective_on__lt=period.end)
    before = Q(effective_on__lt=period.start)
    if figure == "lost":
        gone = per_account.annotate(had=Sum("amount", filter=before), left=Sum("amount")).filter(had__gt=0, left=0)
        return found.filter(inside, account__in=gone.values("account"))
    paid = per_account.annotate(opening=Sum("worth", filter=before), change=Sum("worth", filter=inside)).filter(opening__gt=0)
    return found.filter(inside, account__in=(paid.filter(change__lt=0) if figure == "grr" else paid).values("account"))


def first_day(user: User | AnonymousUser) -> date | None:
    """The day of the first movement in this person's book."""
    found: date | None = ArrMovement.objects.for_user(user).aggregate(first=Min("effective_on"))["first"]
    return found


def rates_on(day: date, *, known_at: datetime) -> dict[str, Decimal]:
    """The rates into the workspace's currency that count on that day, as known at that moment; its own is 1."""
    rows = ExchangeRate.objects.filter(into=rates.workspace(), valid_from__lte=day, recorded_at__lte=known_at)
    newest = rows.order_by("currency", "-valid_from", "-recorded_at").distinct("currency").values_list("currency", "rate")
    return {**dict(newest), rates.workspace(): Decimal(1)}


def currency_of(only: Narrowing) -> str:
    """The currency a question is narrowed to, which is then also the one it is answered in; empty for none."""
    return next((key for by, key in only if by == "currency"), "")


def narrowed(accounts: QuerySet[Account], only: Narrowing) -> QuerySet[Account]:
    for by, key in only:
        if by == "tag":
            accounts = accounts.filter(tags__contains=[key]) if key else accounts.filter(tags=[])
        elif by == "owner":
            accounts = accounts.filter(owner=int(key)) if _OWNER.fullmatch(key) else accounts.filter(owner__isnull=True)
        elif by in ("tier", "plan", "segment"):
            accounts = accounts.filter(**{by: key})
    return accounts


def _known(known_at: datetime) -> QuerySet[ArrMovement]:
    return ArrMovement.objects.filter(recorded_at__lte=known_at)


def _worth(day: date, known_at: datetime, *, apart: bool) -> Any:
    if apart:
        return F("amount")
    branches = [When(currency=currency, then=Value(rate)) for currency, rate in rates_on(day, known_at=known_at).items()]
    return ExpressionWrapper(F("amount") * Case(*branches, output_field=DecimalField()), output_field=DecimalField())


def _scope(accounts: QuerySet[Account]) -> tuple[str, dict[str, Any]]:
    """The book as a condition with named parameters, because the statement around it names its own."""
    if not accounts.query.where:
        return "true", {}
    try:
        sql, values = accounts.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "false", {}
    names = [f"scope_{place}" for place in range(len(values))]
    return f"a.id in ({sql % tuple(f'%({name})s' for name in names)})", dict(zip(names, values, strict=True))


def _figures(row: Sequence[Any], periods: Sequence[Period], by: str, into: str) -> Figures:
    key, number, opening, new, expansion, contraction, churn, reactivation, closing, fx, missing, kept_change, shrunk, customers, came, lost = row
    return Figures(
        key=key,
        period=periods[number - 1],
        currency=key if by == "currency" else into,
        opening=opening,
        new=new,
        expansion=expansion,
        contraction=contraction,
        churn=churn,
        reactivation=reactivation,
        closing=closing,
        fx=fx,
        missing={currency: Decimal(amount) for currency, amount in json.loads(missing).items()},
        kept_change=kept_change,
        shrunk=shrunk,
        customers=int(customers),
        came=came,
        lost=lost,
    )
