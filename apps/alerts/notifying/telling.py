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
# Who is told of the same alert twice within so short a time is told once: who asked to hear of it stands on its ladder too.
_ONE_TELLING = timedelta(minutes=2)


def tell(
    alert: Alert,
    *,
    people: Iterable[User],
    channels: Iterable[OutsideChannel] = (),
    key: str,
    words: str,
    urgent: bool,
    now: datetime,
    asked: Mapping[str, Pace] | None = None,
) -> list[Notice]:
    """Tell them, each once per `key`; returns the notices that are new. Within a transaction.

    By the roads that each chose for what comes up the ladder to them, or by those of `asked`: what somebody asked to hear is sent as they asked.
    """
    chosen = list(people)
    wishes = wishes_of([user.pk for user in chosen])
    made, sendings = [], []
    for user in chosen:
        mine = wishes[user.pk]
        notice, fresh = _notice(alert, user, key, words, urgent, now, shown=mine[Road.IN_APP].is_on)
        if notice is None:
            continue
        if fresh:
            made.append(notice)
        roads = _as_asked(mine, asked) if asked is not None else _as_wished(mine, urgent)
        sendings += [
            NoticeSending(notice=notice, road=road, gathered=pace != Pace.AT_ONCE, due_at=when(pace, user, now)) for road, pace in roads.items()
        ]
    for channel in channels:
        values = {"alert": alert, "words": words[:250], "urgent": urgent, "in_app": False, "at": now}
        outer, fresh = Notice.objects.get_or_create(outside=channel, key=key, defaults=values)
        if fresh:
            made.append(outer)
            sendings.append(NoticeSending(notice=outer, road=Road.OUTSIDE, due_at=now))
    _send(sendings, now)
    return made


def _notice(alert: Alert, user: User, key: str, words: str, urgent: bool, now: datetime, *, shown: bool) -> tuple[Notice | None, bool]:
    """The notice, and whether it is new; None where this cause told the person before."""
    mine = Notice.objects.select_for_update(of=("self",)).filter(user=user)
    if mine.filter(key=key).exists():
        return None, False
    just_now = mine.filter(alert=alert, at__gt=now - _ONE_TELLING, at__lte=now).order_by("-at").first()
    if just_now is not None:
        if words:
            Notice.objects.filter(pk=just_now.pk).update(words=words[:250], urgent=urgent or just_now.urgent)
        return just_now, False
    values = {"alert": alert, "words": words[:250], "urgent": urgent, "in_app": shown, "at": now}
    return Notice.objects.get_or_create(user=user, key=key, defaults=values)


def _send(sendings: list[NoticeSending], now: datetime) -> None:
    """Write them; a road that waits for a digest is hurried where the same is now told at once."""
    for one in sendings:
        kept, fresh = NoticeSending.objects.get_or_create(notice=one.notice, road=one.road, defaults={"gathered": one.gathered, "due_at": one.due_at})
        if not fresh and kept.gathered and not one.gathered:
            NoticeSending.objects.filter(pk=kept.pk, state=SendingState.WAITING).update(gathered=False, due_at=one.due_at)
    if sendings:
        after_commit("alerts.send_notices")


def _as_wished(wishes: Mapping[str, NoticeRoad], urgent: bool) -> dict[str, Pace]:
    """Roads of what came up the ladder to this person, which does not wait where it is urgent."""
    found: dict[str, Pace] = {}
    for road in _OUT:
        wish = wishes[road]
        pace = Pace.AT_ONCE if urgent else Pace(wish.pace)
        # What is worth a digest is not worth a buzz in the pocket: it comes by email and under the bell.
        if wish.is_on and (urgent or not wish.urgent_only) and (road == Road.EMAIL or pace == Pace.AT_ONCE):
            found[road] = pace
    return found


def _as_asked(wishes: Mapping[str, NoticeRoad], asked: Mapping[str, Pace]) -> dict[str, Pace]:
    """Roads of what this person asked to hear, as far as they lead anywhere; a digest comes by email, each hour where they gather by the hour."""
    found: dict[str, Pace] = {}
    for road, pace in asked.items():
        if road == Road.EMAIL:
            hourly = pace != Pace.AT_ONCE and wishes[Road.EMAIL].pace == Pace.HOURLY
            found[road] = Pace.HOURLY if hourly else pace
        elif pace == Pace.AT_ONCE and (wishes[road].is_on or road == Road.PUSH):
            found[road] = pace
    return found


def wishes_of(user_ids: Collection[int]) -> dict[int, dict[str, NoticeRoad]]:
    """By person and road, what they want; what nobody said is the usual: in the app and by email, push where a browser agreed."""
    kept = {(wish.user_id, wish.road): wish for wish in NoticeRoad.objects.filter(user__in=user_ids)}
    pushed = set(StaffBrowser.objects.filter(user__in=user_ids, ended_at=None).values_list("user", flat=True))
    found: dict[int, dict[str, NoticeRoad]] = {}
    for user in user_ids:
        usual = {Road.IN_APP: True, Road.EMAIL: True, Road.PUSH: user in pushed, Road.SMS: False}
        found[user] = {road: kept.get((user, road)) or NoticeRoad(user_id=user, road=road, is_on=on) for road, on in usual.items()}
    return found


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
