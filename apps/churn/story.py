"""What the record of an account tells beside its activity: tickets, answers to surveys, invoices. Features and the SQL they read.

Everything is told as it was known at the moment: rows by their own time (a ticket by when it was opened, a bill by its day), and what was changed in
them later is undone from the history of fields. A row that arrives late counts from its own time, as late activity does. `%(last)s` is the last
day of which something is known, `%(seen)s` the last instant. A source that never told anything leaves its figures unknown. Names and bounds are
those of the health measures.
"""

from .feature import Feature
from .undone import then


def _counted(key: str, words: str, unit: str, window: int, sql: str, family: str, nothing: str = "") -> Feature:
    """Of tickets or invoices: none of them is a figure too, once the source tells anything at all; more of it is trouble."""
    known = f"case when k.{family} then coalesce({sql}, 0)::float8 end"
    missing = f"No {family.removesuffix('s')} has ever arrived"
    return Feature(key, words, unit, window, 1, known, family, log=True, source=family, nothing=nothing, missing=missing)


def _said(kind: str, name: str, best: int) -> tuple[Feature, Feature]:
    """The last answer to a kind of survey and its age."""
    missing = f"No {name} answer yet"
    return (
        Feature(kind, f"Last {name} {{n}} of {best}", f"of {best}", 0, -1, f"s.{kind}::float8", kind, source="surveys", missing=missing),
        Feature(
            f"{kind}_age",
            f"Last {name} answer {{days}} ago",
            "days",
            0,
            0,
            f"s.{kind}_age::float8",
            kind,
            log=True,
            source="surveys",
            missing=missing,
        ),
    )


STORY = (
    _counted("tickets_open", "{n} tickets open", "tickets", 0, "t.open", "tickets"),
    _counted("tickets_severe", "{n} severe tickets open", "tickets", 0, "t.severe", "tickets"),
    _counted("tickets_28", "{n} tickets opened in 28 days", "tickets", 28, "t.opened_28", "tickets"),
    _counted("tickets_90", "{n} tickets opened in 90 days", "tickets", 90, "t.opened_90", "tickets"),
    _counted("ticket_age", "Oldest open ticket waits for {days}", "days", 0, "t.oldest", "tickets", nothing="No ticket waits"),
    Feature(
        "answer_hours",
        "First answers to tickets after {n} hours",
        "hours",
        90,
        1,
        "t.answer_hours::float8",
        "answers",
        log=True,
        source="tickets",
        missing="No ticket was answered within 90 days",
    ),
    *_said("nps", "NPS", 10),
    *_said("csat", "CSAT", 5),
    _counted("invoices_overdue", "{n} invoices overdue", "invoices", 0, "i.overdue", "invoices"),
    _counted("overdue_days", "Invoice {days} overdue", "days", 0, "i.overdue_days", "invoices", nothing="No invoice overdue"),
    _counted("failed_56", "{n} failed invoices in 8 weeks", "invoices", 56, "i.failed_56", "invoices"),
)

JOINS = """cross join kinds_told k
    left join tickets t on t.account_id = p.id
    left join answers s on s.account_id = p.id
    left join invoices i on i.account_id = p.id"""


# Each stands in a table of its own: a planner without statistics yet (fresh rows) would make it anew for every account.
_TABLES = f"""tickets as materialized (
    select account_id,
        count(*) filter (where open) as open,
        count(*) filter (where open and priority in ('p1', 'p2')) as severe,
        count(*) filter (where day > %(last)s::date - 28) as opened_28,
        count(*) filter (where day > %(last)s::date - 90) as opened_90,
        max(%(last)s::date - day) filter (where open) as oldest,
        percentile_disc(0.5) within group (order by hours) filter (where day > %(last)s::date - 90) as answer_hours
    from (
        select account_id, priority, (opened_at at time zone 'UTC')::date as day, coalesce(solved_at > %(seen)s, true) as open,
            case when answered_at <= %(seen)s then round(extract(epoch from answered_at - opened_at) / 3600, 1) end as hours
        from (
            select r.account_id, {then("opened_at", "timestamptz")}, {then("answered_at", "timestamptz")}, {then("solved_at", "timestamptz")},
                {then("priority", "text")}
            from accounts_ticket r left join undone u on u.kind = 'ticket' and u.id = r.id
            where true {{and_account}}
        ) as_they_were where opened_at <= %(seen)s
    ) told group by account_id
), answers as materialized (
    select account_id,
        max(score) filter (where kind = 'nps') as nps, %(last)s::date - max(day) filter (where kind = 'nps') as nps_age,
        max(score) filter (where kind = 'csat') as csat, %(last)s::date - max(day) filter (where kind = 'csat') as csat_age
    from (
        select distinct on (account_id, kind) account_id, kind, score, (at at time zone 'UTC')::date as day
        from (
            select r.id, r.account_id, r.kind, {then("score", "int")}, {then("at", "timestamptz")}
            from accounts_surveyresponse r left join undone u on u.kind = 'surveyresponse' and u.id = r.id
            where true {{and_account}}
        ) as_they_were where at <= %(seen)s order by account_id, kind, at desc, id desc
    ) newest group by account_id
), invoices as materialized (
    select account_id,
        count(*) filter (where unpaid) as overdue,
        max(%(last)s::date - due_on) filter (where unpaid) as overdue_days,
        count(*) filter (where state = 'failed' and due_on > %(last)s::date - 56) as failed_56
    from (
        select account_id, due_on, state, due_on < %(last)s::date and coalesce(paid_on > %(last)s::date, true) as unpaid
        from (
            select r.account_id, {then("issued_on", "date")}, {then("due_on", "date")}, {then("paid_on", "date")}, {then("state", "text")}
            from accounts_invoice r left join undone u on u.kind = 'invoice' and u.id = r.id
            where true {{and_account}}
        ) as_they_were where issued_on <= %(last)s::date and state <> 'void'
    ) told group by account_id
), kinds_told as materialized (
    select
        exists (select 1 from accounts_ticket where opened_at <= %(seen)s) as tickets,
        exists (select 1 from accounts_invoice where issued_on <= %(last)s::date) as invoices,
        exists (select 1 from messaging_message where sent_at <= %(seen)s) as messages
)"""  # noqa: S608


def tables(whom: str) -> str:
    """What the features read, of the accounts whose key meets the condition; of all where there is none."""
    return _TABLES.format(and_account=whom and f"and r.account_id {whom}")
