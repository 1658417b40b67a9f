"""What speaks against asking, and always wins: trouble of the account, a person who was asked lately, a no."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from apps.accounts.models import Account, Renewal, Ticket
from apps.accounts.types import RenewalState, Stage, TicketState
from apps.churn.models import AccountRisk
from apps.churn.types import Band
from apps.interventions.models import Enrolment
from apps.interventions.types import Arm, EnrolmentState
from apps.messaging.types import Lane

from ..models import Ask, AskRules
from ..sharing.reading import may
from ..types import OPEN_ASKS, SURFACE_OF, AskKind, AskState

_OVERDUE = timedelta(days=30)


def stops_of(account_ids: Sequence[int], *, now: datetime, rules: AskRules) -> dict[int, list[str]]:
    """Why nobody at these accounts is asked for anything now, in words; five statements whatever their number."""
    found: dict[int, list[str]] = defaultdict(list)
    for account_id in Account.objects.filter(pk__in=account_ids, stage=Stage.CHURNED).values_list("pk", flat=True):
        found[account_id].append("They are no customer any more.")
    tickets = Ticket.objects.filter(account__in=account_ids, opened_at__lte=now).exclude(state=TicketState.SOLVED)
    for account_id in tickets.order_by("account_id").distinct("account_id").values_list("account_id", flat=True):
        found[account_id].append("A ticket of theirs is open.")
    risky = AccountRisk.objects.filter(account__in=account_ids).exclude(band=Band.LOW)
    for account_id, band in risky.values_list("account_id", "band"):
        found[account_id].append(f"Their churn risk is {Band(band).label}, not low.")
    until = now.date() + timedelta(days=rules.renewal_days)
    talks = Renewal.objects.filter(account__in=account_ids, state=RenewalState.OPEN, due_on__lte=until, due_on__gte=now.date() - _OVERDUE)
    for account_id, due_on in talks.order_by("account_id", "due_on").distinct("account_id").values_list("account_id", "due_on"):
        found[account_id].append(f"Their renewal is due on {due_on.day} {due_on:%B}.")
    # A definition leaves out what stands at its default, and the default lane is to save.
    saves = Q(version__definition__lane=Lane.SAVE.value) | ~Q(version__definition__has_key="lane")
    running = Enrolment.objects.filter(saves, account__in=account_ids, arm=Arm.TREATED).exclude(state=EnrolmentState.ENDED)
    for account_id, name in running.order_by("account_id", "-id").distinct("account_id").values_list("account_id", "play__name"):
        found[account_id].append(f"“{name}” runs to keep them.")
    return found


def tired_of(contact_ids: Collection[int], *, now: datetime, rules: AskRules, but: int | None = None) -> dict[tuple[int, str], str]:
    """(person, kind) -> why they are not asked for it now: what they were asked, and what they said. One statement and one for each surface."""
    found: dict[tuple[int, str], str] = {}
    for surface in set(SURFACE_OF.values()):
        unwilling = set(contact_ids) - may(contact_ids, surface)
        found |= {(person, kind): "They do not want to be asked for it." for person in unwilling for kind, of in SURFACE_OF.items() if of == surface}
    longest = max(rules.any_days, rules.referral_days, rules.declined_days, 91)
    asks = Ask.objects.filter(contact__in=contact_ids).exclude(pk=but or 0)
    lately = asks.filter(Q(asked_at__gt=now - timedelta(days=longest)) | Q(answered_at__gt=now - timedelta(days=longest)) | Q(state__in=OPEN_ASKS))
    used: dict[int, int] = defaultdict(int)
    for person, kind, state, asked_at, answered_at in lately.order_by("id").values_list("contact_id", "kind", "state", "asked_at", "answered_at"):
        reasons = {}
        if state in OPEN_ASKS:
            reasons = dict.fromkeys(AskKind.values, "An ask of theirs is open.")
        elif asked_at and asked_at > now - timedelta(days=rules.any_days):
            reasons = dict.fromkeys(AskKind.values, f"They were asked for something less than {rules.any_days} days ago.")
        elif kind == AskKind.REFERRAL and asked_at and asked_at > now - timedelta(days=rules.referral_days):
            reasons = {kind: f"They were asked to recommend us less than {rules.referral_days} days ago."}
        elif state == AskState.DECLINED and answered_at and answered_at > now - timedelta(days=rules.declined_days):
            reasons = {kind: f"They said no to it less than {rules.declined_days} days ago."}
        for one, words in reasons.items():
            found.setdefault((person, one), words)
        if kind == AskKind.REFERENCE and asked_at and asked_at > now - timedelta(days=91) and state in (AskState.AGREED, AskState.DONE):
            used[person] += 1
    for person, times in used.items():
        if times >= rules.reference_per_quarter:
            words = f"They were a reference {times} times in 91 days, and {rules.reference_per_quarter} is the most."
            found.setdefault((person, AskKind.REFERENCE), words)
    return found
