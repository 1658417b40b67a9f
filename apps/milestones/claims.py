"""Somebody's word: people with proof, other systems by the API, files. Each word is kept; what stands decides.

The rule where they disagree: the earliest moment that any standing word or the criteria tell is when it was reached. Of one source its newest word
(by the moment it speaks of) stands, so words that arrive twice or out of order end the same. Every word stays to be seen; `selectors.conflicts`
lists where they differ.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events

from . import pacing, reaching
from .models import Claim, Milestone, Progress
from .types import ClaimKind, MilestoneState, Pace, ProgressState

_NEWER = "A newer word of the same source"


def achieve(
    *,
    account: Account,
    milestone: Milestone,
    proof: str = "",
    at: datetime | None = None,
    kind: ClaimKind = ClaimKind.MANUAL,
    source: str = "",
    key: str = "",
    actor: Actor,
    now: datetime,
) -> Progress:
    """Say that an account reached a milestone, open to it or not; the same word (`source`, `key`) again changes nothing. A person shows proof."""
    if kind == ClaimKind.MANUAL and not proof.strip():
        raise Refused("proof_needed", f"What shows that {account.name} reached “{milestone.name}”? Write it down; others will ask.")
    return _say(account, milestone, denies=False, proof=proof, at=at or now, kind=kind, source=source, key=key, actor=actor, now=now)


def deny(
    *, account: Account, milestone: Milestone, proof: str = "", at: datetime | None = None, source: str, key: str = "", actor: Actor, now: datetime
) -> Progress:
    """Another system says that an account is not there (any more): its own earlier word no longer stands; what others say does, and the criteria."""
    return _say(account, milestone, denies=True, proof=proof, at=at or now, kind=ClaimKind.API, source=source, key=key, actor=actor, now=now)


def _say(
    account: Account,
    milestone: Milestone,
    *,
    denies: bool,
    proof: str,
    at: datetime,
    kind: ClaimKind,
    source: str,
    key: str,
    actor: Actor,
    now: datetime,
) -> Progress:
    if milestone.state != MilestoneState.LIVE:
        raise Refused("milestone_not_live", f"“{milestone.name}” is {milestone.get_state_display()}; nobody can reach it.")
    if at > now:
        raise Refused("not_yet", "It cannot have happened in the future.")
    own = key or f"{'not ' if denies else ''}{at.isoformat()}"
    with transaction.atomic():
        reaching.lock([account.pk])
        _, fresh = Claim.objects.get_or_create(
            account=account,
            milestone=milestone,
            kind=kind,
            source=source,
            key=own,
            defaults={"denies": denies, "at": at, "proof": proof.strip(), "actor": str(actor), "made_at": now},
        )
        if fresh:
            _keep_newest(account, milestone, kind, source, now)
            reaching.settle([account.pk], causes={}, now=now, actor=actor, because=f"{source or kind} says so" if denies else "")
        row: Progress = _progress(account, milestone, now=now)
    return row


def _keep_newest(account: Account, milestone: Milestone, kind: str, source: str, now: datetime) -> None:
    """Of a system's words none stands that a later denial speaks against, and no denial but the newest word. People do not overrule each other."""
    if kind == ClaimKind.MANUAL:
        return
    mine = Claim.objects.filter(account=account, milestone=milestone, kind=kind, source=source).filter(Q(withdrawn_at=None) | Q(withdrawn_why=_NEWER))
    newest = mine.order_by("-at", "-denies").first()
    denied = mine.filter(denies=True).order_by("-at").first()
    if denied is None or newest is None:
        return
    outdated = Q(denies=False, at__lte=denied.at) | (Q(denies=True) & ~Q(pk=newest.pk))
    mine.filter(outdated, withdrawn_at=None).update(withdrawn_at=now, withdrawn_why=_NEWER)


def _progress(account: Account, milestone: Milestone, *, now: datetime) -> Progress:
    row, _ = Progress.objects.select_related("account", "milestone").get_or_create(
        account=account, milestone=milestone, defaults={"version": milestone.current}
    )
    return row


def take_back(progress: Progress, *, reason: str, actor: Actor, now: datetime) -> Progress:
    """A person says that it does not hold. All words for it are withdrawn, and the criteria reach it no more until `judge_again`."""
    if not reason.strip():
        raise Refused("reason_needed", "Say why it does not hold; whoever was told that it was reached will ask.")
    with transaction.atomic():
        reaching.lock([progress.account_id])
        row = Progress.objects.select_for_update(of=("self",)).select_related("milestone").get(pk=progress.pk)
        if row.state != ProgressState.ACHIEVED:
            raise Refused("not_reached", f"“{row.milestone.name}” does not count as reached, so there is nothing to take back.")
        if row.milestone.state != MilestoneState.LIVE:
            raise Refused("milestone_not_live", f"“{row.milestone.name}” is {row.milestone.get_state_display()}: what was reached of it stays.")
        standing = Claim.objects.standing().filter(account=row.account_id, milestone=row.milestone_id, denies=False)
        standing.update(withdrawn_at=now, withdrawn_why=reason[:250])
        Progress.objects.filter(pk=row.pk).update(ruled=False)
        reaching.settle([row.account_id], causes={}, now=now, actor=actor, because=reason.strip())
        row.refresh_from_db()
    return row


def judge_again(progress: Progress, *, actor: Actor, now: datetime) -> Progress:
    """Let the criteria reach it again, after a person took it back."""
    with transaction.atomic():
        reaching.lock([progress.account_id])
        Progress.objects.filter(pk=progress.pk).update(ruled=True)
        reaching.settle([progress.account_id], causes={}, now=now, actor=actor)
        progress.refresh_from_db()
    return progress


def withdraw(claim: Claim, *, reason: str, actor: Actor, now: datetime) -> None:
    """Settle a conflict by letting one word no longer stand."""
    with transaction.atomic():
        reaching.lock([claim.account_id])
        if not Claim.objects.standing().filter(pk=claim.pk).update(withdrawn_at=now, withdrawn_why=reason[:250]):
            raise Refused("withdrawn", "This word does not stand any more.")
        reaching.settle([claim.account_id], causes={}, now=now, actor=actor, because=reason)


def pause(progress: Progress, *, actor: Actor, now: datetime) -> None:
    """Let its clock stand still: nobody is behind meanwhile. What they do still counts."""
    with transaction.atomic():
        row = Progress.objects.select_for_update(of=("self",)).select_related("milestone").get(pk=progress.pk)
        if row.state != ProgressState.OPEN:
            raise Refused("not_open", "Only a milestone that is open can be paused.")
        Progress.objects.filter(pk=row.pk).update(state=ProgressState.PAUSED, paused_at=now, pace=Pace.ON_TRACK)
        if row.pace != Pace.ON_TRACK:
            events.publish(pacing.changed(row, Pace.ON_TRACK), actor=actor, now=now)
    progress.refresh_from_db()


def resume(progress: Progress, *, actor: Actor, now: datetime) -> None:
    """Let its clock go on; the time it stood still does not count."""
    with transaction.atomic():
        reaching.lock([progress.account_id])
        row = Progress.objects.select_for_update().get(pk=progress.pk)
        if row.state != ProgressState.PAUSED or row.paused_at is None:
            raise Refused("not_paused", "It is not paused.")
        Progress.objects.filter(pk=row.pk).update(state=ProgressState.OPEN, paused_at=None, rested=row.rested + (now - row.paused_at))
        reaching.settle([row.account_id], causes={}, now=now, actor=actor)
    progress.refresh_from_db()
