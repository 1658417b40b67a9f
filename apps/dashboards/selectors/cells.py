"""One account as a row of the portfolio: what each cell says, and the raw values that editing starts from."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.core.reading import Reading, Rows, by_key, gather, nothing
from apps.health import selectors as health
from apps.health.types import Band as HealthBand
from apps.health.types import HealthView

from ..saying import day_words, exact, money, renewal, signed
from ..types import Cell, RiskView
from . import past as then
from . import risk, sparks
from .columns import EDITABLE

# Everything beside the account and its risk, for a whole block in one statement; each part steps along an index.
_BESIDE = """
select a.id, last.day, said.at, coalesce(task.title, 'Play: ' || play.name, ''), use.weeks
from unnest(%(ids)s::bigint[]) as a(id)
left join lateral (
    select day from accounts_dailyrollup r where r.account_id = a.id and r.day <= %(today)s order by day desc limit 1
) last on true
left join lateral (
    select greatest(
        (select max(c.last_two_way_at) from accounts_contact c where c.account_id = a.id and c.last_two_way_at <= %(now)s),
        (select max(m.replied_at) from messaging_message m where m.account_id = a.id and m.replied_at <= %(now)s),
        (select max(n.at) from accounts_note n where n.account_id = a.id and n.kind in ('call', 'meeting', 'email') and n.at <= %(now)s)
    ) as at where %(with_contact)s
) said on true
left join lateral (
    select t.title from interventions_task t
    where %(with_step)s and t.account_id = a.id and t.created_at <= %(now)s and (t.closed_at is null or t.closed_at > %(now)s)
    order by t.due_at, t.id limit 1
) task on true
left join lateral (
    select p.name from interventions_enrolment e join interventions_play p on p.id = e.play_id
    where %(with_step)s and e.account_id = a.id and e.entered_at <= %(now)s and (e.ended_at is null or e.ended_at > %(now)s)
    order by e.id desc limit 1
) play on true
left join lateral (
    select jsonb_object_agg(w.week, w.events) as weeks from (
        select (r.day - %(first)s::date) / 7 as week, sum(r.count) as events from accounts_dailyrollup r
        where %(with_use)s and r.account_id = a.id and r.day between %(first)s and %(today)s group by 1
    ) w
) use on true
"""


@dataclass(frozen=True)
class _Beside:
    last_day: date | None
    two_way: datetime | None
    next_step: str
    weeks: list[float] | None


@dataclass(frozen=True)
class _Seen:
    """All that the cells of one row speak of."""

    account: Any
    risk: RiskView | None
    health: HealthView | None
    beside: _Beside
    today: date


def rows(accounts: Sequence[Account], *, now: datetime, shown: set[str], past: bool = False) -> Reading[list[dict[str, Any]]]:
    """Rows as the grid takes them, with the cells of the shown columns; `past` where `now` is over: the accounts are taken back to it."""
    if not accounts:
        return []
    keys = [account.pk for account in accounts]
    asks_health = health.at(keys, now) if past else by_key(health.present(keys))
    _, beside, risks, healths = yield from gather(
        then.taken_back(accounts, keys, now) if past else nothing(None),
        by_key(_beside(keys, now=now, shown=shown)),
        then.risks(keys, now) if past else nothing({account.pk: risk.of(account, with_reasons=False) for account in accounts}),
        asks_health if shown & {"health", "coverage"} else nothing({}),
    )
    return [_row(_Seen(account, risks.get(account.pk), healths.get(account.pk), beside[account.pk], now.date()), shown) for account in accounts]


def _row(seen: _Seen, shown: set[str]) -> dict[str, Any]:
    account = seen.account
    return {
        "id": account.pk,
        "href": reverse("account", args=[account.pk]),
        "cells": {key: say(seen).as_json() for key, say in _SAY.items() if key in shown},
        "raw": {field: _raw(getattr(account, field)) for field in EDITABLE.values()},
    }


def _raw(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _beside(ids: list[int], *, now: datetime, shown: set[str]) -> Reading[dict[int, _Beside]]:
    first = sparks.first_day(now.date())
    asked: dict[str, Any] = {
        "ids": ids,
        "now": now,
        "today": now.date(),
        "first": first,
        "with_contact": "two_way" in shown,
        "with_step": "next_step" in shown,
        "with_use": "activity" in shown,
    }
    rows = Rows(_BESIDE, asked)
    yield rows
    return {key: _Beside(day, at, step, sparks.filled(json.loads(weeks or "{}"))) for key, day, at, step, weeks in rows}


def _name(seen: _Seen) -> Cell:
    account = seen.account
    return Cell(account.name, note=" · ".join(part for part in (account.plan or account.domain or account.external_id,) if part))


def _risk(seen: _Seen) -> Cell:
    view = seen.risk
    if view is None:
        return Cell("not scored yet", tone="calm", title="It follows within seconds of the first activity.")
    tone = {"high": "bad", "medium": "warn", "low": "good"}[view.band]
    change = "" if not view.change else f"{'↑' if view.change > 0 else '↓'} {signed(view.change)}"
    worse = "" if not view.change else "worse" if view.change > 0 else "better"
    title = f"{view.in_full.capitalize()} by {view.source}" + (", newer activity waits to be scored" if view.stale else "")
    return Cell(f"{view.word} {view.shown}{'' if view.is_probability else ' rule score'}", tone=tone, note=change, note_tone=worse, title=title)


def _health(seen: _Seen) -> Cell:
    view = seen.health
    if view is None:
        return Cell("–", title="No health yet: it follows within seconds of the first fact.")
    tone = {HealthBand.POOR: "bad", HealthBand.FAIR: "warn", HealthBand.GOOD: "good"}.get(HealthBand(view.band), "calm")
    moves = round(view.momentum) if view.momentum is not None else 0
    note = "" if not moves else f"{'↑' if moves > 0 else '↓'} {signed(moves)}"
    title = f"Health {view.points if view.points is not None else 'unknown'} of 100 by {view.source}; momentum in points per 28 days" + (
        "; the manager's pulse says something else" if view.disagrees else ""
    )
    shown = f"{view.word} {view.points}" if view.points is not None and view.band != HealthBand.UNKNOWN else view.word
    return Cell(shown, tone=tone, note=note, note_tone="" if not moves else "better" if moves > 0 else "worse", title=title)


def _stake(seen: _Seen) -> Cell:
    if seen.risk is None:
        return Cell("–")
    stake = float(seen.account.arr) * seen.risk.chance
    return Cell(money(stake, seen.account.currency), title=f"{exact(stake, seen.account.currency)}: ARR × risk")


def _renewal(seen: _Seen) -> Cell:
    day = seen.account.renews_on
    days = (day - seen.today).days if day else None
    soon = days is not None and days <= 60 and seen.account.stage != Stage.CHURNED
    return Cell(renewal(days), title=f"{day:%-d %b %Y}" if day else "No date known", note_tone="soon" if soon else "")


def _use(seen: _Seen) -> Cell:
    if seen.beside.weeks is None:
        return Cell("no activity", title="No activity in 12 weeks")
    line = sparks.line_of(seen.beside.weeks)
    return Cell(line.words, line=line.path)


def _two_way(seen: _Seen) -> Cell:
    at = seen.beside.two_way
    return Cell(day_words(at.date() if at else None, seen.today), title=f"{at:%-d %b %Y}" if at else "Nobody has answered yet")


def _tags(seen: _Seen) -> Cell:
    return Cell(", ".join(seen.account.tags), chips=tuple(seen.account.tags))


def _seats(seen: _Seen) -> Cell:
    used, bought = seen.account.seats_used, seen.account.seats
    return Cell(" of ".join(str(number) for number in (used, bought) if number is not None) or "–")


_SAY: dict[str, Callable[[_Seen], Cell]] = {
    "name": _name,
    "health": _health,
    "coverage": lambda seen: Cell(f"{seen.health.coverage} %" if seen.health else "–"),
    "risk": _risk,
    "arr": lambda seen: Cell(money(seen.account.arr, seen.account.currency), title=exact(seen.account.arr, seen.account.currency)),
    "stake": _stake,
    "renewal": _renewal,
    "activity": _use,
    "last_activity": lambda seen: Cell(day_words(seen.beside.last_day, seen.today)),
    "two_way": _two_way,
    "next_step": lambda seen: Cell(seen.beside.next_step or "–", title=seen.beside.next_step),
    "owner": lambda seen: Cell(str(seen.account.owner) if seen.account.owner else "no owner"),
    "stage": lambda seen: Cell(seen.account.get_stage_display()),
    "tier": lambda seen: Cell(seen.account.tier or "–"),
    "segment": lambda seen: Cell(seen.account.segment or "–"),
    "tags": _tags,
    "plan": lambda seen: Cell(seen.account.plan or "–"),
    "seats": _seats,
}
