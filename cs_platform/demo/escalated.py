"""The demo company's ladder: policies, a rota with somebody who stands in, and alerts that climbed in the last days."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import F

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.models import Alert, AlertRule, Climb, ClimbStep, NoticeSending, Response
from apps.alerts.types import AlertState, ClimbState, SendingState
from apps.core.actor import Actor

ACTOR = Actor.job("demo_world")
_KEY_ACCOUNTS = [
    {"do": "notify", "whom": "owner", "urgent": True},
    {"do": "notify", "whom": "duty", "key": "first-response"},
    {"do": "wait", "minutes": 120, "minutes_large": 60},
    {"do": "only_if", "arr": 24_000},
    {"do": "notify", "whom": "lead", "urgent": True},
    {"do": "wait", "minutes": 240},
    {"do": "hours", "from": "08:00", "until": "20:00", "days": [0, 1, 2, 3, 4], "zone": "UTC"},
    {"do": "notify", "whom": "head", "urgent": True},
]
# How many days ago each of these climbs began, and whether somebody took the alert on at its second telling.
_CLIMBS = ((6, True), (4, True), (2, False), (1, False))


def write(*, now: datetime) -> None:
    """Call it while nobody listens: what these climbs tell has been told, and leaves no mail behind."""
    services.policies.prepare(now=now)
    _rota(now)
    services.policies.create(
        key="key-accounts",
        name="Key accounts",
        why="Where much money is at stake, the owner and whoever is on duty hear at once.",
        steps=_KEY_ACCOUNTS,
        repeat=1,
        least_severity="urgent",
        actor=ACTOR,
        now=now,
    )
    alerts = Alert.objects.filter(state=AlertState.OPEN, account__owner__isnull=False).exclude(severity="info").order_by("opened_at", "pk")
    for alert, (days, taken_on) in zip(alerts.select_related("account__owner", "rule", "owner"), _CLIMBS, strict=False):
        _climb(alert, begun=_morning(now - timedelta(days=days)), taken_on=taken_on, now=now)
    # All of it has reached its people; nothing of the past is mailed today.
    NoticeSending.objects.update(state=SendingState.SENT, attempt=1, gathered=False, done_at=F("due_at"))
    _respond(now)


def _morning(moment: datetime) -> datetime:
    """Nine o'clock of the nearest working day before."""
    day = moment.date()
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime.combine(day, time(9, 10), UTC)


def _rota(now: datetime) -> None:
    people = list(User.objects.filter(groups__name=Role.CSM, is_active=True).order_by("pk")[:4])
    if not people:
        return
    monday = now.date() - timedelta(days=now.weekday() + 21)
    rota = services.rotas.write(
        None,
        key="first-response",
        name="First response",
        team=None,
        zone="Europe/Berlin",
        starts_on=monday,
        handover_at=time(9),
        turn_days=7,
        order=people,
        now=now,
    )
    if len(people) > 1:
        begins = (now + timedelta(days=2)).replace(hour=8, minute=0, second=0, microsecond=0)
        values = {"starts_at": begins, "ends_at": begins + timedelta(days=1), "why": "Dentist"}
        services.rotas.stand_in(rota, user=people[-1], actor=ACTOR, now=now, **values)


def _climb(alert: Alert, *, begun: datetime, taken_on: bool, now: datetime) -> None:
    if services.climbing.begin(alert, now=begun) is None:
        return
    climb = Climb.objects.get(alert=alert)
    told = 0
    while step := ClimbStep.objects.filter(climb=climb, done_at=None, due_at__lte=now, climb__state=ClimbState.RUNNING).first():
        services.climbing.advance(now=step.due_at)
        told += step.kind == "notify"
        if taken_on and told == 2:
            by = ClimbStep.objects.filter(climb=climb, people__isnull=False).order_by("-position").values_list("people", flat=True).first()
            services.climbing.stop(alert.pk, ClimbState.ACKNOWLEDGED, by=f"user:{by}", now=step.due_at + timedelta(minutes=11))
            services.acknowledge(alert, actor=Actor("user", str(by)), now=step.due_at + timedelta(minutes=11))
            return


def _respond(now: datetime) -> None:
    """The rule of risks opens a task when somebody says so; one alert asks."""
    rule = AlertRule.objects.filter(key="risk").first()
    if rule is None or Response.objects.exists():
        return
    says = {"title": "Call the sponsor about what changed", "minutes": 20, "due_hours": 24, "priority": "high"}
    services.responses.create(rule=rule, deed="task", says=says, mode="ask", actor=ACTOR, now=now)
    waiting = Alert.objects.filter(rule=rule, state=AlertState.OPEN).select_related("account", "cause").order_by("-opened_at", "pk").first()
    if waiting is not None:
        services.answering.respond(waiting, now=now)
