"""What rules ask about accounts, read for a set of them by a number of statements that depends on the rules and not on how many accounts there are.

Every account is read as of a moment of its own, so that what came due at different instants is judged as of each.
"""

# ruff: noqa: S608 (the statements are put together from constants of this module; every value is a parameter)

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.accounts.models import EventName
from apps.accounts.types import Meaning
from apps.core.statements import array_of
from apps.messaging import selectors as messaging

from . import grammar as g

_TROUBLE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)
_K = """with k as (
    select id, moment, (moment at time zone 'UTC')::date as today, (moment at time zone 'UTC')::date::timestamp at time zone 'UTC' as midnight
    from {}
) """
_EACH = _K.format("unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) as u(id, moment)")
_AT_ONE = _K.format("unnest(%(ids)s::bigint[]) as u(id) cross join (select %(moment)s::timestamptz as moment) as m")
_FIELDS = ("arr", "tier", "stage", "segment", "plan", "time_zone", "locale", "currency", "tags", "seats", "seats_used", "renews_on", "churned_on")


@dataclass(slots=True)
class Acts:
    """`days`: (day, how many) up to the moment; ever: one entry of everything before today. `edge`: the acts of the day on which the window begins,
    after its beginning. `next_at`: the first that lies after the moment."""

    days: list[tuple[date, int]] = field(default_factory=list)
    edge: list[datetime] = field(default_factory=list)
    next_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(count for _, count in self.days) + len(self.edge)


@dataclass(slots=True)
class Facts:
    """Of one account at one moment; only what the rules asked for is filled."""

    account_id: int
    at: datetime
    silent: Mapping[str, bool]
    row: dict[str, Any] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    acts: dict[Any, Acts] = field(default_factory=dict)
    sequences: dict[Any, list[tuple[datetime, str]]] = field(default_factory=dict)
    milestones: dict[str, tuple[str, str, datetime | None]] = field(default_factory=dict)
    plays: list[tuple[str, str, datetime, datetime | None]] = field(default_factory=list)
    coaching: list[tuple[bool, datetime]] = field(default_factory=list)
    revenue: list[tuple[str, Decimal, date]] = field(default_factory=list)
    surveys: list[tuple[str, datetime, int]] = field(default_factory=list)
    tickets: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)
    people: dict[tuple[str, str], list[tuple[date | None, bool | None]]] = field(default_factory=dict)
    inside: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)

    @property
    def today(self) -> date:
        return self.at.date()


def load(moments: Mapping[int, datetime], leaves: Iterable[g.Leaf]) -> dict[int, Facts]:
    """Of these accounts, each as of its moment, what these leaves ask; accounts that are gone are not in it."""
    return _Loading(moments, list(leaves)).facts()


def look_inside(facts: Mapping[int, Facts], leaves: Iterable[g.Leaf]) -> None:
    """Read again in which of the segments that these leaves ask for the accounts are."""
    asked = [leaf for leaf in leaves if isinstance(leaf, g.In)]
    if not asked or not facts:
        return
    for one in facts.values():
        one.inside = {}
    _Loading({key: one.at for key, one in facts.items()}, [], dict(facts)).inside(asked)


class _Loading:
    def __init__(self, moments: Mapping[int, datetime], leaves: list[g.Leaf], found: dict[int, Facts] | None = None) -> None:
        self._by_type: dict[type[g.Leaf], list[Any]] = {}
        for leaf in leaves:
            self._by_type.setdefault(type(leaf), []).append(leaf)
        self._moments = {key: moment.astimezone(UTC) for key, moment in moments.items()}
        different = set(self._moments.values())
        self._params: dict[str, Any] = {"ids": array_of(self._moments)}
        if len(different) == 1:
            # Nearly always: what changed is judged as of now.
            self._k, self._params["moment"] = _AT_ONE, different.pop()
        else:
            self._k, self._params["moments"] = _EACH, list(self._moments.values())
        self._earliest = min(self._moments.values(), default=datetime.now(UTC))
        self._found: dict[int, Facts] = found or {}

    def facts(self) -> dict[int, Facts]:
        if not self._moments:
            return {}
        self._accounts()
        for kind, reads in (
            ((g.Did, g.Last), self._acts),
            ((g.Sequence,), self._sequences),
            ((g.Milestone,), self._milestones),
            ((g.Play,), self._plays),
            ((g.Coaching,), self._coaching),
            ((g.Revenue,), self._revenue),
            ((g.Survey,), self._surveys),
            ((g.Ticket,), self._tickets),
            ((g.Consent,), self._people),
            ((g.In,), self.inside),
            ((g.Listed,), self._listed),
        ):
            if asked := [leaf for one in kind for leaf in self._by_type.get(one, ())]:
                reads(asked)
        return self._found

    def _asked(self, *kinds: type[g.Leaf]) -> bool:
        return any(kind in self._by_type for kind in kinds)

    def _rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self._k + sql, self._params | params)
            return [row for row in cursor.fetchall() if row[0] in self._found]

    def _accounts(self) -> None:
        columns = [f"a.{name}" for name in _FIELDS]
        columns += ["coalesce(a.started_on, least(k.today, (a.created_at at time zone 'UTC')::date)) as began_on"]
        joins = ""
        if self._asked(g.Health):
            columns += ["h.score as health", "h.band as health_band"]
            joins += " left join health_accounthealth h on h.account_id = a.id"
        if self._asked(g.Risk, g.Driver):
            columns += ["r.probability as risk", "r.band as risk_band", "r.reasons as reasons"]
            joins += " left join churn_accountrisk r on r.account_id = a.id"
        if self._asked(g.Tier):
            columns += ["t.tier as standing"]
            joins += " left join milestones_tierstanding t on t.account_id = a.id"
        if self._asked(g.Trait):
            columns += ["a.traits::text as traits"]
        silent = {}
        if self._asked(g.Consent):
            confirmed = messaging.current().confirmed_topics
            silent = {leaf.topic: leaf.topic not in confirmed for leaf in self._by_type[g.Consent]}
        with connection.cursor() as cursor:
            cursor.execute(f"{self._k}select a.id, {', '.join(columns)} from k join accounts_account a on a.id = k.id{joins}", self._params)
            names = [column.name for column in cursor.description][1:]
            for key, *values in cursor.fetchall():
                one = Facts(key, self._moments[key], silent, dict(zip(names, values, strict=True)))
                if "traits" in one.row:
                    one.traits = json.loads(one.row.pop("traits"), parse_float=Decimal, parse_int=Decimal)
                if isinstance(one.row.get("reasons"), str):
                    one.row["reasons"] = json.loads(one.row["reasons"])
                self._found[key] = one

    def _acts(self, leaves: list[Any]) -> None:
        """One statement for all counts: whole days from the rollups, the first day of a window and today from the events."""
        keys = list(dict.fromkeys((leaf.name, leaf.meaning, getattr(leaf, "within_days", None)) for leaf in leaves))
        meant: dict[str, list[str]] = {}
        for name, meaning in EventName.objects.exclude(meaning=Meaning.OTHER).values_list("name", "meaning"):
            meant.setdefault(meaning, []).append(name)
        trouble = [name for meaning in _TROUBLE for name in meant.get(meaning, ())]
        parts: list[str] = []
        params: dict[str, Any] = {"midnight": self._earliest.replace(hour=0, minute=0, second=0, microsecond=0)}
        for place, (name, meaning, days) in enumerate(keys):
            params[f"n{place}"] = [name] if name else meant.get(meaning, []) if meaning else trouble
            named = f"{'=' if name or meaning else '<>'} {'any' if name or meaning else 'all'}(%(n{place})s::text[])"
            rollups, events = (
                "from k join accounts_dailyrollup r on r.account_id = k.id",
                "from k join accounts_activityevent v on v.account_id = k.id",
            )
            if days is None:
                parts.append(
                    f"""select k.id, {place}, max(r.day), sum(r.count), null::timestamptz
                        {rollups} where r.day < k.today and r.count > 0 and r.name {named} group by k.id"""
                )
            else:
                edge = f"((k.moment - make_interval(hours => 24 * {days})) at time zone 'UTC')::date"
                parts.append(
                    f"""select k.id, {place}, r.day, sum(r.count), null::timestamptz
                        {rollups} where r.day > {edge} and r.day < k.today and r.name {named} group by k.id, r.day"""
                )
                params[f"from{place}"] = self._earliest - timedelta(days=days)
                params[f"to{place}"] = max(self._moments.values()) - timedelta(days=days - 1)
                parts.append(
                    f"""select k.id, {place}, null::date, 1, v.at {events}
                        where v.at > k.moment - make_interval(hours => 24 * {days}) and v.at < (({edge} + 1)::timestamp at time zone 'UTC')
                            and v.at > %(from{place})s and v.at < %(to{place})s and v.name {named}"""
                )
            parts.append(
                f"""select k.id, {place}, k.today, count(*) filter (where v.at <= k.moment), min(v.at) filter (where v.at > k.moment) {events}
                    where v.at >= k.midnight and v.at >= %(midnight)s and v.name {named} group by k.id, k.today"""
            )
        for key, place, day, count, at in self._rows(" union all ".join(parts), **params):
            acts = self._found[key].acts.setdefault(keys[place], Acts())
            if day is None:
                acts.edge.append(at)
                continue
            if count:
                acts.days.append((day, int(count)))
            if at is not None:
                acts.next_at = at

    def _sequences(self, leaves: list[Any]) -> None:
        unique = list(dict.fromkeys(leaves))
        parts: list[str] = []
        params: dict[str, Any] = {}
        for place, leaf in enumerate(unique):
            reach = leaf.lately_days + leaf.within_days
            params |= {f"n{place}": [leaf.first, leaf.then], f"from{place}": self._earliest - timedelta(days=reach)}
            parts.append(
                f"""select k.id, {place} as place, v.at, v.name from k join accounts_activityevent v on v.account_id = k.id
                    where v.at > k.moment - make_interval(hours => 24 * {reach}) and v.at > %(from{place})s and v.name = any(%(n{place})s::text[])"""
            )
        for key, place, at, name in self._rows(" union all ".join(parts) + " order by 1, 2, 3", **params):
            self._found[key].sequences.setdefault(unique[place], []).append((at, name))

    def _milestones(self, leaves: list[Any]) -> None:
        sql = """select k.id, m.key, p.state, p.pace, p.achieved_at from k join milestones_progress p on p.account_id = k.id
                 join milestones_milestone m on m.id = p.milestone_id where m.key = any(%(keys)s::text[])"""
        for account, key, *rest in self._rows(sql, keys=[leaf.key for leaf in leaves]):
            self._found[account].milestones[key] = tuple(rest)

    def _plays(self, leaves: list[Any]) -> None:
        sql = """select k.id, p.key, e.state, e.entered_at, e.ended_at from k join interventions_enrolment e on e.account_id = k.id
                 join interventions_play p on p.id = e.play_id
                 where e.arm = 'treated' and e.state <> 'candidate' and e.exit_reason <> 'refused'"""
        for account, *rest in self._rows(sql):
            self._found[account].plays.append(tuple(rest))

    def _coaching(self, leaves: list[Any]) -> None:
        sql = """select k.id, r.reached, r.read_at from k join coaching_session s on s.account_id = k.id
                 join coaching_goal o on o.session_id = s.id join coaching_goalreading r on r.goal_id = o.id where r.read_at is not null"""
        for account, *rest in self._rows(sql):
            self._found[account].coaching.append(tuple(rest))

    def _revenue(self, leaves: list[Any]) -> None:
        sql = """select k.id, m.kind, m.amount, m.effective_on from k join accounts_account a on a.id = k.id
                 join accounts_arrmovement m on m.account_id = k.id and m.currency = a.currency
                 where m.effective_on > k.today - %(days)s::int and m.recorded_at <= k.moment and m.reverses_id is null
                     and not exists (select 1 from accounts_arrmovement u where u.reverses_id = m.id and u.recorded_at <= k.moment)"""
        for account, *rest in self._rows(sql, days=max(leaf.within_days for leaf in leaves)):
            self._found[account].revenue.append(tuple(rest))

    def _surveys(self, leaves: list[Any]) -> None:
        sql = """select k.id, s.kind, s.at, s.score from k join accounts_surveyresponse s on s.account_id = k.id
                 where s.kind = any(%(kinds)s::text[]) order by s.at, s.id"""
        for account, *rest in self._rows(sql, kinds=[leaf.survey for leaf in leaves]):
            self._found[account].surveys.append(tuple(rest))

    def _tickets(self, leaves: list[Any]) -> None:
        sql = """select k.id, t.priority, t.opened_at, t.solved_at from k join accounts_ticket t on t.account_id = k.id
                 where t.solved_at is null or t.solved_at > k.moment"""
        for account, *rest in self._rows(sql):
            self._found[account].tickets.append(tuple(rest))

    def _people(self, leaves: list[Any]) -> None:
        asked = list(dict.fromkeys((leaf.channel, leaf.topic) for leaf in leaves))
        sql = """select k.id, q.channel, q.topic, c.departed_on, w.allowed from k join accounts_contact c on c.account_id = k.id
                 cross join unnest(%(channels)s::text[], %(topics)s::text[]) as q(channel, topic)
                 left join lateral (
                     select allowed from messaging_consent w where w.contact_id = c.id and w.channel = q.channel and w.topic = q.topic
                         and w.at <= k.moment order by w.at desc, w.id desc limit 1
                 ) w on true"""
        for account, channel, topic, *rest in self._rows(sql, channels=[one for one, _ in asked], topics=[one for _, one in asked]):
            self._found[account].people.setdefault((channel, topic), []).append(tuple(rest))

    def inside(self, leaves: list[Any]) -> None:
        sql = """select k.id, s.key, m.entered_at, m.left_at from k join campaigns_membership m on m.account_id = k.id
                 join campaigns_segment s on s.id = m.segment_id
                 where s.key = any(%(keys)s::text[]) and (m.left_at is null or m.left_at > k.moment)"""
        for account, key, *rest in self._rows(sql, keys=[leaf.segment for leaf in leaves]):
            self._found[account].inside.setdefault(key, []).append(tuple(rest))

    def _listed(self, leaves: list[Any]) -> None:
        for account, segment in self._rows("select k.id, l.segment_id from k join campaigns_listedaccount l on l.account_id = k.id"):
            self._found[account].listed.add(segment)
