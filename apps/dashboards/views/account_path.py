"""What staff do on the path of an account: say that something is reached, take it back, stop and start its clock, choose the next."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from apps.accounts.models import Account
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.milestones import services as milestones
from apps.milestones.models import Claim, Milestone, Progress

from .actions import do, mine
from .page import StaffRequest, staff_page, zone_of


@require_POST
@staff_page
def path_reach(request: StaffRequest, account_id: int, key: str) -> HttpResponse:
    account = mine(request, Account.objects.all(), account_id)
    milestone = Milestone.objects.filter(key=key).first()
    if milestone is None:
        raise Http404("No such page.")

    def call(actor: Actor) -> str:
        now = clock.now()
        proof = request.POST.get("proof", "").replace("\x00", "").strip()[:500]
        milestones.achieve(account=account, milestone=milestone, proof=proof, at=_at(request, now), actor=actor, now=now)
        return f"Reached: {milestone.name}"

    return do(request, call)


def _at(request: StaffRequest, now: datetime) -> datetime:
    """Noon of the day that was typed, in the reader's zone; now without one, or on the same day."""
    word = request.POST.get("on", "").strip()
    if not word:
        return now
    try:
        day = parse_date(word)
    except ValueError:
        day = None
    if day is None:
        raise Refused("no_day", "The day must be one such as 2026-03-11. Nothing was changed.")
    at = datetime.combine(day, time(12), tzinfo=zone_of(request.user))
    return now if at.date() == now.astimezone(at.tzinfo).date() else at


@require_POST
@staff_page
def path_do(request: StaffRequest, progress_id: int, what: str) -> HttpResponse:
    """One button of one milestone on an account's path."""
    row: Progress = mine(request, Progress.objects.select_related("milestone", "account"), progress_id)
    if what not in _DEEDS:
        raise Http404("No such page.")
    deed, words, back = _DEEDS[what]

    def call(actor: Actor) -> str:
        deed(row, request.POST.get("reason", "").replace("\x00", "").strip()[:250], actor, clock.now())
        return words.format(name=row.milestone.name)

    return do(request, call, reverse("path_do", args=[row.pk, back]) if back else "")


def _take_back(row: Progress, reason: str, actor: Actor, now: datetime) -> None:
    milestones.take_back(row, reason=reason, actor=actor, now=now)


def _judge(row: Progress, reason: str, actor: Actor, now: datetime) -> None:
    milestones.judge_again(row, actor=actor, now=now)


def _pause(row: Progress, reason: str, actor: Actor, now: datetime) -> None:
    milestones.pause(row, actor=actor, now=now)


def _resume(row: Progress, reason: str, actor: Actor, now: datetime) -> None:
    milestones.resume(row, actor=actor, now=now)


# Each with its words and the deed that takes it back.
_DEEDS: dict[str, tuple[Callable[[Progress, str, Actor, datetime], Any], str, str]] = {
    "take-back": (_take_back, "Taken back: {name}. Only somebody’s word reaches it from now on.", ""),
    "judge": (_judge, "What they do counts again: {name}", ""),
    "pause": (_pause, "Paused: {name}", "resume"),
    "resume": (_resume, "Goes on: {name}", "pause"),
}


@require_POST
@staff_page
def path_withdraw(request: StaffRequest, claim_id: int) -> HttpResponse:
    """One word about a milestone stands no more; what else is said decides."""
    claim: Claim = mine(request, Claim.objects.select_related("milestone"), claim_id)

    def call(actor: Actor) -> str:
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:250] or "Withdrawn on the account’s path"
        milestones.withdraw(claim, reason=reason, actor=actor, now=clock.now())
        return f"That word about “{claim.milestone.name}” no longer stands."

    return do(request, call)


@require_POST
@staff_page
def path_as_written(request: StaffRequest, account_id: int, word: str) -> HttpResponse:
    """Whether this account gets every milestone as it is written, or in the variant that fits."""
    account = mine(request, Account.objects.all(), account_id)
    as_written = word == "yes"

    def call(actor: Actor) -> str:
        milestones.take_as_written(account_id=account.pk, as_written=as_written, actor=actor, now=clock.now())
        return f"{account.name} gets milestones {'as they are written' if as_written else 'in the variant that fits'} from now on."

    return do(request, call, reverse("path_as_written", args=[account.pk, "no" if as_written else "yes"]))
