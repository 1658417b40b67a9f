"""Whether an alert of the past would have been of use, by what happened after it.

Useful: within 60 days after it the customer left or shrank, or its risk became high where it was not (not counted for rules on the risk itself).
What people said of a real alert of the rule about the same account within the same week goes before. Where neither is known and fewer than 60 days
have passed, it is too early to say. An alert that led somebody to save the customer counts as not useful here, which is the flaw of every look back.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from ..models import Alert, AlertRule
from .backtest import Fired

WITHIN = timedelta(days=60)
_SAME = timedelta(days=7)
WORDS = (
    "Useful: within 60 days after it the customer left or shrank, or its risk became high, or somebody said so of the real alert. "
    "Too early: fewer than 60 days ago and nothing happened yet."
)
_RISK = ("risk", "risk_band")

_HAPPENED = """
select account_id, day, words from (
    select id as account_id, churned_on as day, 'left' as words from accounts_account where id = any(%(ids)s) and churned_on is not null
    union all
    select m.account_id, m.effective_on, case m.kind when 'churn' then 'left' else 'shrank' end from accounts_arrmovement m
    where m.account_id = any(%(ids)s) and m.kind in ('contraction', 'churn') and m.reverses_id is null
        and not exists (select 1 from accounts_arrmovement u where u.reverses_id = m.id)
    union all
    select account_id, (as_of at time zone 'UTC')::date, 'risk became high' from (
        select p.account_id, p.as_of, p.band, lag(p.band) over (partition by p.account_id order by p.as_of, p.id) as before
        from churn_prediction p join churn_modelversion v on v.id = p.model_id join churn_churndefinition d on d.id = v.definition_id
        where p.account_id = any(%(ids)s) and d.is_default and %(risk)s
    ) risks where band = 'high' and coalesce(before, '') <> 'high'
) found order by account_id, day
"""


@dataclass(frozen=True)
class Verdict:
    """`useful` None: too early to say."""

    useful: bool | None
    words: str


def verdicts(fired: Sequence[Fired], *, rule: AlertRule | None, figure: str, now: datetime) -> list[Verdict]:
    """One for each, in their order."""
    ids = sorted({one.account_id for one in fired if one.account_id is not None})
    happened = _happened(ids, risk=figure not in _RISK)
    said = _said(rule)
    today = now.astimezone(UTC).date()
    return [_verdict(one, happened, said, today) for one in fired]


def _verdict(one: Fired, happened: Mapping[int, list[tuple[date, str]]], said: Mapping[int | None, list[tuple[date, bool]]], today: date) -> Verdict:
    for day, useful in said.get(one.account_id, ()):
        if abs(day - one.day) <= _SAME:
            return Verdict(useful, "somebody said it was useful" if useful else "somebody said it was not useful")
    if one.account_id is not None:
        events = happened.get(one.account_id, [])
        place = bisect_right(events, (one.day, "~"))
        if place < len(events) and events[place][0] <= min(one.day + WITHIN, today):
            day, words = events[place]
            return Verdict(True, f"{words} {(day - one.day).days} days later")
        if today - one.day > WITHIN:
            return Verdict(False, "nothing happened within 60 days")
    return Verdict(None, "too early to say" if one.account_id is not None else "only people can say")


def _happened(ids: list[int], *, risk: bool) -> dict[int, list[tuple[date, str]]]:
    found: dict[int, list[tuple[date, str]]] = {}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_HAPPENED, {"ids": ids, "risk": risk})
            for account, day, words in cursor.fetchall():
                found.setdefault(account, []).append((day, words))
    return found


def _said(rule: AlertRule | None) -> dict[int | None, list[tuple[date, bool]]]:
    found: dict[int | None, list[tuple[date, bool]]] = {}
    if rule is not None and rule.pk:
        for account, at, useful in Alert.objects.filter(rule=rule, useful__isnull=False).values_list("account_id", "opened_at", "useful"):
            found.setdefault(account, []).append((at.astimezone(UTC).date(), bool(useful)))
    return found
