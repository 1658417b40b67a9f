"""Telling people of ours and channels outside: a notice each, and a sending for every road that leads out of the house."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.alerts.models import Alert, Notice, NoticeRoad, NoticeSending, OutsideChannel, StaffBrowser
from apps.alerts.types import Pace, Road, SendingState
from apps.core.jobs import after_commit
from apps.interventions import selectors as work

# Roads that lead out of the house to a person; the notice itself is the telling in the app.
_OUT = (Road.EMAIL, Road.PUSH, Road.SMS)


def tell(
    alert: Alert,
    *,
    people: Iterable[User],
    channels: Iterable[OutsideChannel] = (),
    key: str,
    words: str,
    urgent: bool,
    now: datetime,
    least_pace: Pace = Pace.AT_ONCE,
) -> list[Notice]:
    """Tell them, each once per `key`, by the roads they chose; in a digest where they chose one or `least_pace` says so. Within a transaction."""
    chosen = list(people)
    wishes = wishes_of([user.pk for user in chosen])
    made = []
    for user in chosen:
        mine = wishes[user.pk]
        shown = mine[Road.IN_APP].is_on
        notice, fresh = Notice.objects.get_or_create(
            user=user, key=key, defaults={"alert": alert, "words": words[:250], "urgent": urgent, "in_app": shown, "at": now}
        )
        if fresh:
            made.append(notice)
            NoticeSending.objects.bulk_create(_sendings(notice, user, mine, urgent, least_pace, now))
    for channel in channels:
        notice, fresh = Notice.objects.get_or_create(
            outside=channel, key=key, defaults={"alert": alert, "words": words[:250], "urgent": urgent, "in_app": False, "at": now}
        )
        if fresh:
            made.append(notice)
            NoticeSending.objects.create(notice=notice, road=Road.OUTSIDE, due_at=now)
    if made:
        after_commit("alerts.send_notices")
    return made


def wishes_of(user_ids: Collection[int]) -> dict[int, dict[str, NoticeRoad]]:
    """By person and road, what they want; what nobody said is the usual: in the app and by email, push where a browser agreed."""
    kept = {(wish.user_id, wish.road): wish for wish in NoticeRoad.objects.filter(user__in=user_ids)}
    pushed = set(StaffBrowser.objects.filter(user__in=user_ids, ended_at=None).values_list("user", flat=True))
    return {
        user: {
            road: kept.get((user, road))
            or NoticeRoad(user_id=user, road=road, is_on=road in (Road.IN_APP, Road.EMAIL) or (road == Road.PUSH and user in pushed))
            for road in (Road.IN_APP, *_OUT)
        }
        for user in user_ids
    }


def _sendings(notice: Notice, user: User, wishes: Mapping[str, NoticeRoad], urgent: bool, least_pace: Pace, now: datetime) -> list[NoticeSending]:
    found = []
    for road in _OUT:
        wish = wishes[road]
        if not wish.is_on or (wish.urgent_only and not urgent):
            continue
        pace = Pace.AT_ONCE if urgent else slower(Pace(wish.pace), least_pace)
        if road != Road.EMAIL and pace != Pace.AT_ONCE:
            # What is worth a digest is not worth a buzz in the pocket: it comes by email and under the bell.
            continue
        found.append(NoticeSending(notice=notice, road=road, gathered=pace != Pace.AT_ONCE, due_at=when(pace, user, now)))
    return found


def slower(one: Pace, other: Pace) -> Pace:
    order = list(Pace)
    return max(one, other, key=order.index)


def when(pace: Pace, user: User | None, now: datetime) -> datetime:
    """When what is told at this pace leaves: now, at the next full hour that the person works, or when their next working day begins."""
    if pace == Pace.AT_ONCE:
        return now
    hours = work.calendars.hours_of(user, now=now)
    if pace == Pace.HOURLY:
        return work.worktime.after(now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), 0, hours)
    return next((begins for begins, _ in hours.windows(now) if begins > now), now + timedelta(days=1))


def drop(alert_id: int, *, now: datetime) -> int:
    """What has not left yet need not leave any more. Returns how many sendings."""
    waiting = NoticeSending.objects.filter(notice__alert=alert_id, state=SendingState.WAITING)
    return waiting.update(state=SendingState.DROPPED, done_at=now, answer="Somebody saw to the alert first.")


def read(user: User, *, now: datetime, alert_ids: Collection[int] | None = None) -> int:
    """The person saw what they were told; of these alerts, or of all. Returns how many notices."""
    mine = Notice.objects.for_user(user).unread()
    if alert_ids is not None:
        mine = mine.filter(alert__in=alert_ids)
    return mine.update(read_at=now)
