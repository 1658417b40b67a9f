"""The demo company's coaching of the last months, by the product's own services, and what waits today.

The activity was imagined before and does not react: in this past coaching had no effect, and the effect page must not find one. Whoever came is
named only afterwards, because nobody was written to in those weeks.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from apps.accounts.models import Account, Contact, DailyRollup
from apps.coaching import services as coaching
from apps.coaching.models import Session
from apps.coaching.types import Agreed, Measure, Mode
from apps.core.actor import Actor
from apps.core.shares import position
from apps.messaging import services as messaging
from apps.messaging.types import Channel

ACTOR = Actor.job("demo_world")
# At most so many talks took place, one in so many accounts had one, and they began so many weeks ago.
_MOST, _SHARE, _WEEKS = 120, 0.24, 22
TOPICS = (
    "Reports that are read",
    "Fewer missed appointments",
    "The calendar that everybody keeps",
    "Invoices out on the same day",
    "New people in their first week",
    "One place for every customer's history",
)
# What they wanted to do, how one sees it, and how much of it.
GOALS = (
    Agreed("look at the weekly report every Monday", Measure.ACTIVITY, 1.0, "report.viewed"),
    Agreed("book every appointment in the calendar, none on paper", Measure.ACTIVITY, 5.0, "appointment.booked"),
    Agreed("send the invoice on the day of the visit", Measure.ACTIVITY, 2.0, "invoice.sent", 7),
    Agreed("open the product on every working day", Measure.DAYS, 4.5),
    Agreed("let the export run before the team meeting", Measure.ACTIVITY, 0.5, "export.run"),
    Agreed("log in before the first customer comes", Measure.ACTIVITY, 6.0, "login", 7),
)
NOTES = (
    "They work in two rooms and share one login. Showed the second seat; the assistant will try it on Thursday.",
    "The report is printed and hung up. Agreed that the owner opens it on the tablet instead.",
    "Much goes through the telephone. The link in the mail footer would take a third of the calls, they think.",
    "Two new people since spring. Nobody showed them the calendar; did it together on their own week.",
    "They like it short. Ten minutes on the goal, ten on how the others do it, and done.",
)


_GERMAN = """Hallo {{ contact.first_name }},

wir sprechen am {{ when }}, {{ minutes }} Minuten lang: {{ topic }}.

Wo: {{ place }}
Für Ihren Kalender: {{ calendar_link }}

Wenn die Zeit nicht passt, antworten Sie mit einer, die Ihnen lieber ist.

Viele Grüße
{{ csm.name }}"""


def write(*, now: datetime) -> int:
    """Talks of the past with their goals read, and a handful that waits for somebody today. Returns how many took place."""
    coaching.ensure_strategies()
    examples = {"topic": TOPICS[0], "when": "Donnerstag, 12. März 2026, 14:00 (Europe/Berlin)", "minutes": "30", "place": "https://meet.example/1"}
    messaging.write_template(
        key="coaching-invitation",
        channel=Channel.EMAIL,
        locale="de",
        subject="{{ topic }}: {{ when }}",
        body=_GERMAN,
        examples={**examples, "calendar_link": "https://success.example/c/session/7.ics"},
        actor=ACTOR,
        now=now,
    )
    known = set(DailyRollup.objects.filter(day__gte=now.date() - timedelta(days=28)).order_by().values_list("name", flat=True).distinct())
    book = Account.objects.at_risk().filter(owner__isnull=False, synthetic=True, started_on__lte=now.date() - timedelta(weeks=_WEEKS + 14))
    coached = [account for account in book.select_related("owner").order_by("pk") if position("coached", account.external_id) < _SHARE][:_MOST]
    planned = sorted((_moment(account, now), account.pk, account) for account in coached)
    for at, _, account in planned:
        _held(account, at=at, known=known)
    for week in range(_WEEKS, -1, -1):
        coaching.read_outcomes(actor=ACTOR, now=now - timedelta(weeks=week))
    rest = book.exclude(pk__in=[account.pk for account in coached]).select_related("owner").order_by("-arr", "pk")
    _waiting(list(rest[:6]), now=now)
    return len(planned)


def _moment(account: Account, now: datetime) -> datetime:
    """A weekday of the last months, in the afternoon; the last one four days ago."""
    day = now.date() - timedelta(days=4 + int(position("coached on", account.external_id) * 7 * _WEEKS))
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return datetime.combine(day, time(13 + account.pk % 3), UTC)


def _held(account: Account, *, at: datetime, known: set[str]) -> None:
    place = int(position("topic", account.external_id) * 1_000)
    session = coaching.propose(
        account, coach=account.owner, topic=TOPICS[place % len(TOPICS)], mode=Mode.VIDEO, actor=Actor.user(account.owner), now=at - timedelta(days=6)
    )
    actor = Actor.user(account.owner)
    coaching.accept(session, actor=actor, now=at - timedelta(days=5))
    coaching.schedule(session, starts_at=at, actor=actor, now=at - timedelta(days=5))
    coaching.begin(session, actor=actor, now=at)
    goal = GOALS[place // 7 % len(GOALS)]
    if goal.measure != Measure.ACTIVITY or goal.name in known:
        coaching.agree(session, goal, actor=actor, now=at + timedelta(minutes=20))
    words = {"notes": NOTES[place // 11 % len(NOTES)], "confidence": 5 + place % 6}
    coaching.write(session, changes=words, seen={}, actor=actor, now=at + timedelta(minutes=22))
    over = at + timedelta(minutes=24 + place % 14)
    coaching.hold(session, author=account.owner, actor=actor, now=over)
    coaching.follow_up(session, actor=actor, now=over + timedelta(hours=2))
    Session.objects.filter(pk=session.pk).update(contact=_person(account))


def _waiting(accounts: Sequence[Account], *, now: datetime) -> None:
    """One of each kind that asks for a person: proposed, accepted, coming, nobody came, held without a follow-up."""
    for number, account in enumerate(accounts):
        actor, person = Actor.user(account.owner), _person(account)
        asked = now - timedelta(days=2)
        session = coaching.propose(account, coach=account.owner, contact=person, topic=TOPICS[number % len(TOPICS)], actor=actor, now=asked)
        if number == 0:
            continue
        coaching.accept(session, actor=actor, now=now - timedelta(days=1, hours=20))
        if number == 1:
            continue
        starts = now + timedelta(days=number - 1, hours=3) if number < 4 else now - timedelta(hours=5)
        coaching.schedule(session, starts_at=starts, place="https://meet.example/room", actor=actor, now=now - timedelta(days=1, hours=19))
        if number == 4:
            coaching.note_no_show(session, actor=actor, now=now - timedelta(hours=4))
        elif number == 5:
            coaching.begin(session, actor=actor, now=starts)
            coaching.agree(session, GOALS[3], actor=actor, now=starts + timedelta(minutes=15))
            coaching.write(session, changes={"notes": NOTES[1], "confidence": 8}, seen={}, actor=actor, now=starts + timedelta(minutes=20))
            coaching.hold(session, author=account.owner, actor=actor, now=starts + timedelta(minutes=31))


def _person(account: Account) -> Contact | None:
    people = Contact.objects.filter(account=account, departed_on__isnull=True).exclude(email="")
    return people.order_by("id").first()
