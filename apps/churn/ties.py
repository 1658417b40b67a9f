"""What ties an account to us: its people, words exchanged, messages, the health that was told, milestones. Features and the SQL they read.

As in story.py everything is told as it was known at the moment. A person has no day of arrival but the one on which we heard of them: whoever came
after the moment is not counted, unless they came with the account itself, whose past we learned in one piece. Messages of save plays are left out:
they follow from the risk, and must not foretell it. Health is that of the evening before: today's is told from the same news as the risk.
"""

from .feature import Feature
from .undone import then

_LEADS = "role in ('champion', 'sponsor')"


def _people(key: str, words: str, window: int, direction: int) -> Feature:
    sql, missing = f"c.{key}::float8", "No contact is known"
    return Feature(key, words, "people", window, direction, sql, "people", log=True, source="contacts", missing=missing)


def _messages(key: str, words: str, direction: int) -> Feature:
    """None is a figure too, once any message was sent to anybody."""
    sql, missing = f"case when k.messages then coalesce(m.{key}, 0)::float8 end", "No message was ever sent"
    return Feature(key, words, "messages", 28, direction, sql, "messages", log=True, source="messages", missing=missing)


TIES = (
    _people("people", "{n} contacts known there", 0, -1),
    _people("leads", "{n} champions or sponsors present", 0, -1),
    _people("leads_left_90", "{n} champions or sponsors left in 90 days", 90, 1),
    Feature(
        "two_way_days",
        "Last words exchanged {days} ago",
        "days",
        0,
        1,
        "(%(last)s::date - w.spoke_on)::float8",
        "words",
        log=True,
        source="calls, meetings and replies",
        nothing="Words exchanged today",
        missing="No call, meeting or reply was ever written down",
    ),
    _messages("sent_28", "{n} messages sent to them in 28 days", 0),
    _messages("opened_28", "{n} messages opened in 28 days", -1),
    _messages("replied_28", "{n} replies in 28 days", -1),
    Feature("health", "Health {n} of 100", "of 100", 0, -1, "h.score::float8", "health", source="health", missing="No health was told yet"),
    Feature(
        "health_28",
        "Health {moved} in 28 days",
        "points",
        28,
        -1,
        "(h.score - h.before)::float8",
        "health",
        source="health",
        nothing="Health as 28 days ago",
        missing="No health was told 28 days ago",
    ),
    Feature(
        "milestones",
        "{n} milestones reached",
        "milestones",
        0,
        -1,
        "q.reached::float8",
        "milestones",
        log=True,
        source="milestones",
        missing="No milestone was reached yet",
    ),
    Feature(
        "milestone_days",
        "Last milestone reached {days} ago",
        "days",
        0,
        1,
        "(%(last)s::date - q.reached_on)::float8",
        "milestones",
        log=True,
        source="milestones",
        nothing="A milestone reached today",
        missing="No milestone was reached yet",
    ),
)

JOINS = """left join contacts c on c.account_id = p.id
    left join spoken w on w.account_id = p.id
    left join messages m on m.account_id = p.id
    left join healths h on h.account_id = p.id
    left join reached q on q.account_id = p.id"""

_TABLES = f"""contacts as materialized (
    select account_id,
        count(*) filter (where present) as people,
        count(*) filter (where present and {_LEADS}) as leads,
        count(*) filter (where not present and {_LEADS} and departed_on > %(last)s::date - 90) as leads_left_90,
        max((last_two_way_at at time zone 'UTC')::date) filter (where last_two_way_at <= %(seen)s) as spoke_on
    from (
        select *, coalesce(departed_on > %(last)s::date, true) as present
        from (
            select r.account_id, {then("role", "text")}, {then("departed_on", "date")}, {then("last_two_way_at", "timestamptz")}
            from accounts_contact r join accounts_account a on a.id = r.account_id
            left join undone u on u.kind = 'contact' and u.id = r.id
            where coalesce(u.born <= greatest(%(seen)s, a.created_at + interval '1 day'), true) {{and_account}}
        ) as_they_were
    ) known group by account_id
), spoken as materialized (
    select account_id, max(spoke_on) as spoke_on
    from (
        select account_id, spoke_on from contacts
        union all
        select r.account_id, max((r.at at time zone 'UTC')::date) from accounts_note r
        where r.kind in ('call', 'meeting', 'email') and r.at <= %(seen)s and r.created_at <= %(seen)s {{and_account}} group by r.account_id
        union all
        select r.account_id, max((r.replied_at at time zone 'UTC')::date) from messaging_message r
        where r.replied_at <= %(seen)s {{and_account}} group by r.account_id
    ) each_way group by account_id
), messages as materialized (
    select r.account_id,
        count(*) filter (where r.sent_at >= %(since_28)s and r.sent_at <= %(seen)s) as sent_28,
        count(*) filter (where r.read_at >= %(since_28)s and r.read_at <= %(seen)s) as opened_28,
        count(*) filter (where r.replied_at >= %(since_28)s and r.replied_at <= %(seen)s) as replied_28
    from messaging_message r where r.guest = '' and r.lane <> 'save' and r.sent_at <= %(seen)s {{and_account}} group by r.account_id
), healths as materialized (
    select p.id as account_id, told.score, earlier.score as before
    from people p cross join lateral (
        select r.score from health_healthscore r
        where r.account_id = p.id and r.as_of < %(midnight)s and r.created_at <= %(seen)s order by r.as_of desc, r.id desc limit 1
    ) told left join lateral (
        select r.score from health_healthscore r
        where r.account_id = p.id and r.as_of < %(midnight)s - interval '28 days' and r.created_at <= %(seen)s
        order by r.as_of desc, r.id desc limit 1
    ) earlier on true
), reached as materialized (
    select r.account_id, count(*) as reached, max((r.achieved_at at time zone 'UTC')::date) as reached_on from milestones_progress r
    where r.achieved_at <= %(seen)s and r.noticed_at <= %(seen)s {{and_account}} group by r.account_id
)"""  # noqa: S608


def tables(whom: str) -> str:
    """What the features read, of the accounts whose key meets the condition; of all where there is none."""
    return _TABLES.format(and_account=whom and f"and r.account_id {whom}")
