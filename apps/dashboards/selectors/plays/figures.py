"""What plays did lately, counted over every account of the house: runs, goals of treated beside held-out, cost."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, Q, Sum
from django.db.models.functions import Coalesce

from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, PassedOver, Play, StepRecord, Task
from apps.interventions.types import Arm, EnrolmentState, NotEntered

DAYS = 30


@dataclass
class Figures:
    """Counts of one play. `judged` compares runs whose goal window ended in the last DAYS days, so that both arms had the same time."""

    running: int = 0
    held_out: int = 0
    ended: int = 0
    entered_ever: int = 0
    judged: interventions.sizing.Compared = field(default_factory=lambda: interventions.sizing.compared(0, 0, 0, 0))
    money: dict[str, Decimal] = field(default_factory=dict)
    minutes: int = 0


def of_plays(plays: Collection[Play], now: datetime) -> dict[int, Figures]:
    """The figures of each play by its key, in three statements however many there are."""
    since = now - timedelta(days=DAYS)
    keys = [play.pk for play in plays]
    found: dict[int, Figures] = {key: Figures() for key in keys}
    open_run, treated, held = Q(state=EnrolmentState.WAITING), Q(arm=Arm.TREATED), Q(arm=Arm.HELD_OUT)
    over = Q(window_ends_at__gt=since, window_ends_at__lte=now)
    counts = (
        Enrolment.objects.filter(play__in=keys)
        .exclude(state=EnrolmentState.CANDIDATE)
        .values("play_id")
        .annotate(
            running=Count("pk", filter=open_run & treated),
            held_out=Count("pk", filter=open_run & held),
            ended=Count("pk", filter=Q(ended_at__gt=since)),
            ever=Count("pk"),
            treated=Count("pk", filter=over & treated),
            treated_met=Count("pk", filter=over & treated & Q(goal_met_at__isnull=False)),
            held=Count("pk", filter=over & held),
            held_met=Count("pk", filter=over & held & Q(goal_met_at__isnull=False)),
        )
        .order_by()
    )
    for row in counts:
        judged = interventions.sizing.compared(row["treated"], row["treated_met"], row["held"], row["held_met"])
        found[row["play_id"]] = Figures(row["running"], row["held_out"], row["ended"], row["ever"], judged)
    _add_costs(found, since, now)
    return found


def _add_costs(found: dict[int, Figures], since: datetime, now: datetime) -> None:
    cost = Coalesce("message__cost_actual", "message__cost_estimate", output_field=DecimalField())
    sent = StepRecord.objects.filter(enrolment__play__in=list(found), message__sent_at__gt=since, message__sent_at__lte=now)
    for play_id, currency, money in sent.values_list("enrolment__play_id", "message__currency").annotate(money=Sum(cost)).order_by():
        if money:
            found[play_id].money[currency] = money
    done = Task.objects.filter(enrolment__play__in=list(found), created_at__gt=since, created_at__lte=now)
    for play_id, minutes in done.values_list("enrolment__play_id").annotate(minutes=Sum("minutes")).order_by():
        found[play_id].minutes = minutes or 0


def passed_over(play: Play, now: datetime) -> list[tuple[str, int]]:
    """Why accounts that a trigger named did not enter in DAYS days, the most frequent reason first."""
    rows = PassedOver.objects.filter(play=play, at__gt=now - timedelta(days=DAYS)).values_list("reason").annotate(count=Count("pk"))
    return [(str(NotEntered(reason).label), count) for reason, count in rows.order_by("-count", "reason")]


def at_steps(play: Play) -> dict[str, int]:
    """How many treated runs wait before, or stand at, each step, by the step's id in the version that each run follows."""
    waiting = Enrolment.objects.filter(play=play, arm=Arm.TREATED, state=EnrolmentState.WAITING)
    rows = waiting.values_list("version_id", "position").annotate(count=Count("pk")).order_by()
    ids = {version.pk: [step.id for step in version.says.steps] for version in play.versions.filter(pk__in={row[0] for row in rows})}
    found: dict[str, int] = defaultdict(int)
    for version_id, position, count in rows:
        steps = ids[version_id]
        found[steps[position] if position < len(steps) else ""] += count
    return dict(found)
