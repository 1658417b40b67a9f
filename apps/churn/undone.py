"""What was changed after a moment, undone: the SQL that reads records and accounts as they were.

`undone` holds one row per record that was changed later: `was` what its fields held before the first such change, `born` when it came to be known,
if that was later too. Of a field that is not named the present value has stood since. Read live there is nothing later, and the table is empty.

ARR is the sum of the ledger's movements that counted and were known by then. Of an account whom we came to know only later, the past is what we were
told of it: all movements up to that day. Where the ledger begins later, its opening stands for the time before; without a ledger the present ARR.
"""

_ACCOUNT = ("arr", "seats", "plan")
_RECORDS = ("opened_at", "answered_at", "solved_at", "priority", "score", "at", "issued_on", "due_on", "paid_on", "state", "role", "departed_on")
_FIELDS = (*_ACCOUNT, *_RECORDS, "last_two_way_at")

# Each stands in a table of its own: a planner without statistics yet (fresh rows) would make it anew for every account. The latest change is asked
# for first, which the index answers at once: read live, the history itself is not looked at.
_TABLES = """undone as materialized (
    select split_part(subject, ':', 1) as kind, split_part(subject, ':', 2)::bigint as id,
        coalesce(jsonb_object_agg(field, before) filter (where field <> ''), '{{}}') as was, max(at) filter (where field = '') as born
    from (
        select distinct on (c.subject, c.field) c.subject, c.field, c.before, c.at from events_change c
        where (select max(at) from events_change) > %(seen)s and c.at > %(seen)s
            and split_part(c.subject, ':', 1) in ('account', 'contact', 'ticket', 'surveyresponse', 'invoice')
            and (c.field in {fields} or c.field like 'traits.%%' or (c.field = '' and c.subject like 'contact:%%'))
        order by c.subject, c.field, c.at, c.id
    ) first_later
    group by subject
), ledger as materialized (
    select account_id, sum(amount) filter (where known) as arr, nullif(sum(amount) filter (where effective_on = first), 0) as opening
    from (
        select m.account_id, m.amount, m.effective_on, min(m.effective_on) over (partition by m.account_id) as first,
            m.effective_on < %(known)s::date
                and (m.recorded_at <= %(seen)s or (a.created_at > %(seen)s and m.effective_on < %(cut)s::date)) as known
        from accounts_arrmovement m join accounts_account a on a.id = m.account_id and a.currency = m.currency
        where true {and_account}
    ) movements group by account_id
)"""

# `a` is the account, `l` its ledger, `u` what is undone of it.
JOINS = """left join ledger l on l.account_id = a.id
left join undone u on u.kind = 'account' and u.id = a.id"""
# Amounts are kept as exact text.
ARR = "coalesce(l.arr, l.opening, case when u.was ? 'arr' then (u.was ->> 'arr')::numeric else a.arr end)::float8"
SEATS = "(case when u.was ? 'seats' then (u.was ->> 'seats')::int else a.seats end)::float8"
PLAN = "case when u.was ? 'plan' then u.was ->> 'plan' else a.plan end"
TRAITS = """case when u.was is null then a.traits else (
    select (a.traits || coalesce(jsonb_object_agg(substr(key, 8), value) filter (where value <> 'null'), '{}'))
        - coalesce(array_agg(substr(key, 8)) filter (where value = 'null'), '{}')
    from jsonb_each(u.was) where key like 'traits.%%'
) end"""


def tables(whom: str) -> str:
    """What the features read, of the accounts whose key meets the condition; of all where there is none."""
    return _TABLES.format(and_account=whom and f"and m.account_id {whom}", fields=_FIELDS)


def then(column: str, kind: str) -> str:
    """A column of a record `r` as it was, where `u` is what is undone of it."""
    if column not in _FIELDS:
        raise ValueError(f"{column} is not among the fields that are undone")
    return f"case when u.was ? '{column}' then (u.was ->> '{column}')::{kind} else r.{column} end as {column}"
