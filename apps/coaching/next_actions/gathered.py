"""The facts about one account that its next actions are made of, as of a moment, in a fixed order."""

from datetime import UTC, datetime, timedelta

from apps.accounts.models import Account, ActivityEvent, Promise, Renewal, Ticket
from apps.accounts.types import PromiseState
from apps.churn.models import AccountRisk
from apps.events.models import Event
from apps.events.vocabulary import MilestonePaceChanged
from apps.milestones.models import Progress
from apps.milestones.types import Pace

from ..definition import ENGLISH
from ..models import Recommendation
from ..types import Evidence
from .ranked import Facts, Tipped

# A question that is younger is still in good time.
_WAITS = timedelta(hours=48)
_MOST = 5


def facts(account: Account, *, now: datetime) -> Facts:
    today = now.astimezone(UTC).date()
    risk = AccountRisk.objects.filter(account=account).first()
    late = Promise.objects.filter(account=account, by_customer=False, state=PromiseState.OPEN, due_on__lte=today).order_by("due_on", "pk")[:_MOST]
    waiting = Ticket.objects.filter(account=account, answered_at__isnull=True, solved_at__isnull=True, opened_at__lte=now - _WAITS)
    renewal = Renewal.objects.filter(account=account, state="open", due_on__gte=today, calls__isnull=True).order_by("due_on", "pk").first()
    return Facts(
        arr=float(account.arr),
        currency=account.currency,
        chance=risk.probability if risk is not None else None,
        prediction=risk.prediction_id if risk is not None else None,
        reasons=tuple((str(one["words"]), float(one["contribution"])) for one in risk.reasons) if risk is not None else (),
        newest=tuple(ActivityEvent.objects.filter(account=account, at__lte=now).order_by("-at", "-pk").values_list("pk", flat=True)[:3]),
        promises=tuple((one.pk, one.text, (today - one.due_on).days) for one in late),
        tickets=tuple(
            (one.pk, one.subject or one.external_id, int((now - one.opened_at).total_seconds() // 3600))
            for one in waiting.order_by("opened_at", "pk")[:_MOST]
        ),
        paces=_paces(account),
        renewal=(renewal.pk, (renewal.due_on - today).days) if renewal is not None else None,
        tips=_tips(account),
    )


def _paces(account: Account) -> tuple[tuple[int, str, str], ...]:
    """With the event that announced it: the newest word about each milestone."""
    slow = Progress.objects.filter(account=account, state="open", pace__in=(Pace.BEHIND, Pace.STUCK)).select_related("milestone")
    rows = list(slow.order_by("milestone__position", "pk")[:_MOST])
    if not rows:
        return ()
    told = (
        Event.objects.filter(type=MilestonePaceChanged.type, subject=f"account:{account.pk}").order_by("pk").values_list("payload__progress_id", "pk")
    )
    newest = dict(told)
    return tuple((newest[row.pk], row.milestone.name, row.pace) for row in rows if row.pk in newest)


def _tips(account: Account) -> tuple[Tipped, ...]:
    rows = Recommendation.objects.shown().waiting().filter(account=account).select_related("version").order_by("pk")[:10]
    return tuple(
        Tipped(
            recommendation=row.pk,
            title=row.version.says.said(ENGLISH).title,
            reason=row.reason,
            expected=row.expected,
            minutes=row.version.says.effort_minutes,
            evidence=tuple(Evidence(one["words"], one["about"], tuple(one["events"])) for one in row.evidence),
        )
        for row in rows
    )
