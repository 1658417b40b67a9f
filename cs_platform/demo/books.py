"""The demo company's books: two years of ARR movements that end in each account's present ARR, exchange rates, renewals that were called and decided.

Set-based and drawn from hashes of the accounts' own ids, so that the same company always has the same books. What falls into the replayed weeks goes
through the product's services (`live`).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import cos, sin
from typing import Any

from django.db import connection

from apps.accounts import services as accounts
from apps.accounts.models import ExchangeRate, Renewal, RenewalCall
from apps.accounts.selectors import calls, rates
from apps.accounts.types import Call, CallBy, RenewalState
from apps.churn.renewals import call_renewals
from apps.core.actor import Actor
from apps.core.shares import position

ACTOR = Actor.job("demo_world")
CURRENCIES = {"United Kingdom": "GBP", "Germany": "EUR", "Netherlands": "EUR"}
# Share of gates at which a success manager speaks, and of renewals that bring the same, more, or less.
SPOKEN, SAME, MORE = 0.6, 0.6, 0.85

# A number from 0 to 99 that belongs to an account and a purpose.
_DRAW = "(('x' || substr(md5(a.external_id || {purpose}), 1, 7))::bit(28)::int % 100)"
_MOVEMENTS = """
with a as (
    select a.id, a.external_id, a.arr, a.currency, a.started_on, a.churned_on, s.id as contract,
           coalesce(a.churned_on, case when a.id = any(%(leaving)s) then %(known_on)s::date else %(today)s::date end) - 20 as until
    from accounts_account a left join accounts_subscription s on s.external_id = a.external_id || '-contract'
    where a.synthetic and a.arr > 0 and a.started_on is not null
), drawn as (
    select a.*, n, a.started_on + 60 + (n - 1) * 170 + {day} as on_day,
           round(a.arr * case when {sign} < 74 then 0.05 + {size} * 0.002 else -0.04 - {size} * 0.0012 end) as amount
    from a cross join generate_series(1, 4) n
    where {taken} < 62
), steps as (
    select * from drawn where on_day < until and amount <> 0
), movements as (
    select a.id, a.contract, case when n.kind = 'new' then 'new' else 'churn' end as kind,
           case when n.kind = 'new' then a.arr - coalesce((select sum(amount) from steps where steps.id = a.id), 0) else -a.arr end as amount,
           a.currency, case when n.kind = 'new' then a.started_on else a.churned_on end as on_day, n.kind as part, '' as reason
    from a cross join (values ('new'), ('churn')) as n(kind) where n.kind = 'new' or a.churned_on is not null
    union all
    select id, contract, case when amount > 0 then 'expansion' else 'contraction' end, amount, currency, on_day, n::text,
           case when amount > 0 then 'more seats' else 'fewer seats' end from steps
)
insert into accounts_arrmovement (account_id, subscription_id, kind, amount, currency, effective_on, recorded_at, reason, source, actor, idem_key)
select id, contract, kind, amount, currency, on_day, (on_day + time '09:00') at time zone 'UTC', reason, 'demo', 'job:demo_world',
       'demo:' || id || ':' || part
from movements order by on_day, id, amount desc
"""
# Terms that ended inside the replayed weeks end there by the product's own services.
_LATELY = """
update accounts_subscription set renews_on = (renews_on - interval '1 year')::date
where state = 'active' and renews_on - interval '1 year' between %(known_on)s and %(today)s and started_on < renews_on - interval '18 months'
"""
_RENEWALS = """
with terms as (
    select s.id, s.account_id, s.currency, a.churned_on, (s.renews_on - make_interval(years => k))::date as due_on
    from accounts_subscription s join accounts_account a on a.id = s.account_id cross join generate_series(0, 3) k
    where a.synthetic and s.renews_on is not null and (s.renews_on - make_interval(years => k))::date > s.started_on + 200
), stakes as (
    select t.*, coalesce(t.churned_on between t.due_on - 45 and t.due_on + 30, false) as gone,
           (select coalesce(sum(amount), 0) from accounts_arrmovement m where m.subscription_id = t.id and m.effective_on <= t.due_on - 46) as arr,
           (select coalesce(sum(amount), 0) from accounts_arrmovement m where m.subscription_id = t.id and m.effective_on <= t.due_on + 30) as after
    from terms t where t.due_on < %(known_on)s and (t.churned_on is null or t.churned_on >= t.due_on - 45)
)
insert into accounts_renewal (account_id, subscription_id, due_on, arr, currency, booking_type, state, outcome_arr, decided_on, decided_by)
select account_id, id, due_on, arr, currency, 'renewal',
       case when gone or after <= 0 then 'churned' when after > arr then 'expanded' when after < arr then 'contracted' else 'renewed' end,
       case when gone then 0 else greatest(after, 0) end, case when gone then least(churned_on, due_on) else due_on end, 'job:demo_world'
from stakes where arr > 0 order by stakes.due_on, stakes.id
"""
# Success managers are right more often than not, and a little too hopeful.
_CALLS = """
insert into accounts_renewalcall (renewal_id, by, checkpoint, call, probability, at, author_id, source)
select r.id, 'csm', gate, said.call, said.chance, (r.due_on - gate + 2 + time '10:00') at time zone 'UTC', a.owner_id, 'demo'
from accounts_renewal r join accounts_account a on a.id = r.account_id cross join (values (180), (90), (30)) as gates(gate)
cross join lateral (select {word} as word) drawn
cross join lateral (
    select case when word < (case when r.state = 'churned' then 35 else 82 end) then 'good'
                when word < (case when r.state = 'churned' then 78 else 97 end) then 'at_risk' else 'churn' end as call) named
cross join lateral (select named.call, case named.call when 'good' then 0.95 when 'at_risk' then 0.6 else 0.1 end as chance) said
where r.state <> 'open' and a.synthetic and {spoken} < 75 and r.due_on - gate > a.started_on
"""


def _draw(purpose: str) -> str:
    return _DRAW.format(purpose=purpose).replace("%", "%%")


def write(*, known_on: date, until: datetime, leaving: Sequence[int]) -> dict[str, int]:
    """Call it when accounts and contracts are stored, in the same transaction; `leaving` are those who go after `known_on`. Returns counts."""
    drawn = {name: _draw(f"'{name}' || n") for name in ("day", "sign", "size", "taken")}
    said: dict[str, Any] = {"known_on": known_on, "today": until.date(), "leaving": list(leaving)}
    counts = {"rates": len(ExchangeRate.objects.bulk_create(list(_rates(until)), ignore_conflicts=True))}
    calls = _CALLS.format(word=_draw("'word' || r.id || gate"), spoken=_draw("'spoken' || r.id || gate"))
    with connection.cursor() as cursor:
        for name, statement in (("movements", _MOVEMENTS.format(**drawn)), ("lately", _LATELY), ("renewals", _RENEWALS), ("calls", calls)):
            cursor.execute(statement, said)
            counts[name] = cursor.rowcount
    return counts


def _rates(until: datetime) -> list[ExchangeRate]:
    """The first of every month for four years: two currencies that sway a little."""
    found = []
    for back in range(48):
        number = until.year * 12 + until.month - 1 - back
        day = date(number // 12, number % 12 + 1, 1)
        for currency, rate in (("EUR", 1.09 + 0.04 * sin(number / 5)), ("GBP", 1.27 + 0.03 * cos(number / 4))):
            values = {"currency": currency, "into": rates.workspace(), "valid_from": day, "rate": Decimal(f"{rate:.4f}")}
            found.append(ExchangeRate(**values, recorded_at=datetime.combine(day, time(6), UTC), source="demo", actor=str(ACTOR)))
    return [one for one in found if one.currency != one.into]


def live(now: datetime, *, scored: bool) -> None:
    """A day of renewals by the product's own services: opened, called by the model and by people, decided when their day has come."""
    accounts.renewals.plan(actor=ACTOR, now=now)
    for row in Renewal.objects.filter(state=RenewalState.OPEN, due_on__lte=now.date()).select_related("account__owner"):
        share, by = position("renewal", row.pk), Actor.user(row.account.owner) if row.account.owner else ACTOR
        outcome = row.arr * (Decimal(1) if share < SAME else Decimal("1.12") if share < MORE else Decimal("0.9"))
        accounts.renewals.decide(row, outcome_arr=outcome.quantize(Decimal(1)), actor=by, now=now)
    if scored:
        call_renewals(now=now)
        _people_call(now)


def _people_call(now: datetime) -> None:
    """From what is known of the risk, with a mind of their own."""
    spoken = set(RenewalCall.objects.filter(by=CallBy.CSM).values_list("renewal", "checkpoint"))
    for row in Renewal.objects.filter(state=RenewalState.OPEN, account__owner__isnull=False).select_related("account__owner", "account__risk"):
        gate = calls.checkpoint(row.due_on, now.date())
        if (row.pk, gate) in spoken or position(f"speaks:{gate}", row.pk) >= SPOKEN:
            continue
        risk = getattr(row.account, "risk", None)
        chance = 1 - (risk.probability or 0) + (position(f"mind:{gate}", row.pk) - 0.5) * 0.6 if risk else 0.9
        call = calls.in_words(chance)
        assert isinstance(call, Call)
        accounts.renewals.call(row, call=call, author=row.account.owner, actor=Actor.user(row.account.owner), now=now)
