"""Reads kept sums for a person's book, split and filtered; never the accounts, never activity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.accounts.models import AccountRole, User
from apps.accounts.selectors import rates, revenue
from apps.accounts.types import Role

from .formulas import Formula, Sums
from .measures import BY_KEY, CELLS
from .models import NOBODY
from .reckoning import HOUSE

Amounts = dict[tuple[str, str], Decimal]  # measure, currency
ALL = ""


@dataclass(frozen=True)
class Scope:
    """Whose accounts: `owners` None is the house. `others` are accounts of other owners that are in the book all the same."""

    owners: tuple[int, ...] | None
    others: tuple[int, ...] = ()

    @property
    def house(self) -> bool:
        return self.owners is None


def sees_house(user: User | None) -> bool:
    return user is None or bool(user.is_active and user.sees_everything)


def scope_of(user: User | None, filters: Mapping[str, str]) -> Scope:
    """The book that AccountQuerySet.for_user gives, as owners whose sums are kept, narrowed to an owner or a team."""
    scope = _book(user)
    for name in ("owner", "team"):
        if name not in filters:
            continue
        wanted = _owner(filters[name]) if name == "owner" else _members(filters[name])
        owners = wanted if scope.owners is None else tuple(one for one in wanted if one in scope.owners)
        scope = Scope(owners, _of_owners(scope.others, wanted))
    return scope


def _book(user: User | None) -> Scope:
    if user is None:
        return Scope(None)
    if not user.is_active:
        return Scope(())
    if user.sees_everything:
        return Scope(None)
    if Role.TEAM_LEAD in user.roles and user.team_id:
        return Scope(_members(str(user.team_id)))
    others = AccountRole.objects.filter(user=user).exclude(account__owner=user).values_list("account_id", flat=True).distinct()
    return Scope((user.pk,), tuple(others))


def _owner(word: str) -> tuple[int, ...]:
    return (int(word),) if word.isdecimal() and len(word) < 19 else (NOBODY,) if word in ("", "none") else ()


def _members(word: str) -> tuple[int, ...]:
    return tuple(User.objects.filter(team=int(word)).values_list("pk", flat=True)) if word.isdecimal() and len(word) < 19 else ()


def _of_owners(accounts: Sequence[int], owners: Sequence[int]) -> tuple[int, ...]:
    if not accounts:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from metrics_accounttally where account_id = any(%s) and owner_id = any(%s)", [list(accounts), list(owners)]
        )
        return tuple(row[0] for row in cursor.fetchall())


def sums(scope: Scope, measures: Sequence[str], cells: Mapping[str, str], *, by: str = "") -> dict[str, Amounts]:
    """Amounts by value of `by` (one group "" for none). One filter or one split is read from sums; several at once from what each account brings."""
    found: dict[str, Amounts] = defaultdict(lambda: defaultdict(Decimal))
    split = by in CELLS
    if len(cells) + split <= 1:
        dimension, value = next(iter(cells.items()), (by if split else ALL, None if split else ALL))
        group = {"owner": "t.owner_id::text", "team": "coalesce(o.team_id::text, '')"}.get(by, "t.value" if split else "''")
        join = "left join accounts_user o on o.id = t.owner_id" if by == "team" else ""
        _collect(
            found,
            f"select {group}, t.measure, t.currency, sum(t.amount) from metrics_tally t {join} where t.measure = any(%(measures)s)"  # noqa: S608
            " and t.dimension = %(dimension)s and (%(value)s::text is null or t.value = %(value)s) and (%(owners)s::bigint[] is null"
            " or t.owner_id = any(%(owners)s)) group by 1, 2, 3",
            {"measures": list(measures), "dimension": dimension, "value": value, "owners": _listed(scope.owners)},
        )
        accounts: Sequence[int] | None = scope.others
    else:
        accounts = None
    if accounts is None or accounts:
        _from_accounts(found, scope, measures, cells, by, only=accounts)
    return {key: dict(amounts) for key, amounts in found.items()}


def _from_accounts(
    found: dict[str, Amounts], scope: Scope, measures: Sequence[str], cells: Mapping[str, str], by: str, *, only: Sequence[int] | None
) -> None:
    group = {"owner": "t.owner_id::text", "team": "coalesce(o.team_id::text, '')", "": "''"}.get(by, "t.cells ->> %(by)s")
    join = "left join accounts_user o on o.id = t.owner_id" if by == "team" else ""
    where, params = accounts_where(scope, cells, only=only)
    _collect(
        found,
        f"select {group}, split_part(h.key, ' ', 1), split_part(h.key, ' ', 2), sum(h.value::numeric) from metrics_accounttally t {join}"  # noqa: S608
        f" cross join lateral jsonb_each_text(t.holds) h where {where} and split_part(h.key, ' ', 1) = any(%(measures)s) group by 1, 2, 3",
        {"measures": list(measures), "by": by, **params},
    )


def accounts_where(scope: Scope, cells: Mapping[str, str], *, only: Sequence[int] | None = None) -> tuple[str, dict[str, Any]]:
    """A condition over metrics_accounttally `t` that holds of the accounts of a scope with these cells."""
    parts, params = [], dict[str, Any]()
    if only is not None:
        parts, params = ["t.account_id = any(%(only)s)"], {"only": list(only)}
    elif scope.owners is not None:
        parts = ["(t.owner_id = any(%(owners)s) or t.account_id = any(%(others)s))"]
        params = {"owners": list(scope.owners), "others": list(scope.others)}
    for place, (name, value) in enumerate(cells.items()):
        parts.append(f"t.cells ->> %(cell_{place})s = %(cell_value_{place})s")
        params |= {f"cell_{place}": name, f"cell_value_{place}": value}
    return " and ".join(parts) or "true", params


def days(
    scope: Scope, measures: Sequence[str], cells: Mapping[str, str], *, start: date, end: date, by: str = ""
) -> dict[str, dict[date, Amounts]] | None:
    """How the sums stood at the end of past days, by value of `by`; None where that was not kept: a dimension within a book, several at once."""
    split = by in CELLS
    if len(cells) + split > 1 or ((cells or split) and not scope.house):
        return None
    dimension, value = next(iter(cells.items()), (by if split else ALL, None if split else ALL))
    group = {"owner": "t.owner_id::text", "team": "coalesce(o.team_id::text, '')"}.get(by, "t.value" if split else "''")
    join = "left join accounts_user o on o.id = t.owner_id" if by == "team" else ""
    found: dict[str, dict[date, Amounts]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Decimal)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {group}, t.day, t.measure, t.currency, sum(t.amount) from metrics_daytally t {join} where t.measure = any(%(measures)s)"  # noqa: S608
            " and t.dimension = %(dimension)s and (%(value)s::text is null or t.value = %(value)s) and t.day between %(start)s and %(end)s"
            " and (%(owners)s::bigint[] is null or t.owner_id = any(%(owners)s)) group by 1, 2, 3, 4",
            {
                "measures": list(measures),
                "dimension": dimension,
                "value": value,
                "owners": _listed(scope.owners),
                "start": start,
                "end": end,
            },
        )
        for key, day, measure, currency, amount in cursor.fetchall():
            found[key or ""][day][measure, currency] += amount
    return found


def known_days(measures: Sequence[str], *, start: date, end: date) -> set[date]:
    """The days of which all of these measures are known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select day from metrics_toldday where measure = any(%(measures)s) and day between %(start)s and %(end)s group by day"
            " having count(distinct measure) = %(count)s",
            {"measures": list(measures), "start": start, "end": end, "count": len(set(measures))},
        )
        return {row[0] for row in cursor.fetchall()}


def first_known(measures: Sequence[str]) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(day) from (select day from metrics_toldday where measure = any(%(measures)s) group by day"
            " having count(distinct measure) = %(count)s) d",
            {"measures": list(measures), "count": len(set(measures))},
        )
        found: date | None = cursor.fetchone()[0]
        return found


def happenings(scope: Scope, measures: Sequence[str], *, start: date, end: date, by: str = "") -> dict[str, dict[str, dict[date, int]]]:
    """How often what happened per day: by value of `by`, measure, day. Days without any are left out."""
    group = {"owner": "t.owner_id::text", "team": "coalesce(o.team_id::text, '')"}.get(by, "''")
    join = "left join accounts_user o on o.id = t.owner_id" if by == "team" else ""
    found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {group}, t.measure, t.day, sum(t.amount) from metrics_hourtally t {join} where t.measure = any(%(measures)s)"  # noqa: S608
            " and t.day between %(start)s and %(end)s and (%(owners)s::bigint[] is null or t.owner_id = any(%(owners)s)) group by 1, 2, 3",
            {"measures": list(measures), "start": start, "end": end, "owners": _listed(scope.owners)},
        )
        for key, measure, day, amount in cursor.fetchall():
            found[key][measure][day] = int(amount)
    return found


@dataclass(frozen=True)
class Exchange:
    """Money of several currencies as one: at the rates of one day, so that a moving rate is no growth."""

    into: str
    known: Mapping[str, Decimal]

    def rate(self, currency: str) -> Decimal | None:
        if currency == self.into:
            return Decimal(1)
        known, target = self.known.get(currency), self.known.get(self.into)
        return known / target if known and target else None

    def whole(self, formula: Formula, amounts: Mapping[tuple[str, str], Decimal]) -> tuple[Sums, list[str]]:
        """The sums that a formula reads, and which currencies had no rate."""
        found: dict[str, Decimal] = {measure: Decimal() for measure in formula.reads}
        missing: set[str] = set()
        for (measure, currency), amount in amounts.items():
            if measure not in found:
                continue
            rate = self.rate(currency) if currency else Decimal(1)
            if rate is None:
                missing.add(currency)
                continue
            power = BY_KEY[measure].money if measure in BY_KEY else 1
            found[measure] += amount * (rate**power if currency else 1)
        return found, sorted(missing)


def exchange(now: datetime, into: str = "") -> Exchange:
    return Exchange(into or rates.workspace(), revenue.rates_on(now.date(), known_at=now))


def _collect(found: dict[str, Amounts], statement: str, params: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for key, measure, currency, amount in cursor.fetchall():
            found[key or ""][measure, currency] = found[key or ""].get((measure, currency), Decimal()) + amount


def _listed(owners: tuple[int, ...] | None) -> list[int] | None:
    return None if owners is None else list(owners)


__all__ = [
    "HOUSE",
    "Exchange",
    "Scope",
    "accounts_where",
    "days",
    "exchange",
    "first_known",
    "happenings",
    "known_days",
    "scope_of",
    "sees_house",
    "sums",
]
