"""The demo company's ladder: policies, a rota with somebody who stands in, and alerts that climbed in the last days."""

from datetime import datetime, time, timedelta

from django.db.models import F

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.models import Alert, AlertRule, ClimbStep, NoticeSending, Response
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
# So many alerts that people took on, and so many that nobody has yet, climbed as they would have; none from longer ago than this.
_TAKEN_ON, _OPEN, _SINCE = 4, 4, timedelta(days=9)


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
    recent = Alert.objects.filter(account__owner__isnull=False, opened_at__gt=now - _SINCE).exclude(severity="info").order_by("opened_at", "pk")
    recent = recent.select_related("account__owner", "rule", "owner")
    for alert in recent.filter(state=AlertState.ACKNOWLEDGED, acknowledged_at__isnull=False)[:_TAKEN_ON]:
        _climb(alert, until=alert.acknowledged_at or now)
    for alert in recent.filter(state=AlertState.OPEN)[:_OPEN]:
        _climb(alert, until=now)
    # All of it has reached its people; nothing of the past is mailed today.
    NoticeSending.objects.update(state=SendingState.SENT, attempt=1, gathered=False, done_at=F("due_at"))
    _respond(now)


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
        ends = begins + timedelta(days=1)
        services.rotas.stand_in(rota, user=people[-1], starts_at=begins, ends_at=ends, why="Dentist", actor=ACTOR, now=now)


def _climb(alert: Alert, *, until: datetime) -> None:
    """From when it was opened until somebody took it on, or until now. For that time it is open once more."""
    state, by = alert.state, alert.acknowledged_by
    alert.state = AlertState.OPEN
    Alert.objects.filter(pk=alert.pk).update(state=AlertState.OPEN)
    climb = services.climbing.begin(alert, now=alert.opened_at)
    while climb is not None and (step := ClimbStep.objects.filter(climb=climb, done_at=None, due_at__lte=until).first()):
        services.climbing.advance(now=step.due_at)
    Alert.objects.filter(pk=alert.pk).update(state=state)
    if state == AlertState.ACKNOWLEDGED:
        services.climbing.stop(alert.pk, ClimbState.ACKNOWLEDGED, by=by, now=until)


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
