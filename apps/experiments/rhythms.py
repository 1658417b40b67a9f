"""The hours of people: counted from their own activity, in their own zones, and put together by segment."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection, transaction

from apps.accounts.models import ActivityEvent, Contact

from .learning.timing import HOURS_OF_WEEK, Moment, moment, rhythm
from .models import SegmentRhythm

# People change; what they did longer ago than this says little. Of the busiest only the newest are read.
_OWN_DAYS, _OWN_MOST = 90, 2_000
_SEGMENT_DAYS = 28
# One person's hour counts once: a script that acts a thousand times at 3 h is one sign of life.
_HOURS = """
select a.segment, coalesce(nullif(c.time_zone, ''), a.time_zone), date_trunc('hour', e.at), count(distinct e.contact_id)
from accounts_activityevent e join accounts_contact c on c.id = e.contact_id join accounts_account a on a.id = c.account_id
where e.at >= %s and e.at < %s group by 1, 2, 3
"""
_OWN_HOURS = """
select distinct p.id, date_trunc('hour', e.at) from unnest(%(people)s::bigint[]) as p(id)
cross join lateral (
    select at from accounts_activityevent where contact_id = p.id and at >= %(since)s and at < %(now)s order by at desc limit %(most)s
) e
"""
_PEOPLE = """
select a.segment, count(distinct e.contact_id) from accounts_activityevent e
join accounts_contact c on c.id = e.contact_id join accounts_account a on a.id = c.account_id where e.at >= %s and e.at < %s group by 1
"""


def zone_named(*names: str) -> str:
    """The first name that is a zone, or UTC."""
    for name in names:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"


def hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def hours_of(contact: Contact, *, now: datetime) -> list[float]:
    """168 counts of this person's own activity in the last 90 days; an hour in which they did anything counts once."""
    zone = ZoneInfo(_zone_of(contact))
    since = now - timedelta(days=_OWN_DAYS)
    events = ActivityEvent.objects.filter(contact=contact, at__gte=since, at__lt=now).order_by("-at").values_list("at", flat=True)
    hours = {at.replace(minute=0, second=0, microsecond=0) for at in events[:_OWN_MOST]}
    found = [0.0] * HOURS_OF_WEEK
    for hour in hours:
        found[hour_of_week(hour, zone)] += 1
    return found


def best_moment(contact: Contact, *, earliest: datetime, latest: datetime, allowed: Sequence[Sequence[bool]], now: datetime) -> Moment | None:
    """When in [earliest, latest] this person most likely answers, with the reason. `allowed`: 24 hours of a working day, 24 of a weekend day,
    in the person's zone; None where no hour of the time is allowed.
    """
    known = {row.segment: row.hours for row in SegmentRhythm.objects.filter(segment__in=("", contact.account.segment))}
    segment = known.get(contact.account.segment) or known.get("") or [1.0] * HOURS_OF_WEEK
    return moment(rhythm(hours_of(contact, now=now), segment), zone=_zone_of(contact), earliest=earliest, latest=latest, allowed=allowed)


def best_moments(
    contacts: Collection[Contact], *, earliest: datetime, latest: datetime, allowed: Sequence[Sequence[bool]], now: datetime
) -> dict[int, Moment]:
    """The same for many, by contact, in two statements."""
    people = list(contacts)
    known = {row.segment: row.hours for row in SegmentRhythm.objects.filter(segment__in={"", *(person.account.segment for person in people)})}
    own = _hours_of_many(people, now)
    found = {}
    for person in people:
        segment = known.get(person.account.segment) or known.get("") or [1.0] * HOURS_OF_WEEK
        best = moment(rhythm(own[person.pk], segment), zone=_zone_of(person), earliest=earliest, latest=latest, allowed=allowed)
        if best is not None:
            found[person.pk] = best
    return found


def _hours_of_many(people: Collection[Contact], now: datetime) -> dict[int, list[float]]:
    found = {person.pk: [0.0] * HOURS_OF_WEEK for person in people}
    zones = {person.pk: ZoneInfo(_zone_of(person)) for person in people}
    with connection.cursor() as cursor:
        cursor.execute(_OWN_HOURS, {"people": list(found), "since": now - timedelta(days=_OWN_DAYS), "now": now, "most": _OWN_MOST})
        for person, hour in cursor.fetchall():
            found[person][hour_of_week(hour, zones[person])] += 1
    return found


def _zone_of(contact: Contact) -> str:
    return zone_named(*(name for name in (contact.time_zone, contact.account.time_zone) if name))


def learn_rhythms(*, now: datetime) -> int:
    """Count anew when the customers of each segment, and all of them, were active in the last four weeks. Returns how many segments."""
    since = now - timedelta(days=_SEGMENT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [since, now])
        rows = cursor.fetchall()
        cursor.execute(_PEOPLE, [since, now])
        people: Counter[str] = Counter(dict(cursor.fetchall()))
    week: dict[str, Counter[int]] = defaultdict(Counter)
    zones: dict[str, ZoneInfo] = {}
    for segment, name, hour, count in rows:
        zone = zones.get(name) or zones.setdefault(name, ZoneInfo(zone_named(name)))
        place = hour_of_week(hour, zone)
        week[segment][place] += count
        if segment:
            week[""][place] += count
    if rows:
        people[""] = sum(people.values())
    made = [
        SegmentRhythm(segment=segment, hours=[hours[hour] for hour in range(HOURS_OF_WEEK)], people=people[segment], events=hours.total(), as_of=now)
        for segment, hours in sorted(week.items())
    ]
    with transaction.atomic():
        SegmentRhythm.objects.exclude(segment__in=[row.segment for row in made]).delete()
        SegmentRhythm.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["segment"], update_fields=["hours", "people", "events", "as_of"]
        )
    return len(made)
