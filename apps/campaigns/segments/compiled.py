"""A rule as one SQL statement that yields the ids of the accounts that fulfil it at a moment.

Every source that a rule asks is joined once, as a table with one row per account; a leaf is an expression over their columns that is true or false,
never null. The same answer is found for single accounts by judged.py, which shares nothing with this but the grammar.
"""

# ruff: noqa: S608 (the statements are put together from constants of this module; every value is a parameter)

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.accounts.types import Meaning
from apps.messaging import selectors as messaging
from apps.milestones.types import ProgressState

from . import grammar as g

NO_USE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)

_COMPARED = {"is": "=", "at_least": ">=", "at_most": "<=", "over": ">", "under": "<"}
_TEXT_FIELDS = {
    "tier": "nullif(a.tier, '')",
    "stage": "a.stage",
    "segment": "nullif(a.segment, '')",
    "plan": "nullif(a.plan, '')",
    "zone": "nullif(a.time_zone, '')",
    "locale": "nullif(a.locale, '')",
    "currency": "nullif(a.currency, '')",
}

Scope = Callable[[str], str]


def compiled(
    rule: g.Rule, now: datetime, *, segment_id: int | None = None, account_ids: Sequence[int] | None = None, prefix: str = "seg_"
) -> tuple[str, dict[str, Any]]:
    """SQL (a query of one column `id`, fit to stand in brackets) and its parameters, whose names begin with `prefix`.

    `segment_id`: whose list `listed` means; nobody is listed without one. `account_ids`: only of these.
    """
    return _Statement(now, segment_id, account_ids, prefix).of(rule)


class _Statement:
    def __init__(self, now: datetime, segment_id: int | None, account_ids: Sequence[int] | None, prefix: str) -> None:
        now = now.astimezone(UTC)
        self._prefix, self._segment_id = prefix, segment_id
        self.params: dict[str, Any] = {}
        self._tables: dict[Any, tuple[str, str]] = {}
        self._joins: dict[str, str] = {}
        self._now = self._param(now, "timestamptz")
        self._today = self._param(now.date(), "date")
        self._midnight = self._param(now.replace(hour=0, minute=0, second=0, microsecond=0), "timestamptz")
        self._among = None if account_ids is None else self._param(list(account_ids), "bigint[]")

    def of(self, rule: g.Rule) -> tuple[str, dict[str, Any]]:
        condition = self._rule(rule)
        tables = ", ".join(f"{alias} as materialized ({sql})" for alias, sql in self._tables.values())
        joins = [*self._joins.values(), *(f"left join {alias} on {alias}.account_id = a.id" for alias, _ in self._tables.values())]
        scope = f"{self._of('a.id')} and " if self._among else ""
        sql = f"{f'with {tables} ' if tables else ''}select a.id from accounts_account a {' '.join(joins)} where {scope}({condition})"
        # A parameter that no leaf came to use would be one without a type.
        return sql, {name: value for name, value in self.params.items() if f"%({name})s" in sql}

    # --- what everything is put together from

    def _param(self, value: Any, kind: str) -> str:
        name = f"{self._prefix}{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::{kind}"

    def _of(self, column: str) -> str:
        return f"{column} = any({self._among})" if self._among else "true"

    def _table(self, key: Any, sql: str) -> str:
        """The alias of a table of one row per account, made once per key."""
        if key not in self._tables:
            self._tables[key] = (f"l{len(self._tables)}", sql)
        return self._tables[key][0]

    def _since(self, days: int) -> str:
        return f"({self._now} - make_interval(hours => 24 * {int(days)}))"

    def _compare(self, column: str, op: str, value: Any, kind: str) -> str:
        if op == "known":
            return f"({column} is not null)"
        if op == "unknown":
            return f"({column} is null)"
        if op == "one_of":
            return f"coalesce({column} = any({self._param([_exact(one, kind) for one in value], f'{kind}[]')}), false)"
        if op == "has":
            folded = f"translate({column}, {self._param(g.FOLD_FROM, 'text')}, {self._param(g.FOLD_TO, 'text')})"
            return f"coalesce(strpos({folded}, {self._param(g.folded(value), 'text')}) > 0, false)"
        wanted = self._param(_exact(value, kind), kind)
        if op == "is_not":
            return f"({column} is distinct from {wanted})"
        return f"coalesce({column} {_COMPARED[op]} {wanted}, false)"

    # --- nodes and leaves

    def _rule(self, rule: g.Rule) -> str:
        if isinstance(rule, g.Node):
            parts = [self._rule(part) for part in rule.parts]
            if rule.joint == "none":
                return f"(not ({' or '.join(parts)}))"
            return f"({(' and ' if rule.joint == 'all' else ' or ').join(parts)})"
        return str(getattr(self, f"_{type(rule).__name__.lower()}")(rule))

    def _everybody(self, leaf: g.Everybody) -> str:
        return "true"

    def _field(self, leaf: g.Field) -> str:
        if leaf.name in _TEXT_FIELDS:
            return self._compare(_TEXT_FIELDS[leaf.name], leaf.op, leaf.value, "text")
        match leaf.name:
            case "tags":
                if leaf.op == "has":
                    return f"({self._param(leaf.value, 'text')} = any(a.tags))"
                return f"(cardinality(a.tags) {'>' if leaf.op == 'known' else '='} 0)"
            case "arr" | "seats" | "seats_used":
                return self._compare(f"a.{leaf.name}", leaf.op, leaf.value, "numeric")
            case "seats_used_percent":
                return self._seats(leaf)
            case "age_days":
                start = f"coalesce(a.started_on, least({self._today}, (a.created_at at time zone 'UTC')::date))"
                return self._compare(f"(case when {start} <= {self._today} then {self._today} - {start} end)", leaf.op, leaf.value, "numeric")
        gone = f"(case when a.churned_on <= {self._today} then {self._today} - a.churned_on end)"
        return self._compare(gone, leaf.op, leaf.value, "numeric")

    def _seats(self, leaf: g.Field) -> str:
        """Without dividing: used * 100 against value * bought, which is exact."""
        known = "(a.seats > 0 and a.seats_used is not null)"
        if leaf.op in g.NO_VALUE:
            return f"coalesce({known}, false)" if leaf.op == "known" else f"(not coalesce({known}, false))"
        wanted = f"{self._param(_exact(leaf.value, 'numeric'), 'numeric')} * a.seats"
        if leaf.op == "is_not":
            return f"(not coalesce({known} and a.seats_used * 100 = {wanted}, false))"
        return f"coalesce({known} and a.seats_used * 100 {_COMPARED[leaf.op]} {wanted}, false)"

    def _trait(self, leaf: g.Trait) -> str:
        held = f"(a.traits -> {self._param(leaf.name, 'text')})"
        if leaf.op in g.NO_VALUE:
            known = f"coalesce(jsonb_typeof({held}) <> 'null', false)"
            return known if leaf.op == "known" else f"(not {known})"
        first = leaf.value[0] if isinstance(leaf.value, list) else leaf.value
        shape, kind = ("boolean", "boolean") if isinstance(first, bool) else ("string", "text") if isinstance(first, str) else ("number", "numeric")
        return self._compare(f"(case when jsonb_typeof({held}) = '{shape}' then ({held} #>> '{{}}')::{kind} end)", leaf.op, leaf.value, kind)

    def _named(self, leaf: g.Did | g.Last) -> str:
        if leaf.name:
            return f"name = {self._param(leaf.name, 'text')}"
        if leaf.meaning:
            return f"name in (select name from accounts_eventname where meaning = {self._param(leaf.meaning, 'text')})"
        return "name not in (select name from accounts_eventname where meaning in ({}))".format(", ".join(f"'{one}'" for one in NO_USE))

    def _did(self, leaf: g.Did) -> str:
        of, named = self._of("account_id"), self._named(leaf)
        if leaf.within_days is None:
            days, acts = f"day < {self._today}", f"at >= {self._midnight} and at <= {self._now}"
        else:
            since = self._since(leaf.within_days)
            edge = f"({since} at time zone 'UTC')::date"
            days = f"day > {edge} and day < {self._today}"
            # Of the day on which the window begins only what came after; of today what came up to now.
            acts = f"""at > {since} and at <= {self._now}
                and (at < (({edge} + 1)::timestamp at time zone 'UTC') or at >= {self._midnight})"""
        table = self._table(
            ("did", leaf.name, leaf.meaning, leaf.within_days),
            f"""select account_id, sum(n) as n from (
                select account_id, sum(count) as n from accounts_dailyrollup where {of} and {days} and {named} group by 1
                union all select account_id, count(*) from accounts_activityevent where {of} and {acts} and {named} group by 1
            ) c group by 1""",
        )
        return self._compare(f"coalesce({table}.n, 0)", leaf.op, leaf.times, "numeric")

    def _last(self, leaf: g.Last) -> str:
        of, named = self._of("account_id"), self._named(leaf)
        table = self._table(
            ("last", leaf.name, leaf.meaning),
            f"""select account_id, max(day) as day from (
                select account_id, max(day) as day from accounts_dailyrollup where {of} and count > 0 and day < {self._today} and {named} group by 1
                union all select account_id, {self._today} from accounts_activityevent
                where {of} and at >= {self._midnight} and at <= {self._now} and {named} group by 1
            ) c group by 1""",
        )
        return self._compare(f"({self._today} - {table}.day)", leaf.op, leaf.days, "numeric")

    def _sequence(self, leaf: g.Sequence) -> str:
        first, then = self._param(leaf.first, "text"), self._param(leaf.then, "text")
        reach = self._since(leaf.lately_days + leaf.within_days)
        table = self._table(
            leaf,
            f"""select account_id from (
                select account_id, name, at, max(at) filter (where name = {first}) over (
                    partition by account_id order by at range between unbounded preceding and current row exclude group
                ) as before
                from accounts_activityevent
                where {self._of("account_id")} and name in ({first}, {then}) and at > {reach} and at <= {self._now}
            ) s where name = {then} and at > {self._since(leaf.lately_days)} and at - before <= make_interval(hours => 24 * {leaf.within_days})
            group by 1""",
        )
        return f"({table}.account_id is not null)"

    def _joined(self, table: str, alias: str) -> None:
        self._joins[alias] = f"left join {table} {alias} on {alias}.account_id = a.id"

    def _health(self, leaf: g.Health) -> str:
        self._joined("health_accounthealth", "h")
        if leaf.band:
            return self._compare("nullif(h.band, 'unknown')", leaf.op, leaf.band, "text")
        return self._compare("h.score", leaf.op, leaf.value, "numeric")

    def _risk(self, leaf: g.Risk) -> str:
        self._joined("churn_accountrisk", "r")
        if leaf.band:
            return self._compare("(case when r.probability is not null then r.band end)", leaf.op, leaf.band, "text")
        return self._compare("(100.0::float8 * r.probability)", leaf.op, leaf.value, "float8")

    def _driver(self, leaf: g.Driver) -> str:
        self._joined("churn_accountrisk", "r")
        return f"""coalesce(r.probability is not null and exists (
            select 1 from jsonb_array_elements(case when jsonb_typeof(r.reasons) = 'array' then r.reasons else '[]' end) t
            where t ->> 'feature' = {self._param(leaf.feature, "text")} and (t ->> 'contribution')::float8 > 0), false)"""

    def _milestone(self, leaf: g.Milestone) -> str:
        table = self._table(
            ("milestone", leaf.key),
            f"""select p.account_id, p.state, p.pace, p.achieved_at from milestones_progress p join milestones_milestone m on m.id = p.milestone_id
                where m.key = {self._param(leaf.key, "text")} and {self._of("p.account_id")}""",
        )
        reached = f"{table}.state = '{ProgressState.ACHIEVED}' and {table}.achieved_at <= {self._now}"
        match leaf.state:
            case "reached":
                within = f" and {table}.achieved_at > {self._since(leaf.within_days)}" if leaf.within_days else ""
                return f"coalesce({reached}{within}, false)"
            case "not_reached":
                return f"(not coalesce({reached}, false))"
            case "open":
                return f"coalesce({table}.state = '{ProgressState.OPEN}', false)"
        return f"coalesce({table}.state = '{ProgressState.OPEN}' and {table}.pace = '{leaf.state}', false)"

    def _tier(self, leaf: g.Tier) -> str:
        self._joined("milestones_tierstanding", "t")
        return f"(coalesce(t.tier, '') = {self._param(leaf.key, 'text')})"

    def _play(self, leaf: g.Play) -> str:
        which = f" and p.key = {self._param(leaf.key, 'text')}" if leaf.key else ""
        table = self._table(
            ("play", leaf.key),
            f"""select e.account_id, bool_or(e.state = 'waiting') as running, max(e.entered_at) filter (where e.entered_at <= {self._now}) as entered,
                    max(e.ended_at) filter (where e.ended_at <= {self._now}) as ended
                from interventions_enrolment e join interventions_play p on p.id = e.play_id
                where {self._of("e.account_id")} and e.arm = 'treated' and e.state <> 'candidate' and e.exit_reason <> 'refused'{which} group by 1""",
        )
        if leaf.state == "running":
            return f"coalesce({table}.running, false)"
        within = f" and {table}.{leaf.state} > {self._since(leaf.within_days)}" if leaf.within_days else ""
        return f"coalesce({table}.{leaf.state} is not null{within}, false)"

    def _coaching(self, leaf: g.Coaching) -> str:
        table = self._table(
            ("coaching", leaf.reached),
            f"""select s.account_id, max(r.read_at) as at from coaching_goalreading r join coaching_goal o on o.id = r.goal_id
                join coaching_session s on s.id = o.session_id
                where {self._of("s.account_id")} and r.reached = {self._param(leaf.reached, "boolean")} and r.read_at <= {self._now} group by 1""",
        )
        return f"coalesce({table}.at > {self._since(leaf.within_days)}, false)"

    def _revenue(self, leaf: g.Revenue) -> str:
        table = self._table(
            ("revenue", leaf.movement, leaf.within_days),
            f"""select m.account_id, abs(sum(m.amount)) as amount from accounts_arrmovement m join accounts_account k on k.id = m.account_id
                where {self._of("m.account_id")} and m.currency = k.currency and m.kind = {self._param(leaf.movement, "text")}
                    and m.effective_on <= {self._today} and m.effective_on > {self._today} - {leaf.within_days} and m.recorded_at <= {self._now}
                    and m.reverses_id is null and not exists (
                        select 1 from accounts_arrmovement u where u.reverses_id = m.id and u.recorded_at <= {self._now}) group by 1""",
        )
        return self._compare(f"coalesce({table}.amount, 0)", leaf.op, leaf.value, "numeric")

    def _renewal(self, leaf: g.Renewal) -> str:
        return self._compare(f"(a.renews_on - {self._today})", leaf.op, leaf.days, "numeric")

    def _survey(self, leaf: g.Survey) -> str:
        table = self._table(
            ("survey", leaf.survey),
            f"""select distinct on (account_id) account_id, score, at from accounts_surveyresponse
                where {self._of("account_id")} and kind = {self._param(leaf.survey, "text")} and at <= {self._now}
                order by account_id, at desc, id desc""",
        )
        score = f"(case when {table}.at > {self._since(leaf.within_days)} then {table}.score end)" if leaf.within_days else f"{table}.score"
        return self._compare(score, leaf.op, leaf.value, "numeric")

    def _ticket(self, leaf: g.Ticket) -> str:
        table = self._table(
            ("ticket", tuple(leaf.priorities)),
            f"""select account_id from accounts_ticket where {self._of("account_id")} and opened_at <= {self._now}
                and (solved_at is null or solved_at > {self._now}) and priority = any({self._param(leaf.priorities, "text[]")}) group by 1""",
        )
        return f"({table}.account_id is {'not ' if leaf.open else ''}null)"

    def _consent(self, leaf: g.Consent) -> str:
        silent = self._param(leaf.topic not in messaging.current().confirmed_topics, "boolean")
        table = self._table(
            ("consent", leaf.channel, leaf.topic),
            f"""select c.account_id from accounts_contact c left join lateral (
                    select allowed from messaging_consent w where w.contact_id = c.id and w.channel = {self._param(leaf.channel, "text")}
                        and w.topic = {self._param(leaf.topic, "text")} and w.at <= {self._now} order by w.at desc, w.id desc limit 1
                ) w on true
                where {self._of("c.account_id")} and (c.departed_on is null or c.departed_on > {self._today})
                    and coalesce(w.allowed, {silent}) group by 1""",
        )
        return f"({table}.account_id is {'not ' if leaf.allowed else ''}null)"

    def _in(self, leaf: g.In) -> str:
        table = self._table(
            leaf,
            f"""select m.account_id from campaigns_membership m join campaigns_segment s on s.id = m.segment_id
                where s.key = {self._param(leaf.segment, "text")} and {self._of("m.account_id")}
                    and m.entered_at <= {self._now} and (m.left_at is null or m.left_at > {self._now}) group by 1""",
        )
        return f"({table}.account_id is not null)"

    def _bucket(self, leaf: g.Bucket) -> str:
        start, end = leaf.places
        drawn = f"encode(sha256(convert_to({self._param(leaf.salt, 'text')} || ':' || a.id, 'UTF8')), 'hex')"
        place = f"('x' || substr({drawn}, 1, 8))::bit(32)::bigint"
        return f"({place} >= {start} and {place} < {end})"

    def _listed(self, leaf: g.Listed) -> str:
        if self._segment_id is None:
            return "false"
        table = self._table(
            "listed",
            f"""select account_id from campaigns_listedaccount
                where segment_id = {self._param(self._segment_id, "bigint")} and {self._of("account_id")}""",
        )
        return f"({table}.account_id is not null)"


def _exact(value: Any, kind: str) -> Any:
    """A number as the decimal that it was written as."""
    return Decimal(str(value)) if kind == "numeric" else float(value) if kind == "float8" else value
