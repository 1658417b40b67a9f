"""What is true of accounts at a moment, by one SQL statement of the sources that are asked for. Nothing later than `now` can reach a fact."""

# ruff: noqa: S608 (the statements are put together from constants of this module)

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from apps.accounts import selectors as accounts
from apps.accounts.types import ContactRole, InvoiceState, Meaning, Stage, SurveyKind, TicketPriority
from apps.core.reading import read
from apps.core.statements import prepared_table
from apps.events import selectors as events
from apps.milestones.types import Pace, ProgressState

from .fact_list import FACTS

# Trouble and bookkeeping are no use of the product.
_NOT_USE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)
_USED = "(select name from accounts_eventname where meaning in ({}))".format(", ".join(f"'{meaning}'" for meaning in _NOT_USE))
_CORE = f"(select name from accounts_eventname where meaning = '{Meaning.CORE}')"
_KEY_PEOPLE = f"('{ContactRole.SPONSOR}', '{ContactRole.CHAMPION}')"

# Per source: the facts it gives, and where they come from for the account `k.id`. A day is a day of UTC. Weeks are whole days before today, so that
# a morning is no drop; the last use counts today's events up to the moment.
_SOURCES: dict[tuple[str, ...], str] = {
    ("health", "health_band", "health_fell"): """
        select h.score as health, h.band as health_band, before.score - h.score as health_fell
        from (select score, band from health_healthscore where account_id = k.id and as_of <= %(now)s order by as_of desc, id desc limit 1) h
        left join lateral (
            select score from health_healthscore where account_id = k.id and as_of <= %(now)s::timestamptz - interval '28 days'
            order by as_of desc, id desc limit 1
        ) before on true""",
    ("risk_percent", "risk_band", "top_reason"): """
        select 100 * p.probability as risk_percent, p.band as risk_band, (
            select reason ->> 'words' from jsonb_array_elements(p.reasons) with ordinality as told(reason, place)
            where (reason ->> 'contribution')::float > 0 order by place limit 1
        ) as top_reason
        from churn_prediction p join churn_modelversion m on m.id = p.model_id join churn_churndefinition d on d.id = m.definition_id
        where p.account_id = k.id and p.as_of <= %(now)s and d.is_default order by p.as_of desc, p.id desc limit 1""",
    ("days_since_use", "uses_7_days", "use_percent"): f"""
        select %(today)s::date - coalesce(
                (select %(today)s::date from accounts_activityevent v where v.account_id = k.id and v.at >= %(midnight)s and v.at <= %(now)s
                    and v.name not in {_USED} limit 1),
                (select r.day from accounts_dailyrollup r where r.account_id = k.id and r.day < %(today)s::date and r.name not in {_USED}
                    order by r.day desc limit 1)
            ) as days_since_use,
            coalesce(w.week, 0) as uses_7_days,
            case when w.usual >= 8 then 100.0 * w.week / (w.usual / 8.0) end as use_percent
        from (
            select coalesce(sum(r.count) filter (where r.day >= %(today)s::date - 7), 0) as week,
                coalesce(sum(r.count) filter (where r.day < %(today)s::date - 7), 0) as usual
            from accounts_dailyrollup r
            where r.account_id = k.id and r.day >= %(today)s::date - 63 and r.day < %(today)s::date and r.name not in {_USED}
        ) w""",
    ("core_events", "days_since_core"): f"""
        select coalesce(d.count, 0) + t.count as core_events,
            case when t.count > 0 then 0 else %(today)s::date - d.last end as days_since_core
        from (
            select sum(r.count) as count, max(r.day) as last from accounts_dailyrollup r
            where r.account_id = k.id and r.day < %(today)s::date and r.name in {_CORE}
        ) d, (
            select count(*) from accounts_activityevent v
            where v.account_id = k.id and v.at >= %(midnight)s and v.at <= %(now)s and v.name in {_CORE}
        ) t""",
    # Paces follow from the dates on which others would have been there; what was found out later was not known then.
    ("milestones_reached", "days_since_milestone", "milestone_pace", "stuck_days"): f"""
        select count(*) filter (where m.reached) as milestones_reached,
            %(today)s::date - (max(m.achieved_at) filter (where m.reached) at time zone 'UTC')::date as days_since_milestone,
            case when bool_or(m.open and m.stuck_at <= %(now)s) then '{Pace.STUCK}'
                when bool_or(m.open and m.behind_at <= %(now)s) then '{Pace.BEHIND}'
                when bool_or(m.open) then '{Pace.ON_TRACK}' end as milestone_pace,
            %(today)s::date - (min(m.stuck_at) filter (where m.open and m.stuck_at <= %(now)s)
                at time zone 'UTC')::date as stuck_days
        from (
            select achieved_at, behind_at, stuck_at, achieved_at <= %(now)s and noticed_at <= %(now)s as reached,
                opened_at <= %(now)s and (state = '{ProgressState.OPEN}' or (state = '{ProgressState.ACHIEVED}' and noticed_at > %(now)s)) as open
            from milestones_progress where account_id = k.id
        ) m""",
    ("open_tickets", "urgent_hours", "tickets_28_days"): f"""
        select count(*) filter (where t.open) as open_tickets,
            extract(epoch from %(now)s::timestamptz - min(t.opened_at)
                filter (where t.open and t.priority in ('{TicketPriority.P1}', '{TicketPriority.P2}'))) / 3600.0 as urgent_hours,
            count(*) filter (where t.opened_at > %(now)s::timestamptz - interval '28 days') as tickets_28_days
        from (
            select opened_at, priority, solved_at is null or solved_at > %(now)s as open from accounts_ticket
            where account_id = k.id and opened_at <= %(now)s
        ) t""",
    ("overdue_days", "payment_failed"): f"""
        select max(%(today)s::date - i.due_on) filter (where i.due_on < %(today)s::date) as overdue_days,
            coalesce(bool_or(i.state = '{InvoiceState.FAILED}'), false) as payment_failed
        from accounts_invoice i
        where i.account_id = k.id and i.issued_on <= %(today)s::date and i.state <> '{InvoiceState.VOID}'
            and (i.paid_on is null or i.paid_on > %(today)s::date)""",
    ("last_nps", "nps_days"): f"""
        select s.score as last_nps, %(today)s::date - (s.at at time zone 'UTC')::date as nps_days from accounts_surveyresponse s
        where s.account_id = k.id and s.kind = '{SurveyKind.NPS}' and s.at <= %(now)s and s.at > %(now)s::timestamptz - interval '182 days'
        order by s.at desc, s.id desc limit 1""",
    ("sponsor_left_days", "sponsors", "contacts"): f"""
        select %(today)s::date - max(c.departed_on) filter (where c.role in {_KEY_PEOPLE} and c.departed_on <= %(today)s::date) as sponsor_left_days,
            count(*) filter (where c.role in {_KEY_PEOPLE} and c.there) as sponsors, count(*) filter (where c.there) as contacts
        from (
            select role, departed_on, departed_on is null or departed_on > %(today)s::date as there from accounts_contact where account_id = k.id
        ) c""",
    ("two_way_days",): """
        select %(today)s::date - (max(w.at) at time zone 'UTC')::date as two_way_days from (
            select max(last_two_way_at) as at from accounts_contact where account_id = k.id and last_two_way_at <= %(now)s
            union all select max(at) from accounts_note where account_id = k.id and kind in ('call', 'meeting', 'email') and at <= %(now)s
            union all select max(replied_at) from messaging_message where account_id = k.id and replied_at <= %(now)s
        ) w""",
}
# Told by the account's own fields, as they stood.
_FIELDS = ("stage", "tier", "segment", "plan", "arr", "age_days", "renews_in_days", "seats_used_percent", "left_days")
_COLUMNS = ("stage", "tier", "segment", "plan", "arr", "seats", "seats_used", "started_on", "renews_on", "churned_on", "created_at")

assert {*_FIELDS, *(fact for facts in _SOURCES for fact in facts)} == set(FACTS)


def of(account_ids: Sequence[int] | None, *, names: Collection[str], now: datetime) -> dict[int, dict[str, Any]]:
    """The named facts of these accounts at `now`, None where not known. Without ids: of all customers who were there, and, where `left_days` is
    asked for, of those who had left."""
    now = now.astimezone(UTC)
    rows = _accounts(account_ids, now)
    wanted = [source for facts, source in _SOURCES.items() if any(fact in names for fact in facts)]
    if account_ids is None and "left_days" not in names:
        rows = {key: row for key, row in rows.items() if row["left_days"] is None}
    if wanted and rows:
        _read_sources(rows, wanted, now)
    return {key: {name: row.get(name) for name in names if name in FACTS} for key, row in rows.items()}


def _accounts(account_ids: Sequence[int] | None, now: datetime) -> dict[int, dict[str, Any]]:
    """The accounts' own fields as they stood; who is known to have become a customer later is not there."""
    where = "" if account_ids is None else " where id = any(%(ids)s)"
    with connection.cursor() as cursor:
        cursor.execute(f"select id, {', '.join(_COLUMNS)} from accounts_account{where}", {"ids": list(account_ids or [])})
        held = {key: dict(zip(_COLUMNS, values, strict=True)) for key, *values in cursor.fetchall()}
    before = read(accounts.as_of(list(held), now)) if held and events.changed_after(now) else {}
    today = now.date()
    rows = {key: _as_it_stood({**fields, **before.get(key, {})}, today) for key, fields in held.items()}
    return {key: row for key, row in rows.items() if row is not None}


def _as_it_stood(field: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    if field["started_on"] is not None and field["started_on"] > today:
        return None
    # Without a day of signing, since we have known them.
    started = field["started_on"] or min(today, field["created_at"].astimezone(UTC).date())
    left = field["churned_on"] if field["churned_on"] is not None and field["churned_on"] <= today else None
    stage = field["stage"]
    if stage == Stage.CHURNED and left is None:
        # They left later than this day, or on a day that nobody knows.
        stage = Stage.ACTIVE if field["churned_on"] is not None else stage
    gone = (today - left).days if left is not None else 0 if stage == Stage.CHURNED else None
    return {
        "stage": Stage.CHURNED.value if gone is not None else stage,
        "tier": field["tier"] or None,
        "segment": field["segment"] or None,
        "plan": field["plan"] or None,
        "arr": float(field["arr"]),
        "age_days": (today - started).days,
        "renews_in_days": (field["renews_on"] - today).days if field["renews_on"] else None,
        "seats_used_percent": 100.0 * field["seats_used"] / field["seats"] if field["seats"] and field["seats_used"] is not None else None,
        "left_days": gone,
    }


def _read_sources(rows: dict[int, dict[str, Any]], sources: Sequence[str], now: datetime) -> None:
    joins = " ".join(f"left join lateral ({source}) s{place} on true" for place, source in enumerate(sources))
    columns = ", ".join(f"s{place}.*" for place in range(len(sources)))
    moment: dict[str, Any] = {"ids": list(rows), "now": now, "today": now.date(), "midnight": now.replace(hour=0, minute=0, second=0, microsecond=0)}
    if len(rows) == 1:
        # What events ask all day, one account at a time: planning it, month by month of activity, would cost more than reading it.
        one = f"select k.id, {columns} from (select %(id)s::bigint as id) as k {joins}"
        (_, *names), found = prepared_table(one, {**moment, "id": next(iter(rows))})
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"select k.id, {columns} from unnest(%(ids)s::bigint[]) as k(id) {joins}", moment)
            names, found = [column.name for column in cursor.description][1:], cursor.fetchall()
    for key, *values in found:
        rows[key].update({name: _plain(name, value) for name, value in zip(names, values, strict=True)})


def _plain(name: str, value: Any) -> Any:
    return float(value) if value is not None and FACTS[name].kind == "number" else value
