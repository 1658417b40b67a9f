"""Plays: who enters, when a run ends, and what the customer's answer does to it. The steps themselves are in steps.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.models import Account, Contact
from apps.accounts.types import ContactRole, Stage
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.core.shares import position
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import PlayEnded, PlayEntered
from apps.messaging import services as messaging

from . import selectors, tasks_for_people
from .models import Enrolment, Play, StepRecord
from .types import Arm, EnrolmentState, ExitReason, PlayState

from . import audiences, checked, conditions, definition, differences, foretold, play_files, play_tests, rehearsals, sentences, sizing  # noqa: F401  isort:skip  (part of this module's face)
from .written import create_play, note_share, rename, save_version, turn  # noqa: F401  isort:skip
from .tasks_for_people import close as close_task, reopen as reopen_task, snooze as snooze_task  # noqa: F401  isort:skip  (part of this module's face)

_PREFERRED = (ContactRole.CHAMPION, ContactRole.ADMIN, ContactRole.SPONSOR, ContactRole.USER)


def enrol(
    play: Play, *, account_id: int, prediction_id: int | None = None, actor: Actor, now: datetime, cause: Event | None = None
) -> Enrolment | None:
    """Let an account into a play, or into its holdout. None when it is running already, entered too recently, or the customer has left."""
    account = Account.objects.get(pk=account_id)
    if play.state != PlayState.LIVE or play.current is None or account.stage == Stage.CHURNED:
        return None
    says = play.says
    recent = Q(state=EnrolmentState.WAITING) | Q(entered_at__gt=now - timedelta(days=says.entry.cooldown_days))
    if play.enrolments.filter(recent, account=account).exists():
        return None
    held_out = position(f"holdout:{play.key}", account_id) * 100 < says.holdout_percent
    window_ends_at = now + timedelta(days=says.goal.window_days)
    try:
        with transaction.atomic():
            enrolment = Enrolment.objects.create(
                play=play,
                account=account,
                contact=_contact_for(account, now),
                prediction_id=prediction_id,
                arm=Arm.HELD_OUT if held_out else Arm.TREATED,
                version=play.current,
                # The held-out are watched for the same goal over the same window, and nothing else happens to them.
                due_at=window_ends_at if held_out else now,
                entered_at=now,
                window_ends_at=window_ends_at,
                baseline=selectors.weekly_baseline(account_id, now),
                cause=cause,
            )
            entered = events.publish(
                PlayEntered(account_id=account_id, enrolment_id=enrolment.pk, play_key=play.key, arm=enrolment.arm), actor=actor, now=now, cause=cause
            )
            Enrolment.objects.filter(pk=enrolment.pk).update(cause=entered)
            enrolment.cause = entered
    except IntegrityError:
        # Another worker let it in at the same moment.
        return None
    after_commit("interventions.advance")
    return enrolment


def _contact_for(account: Account, now: datetime) -> Contact | None:
    """The person to write to: still there, with an address, champions first."""
    people = account.contacts.exclude(email="").filter(Q(departed_on__isnull=True) | Q(departed_on__gt=now.date()))
    return min(people, key=lambda person: (_PREFERRED.index(ContactRole(person.role)), person.pk), default=None)


def start_by_hand(play: Play, *, account_id: int, actor: Actor, now: datetime) -> Enrolment:
    """A person starts a play; a refusal says why it cannot start."""
    enrolment = enrol(play, account_id=account_id, actor=actor, now=now)
    if enrolment is None:
        raise Refused(
            "cannot_enter", f"“{play.name}” did not start: it is not live, runs already, or ran less than {play.says.entry.cooldown_days} days ago."
        )
    return enrolment


def stop(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """A person stops a run; what it had queued is not sent."""
    if not end(enrolment, ExitReason.MANUAL, actor=actor, now=now):
        raise Refused("not_running", "This run has ended already.")


def end(enrolment: Enrolment, reason: ExitReason, *, actor: Actor, now: datetime, cause: Event | None = None) -> bool:
    """Close a run with its reason, take back what waits, and announce it; False when it was closed already."""
    with transaction.atomic():
        closed = Enrolment.objects.filter(pk=enrolment.pk, state=EnrolmentState.WAITING).update(
            state=EnrolmentState.ENDED, exit_reason=reason, ended_at=now
        )
        if not closed:
            return False
        messages = StepRecord.objects.filter(enrolment=enrolment, message__isnull=False).values_list("message_id", flat=True)
        messaging.cancel_waiting(message_ids=list(messages), reason=f"The play ended: {reason.label}.", actor=actor, now=now)
        if reason in (ExitReason.GOAL, ExitReason.CHURNED, ExitReason.MANUAL):
            tasks_for_people.drop_for(enrolment, because=reason.label, actor=actor, now=now, cause=cause)
        enrolment.refresh_from_db()
        outcome = "recovered" if enrolment.goal_met_at else "replied" if enrolment.replied_at else "none"
        events.publish(
            PlayEnded(account_id=enrolment.account_id, enrolment_id=enrolment.pk, play_key=enrolment.play.key, reason=reason, outcome=outcome),
            actor=actor,
            now=now,
            cause=cause,
        )
    return True


def check_goals(account_ids: Sequence[int], *, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Record recovered activity: the week's events are back at the play's share of the account's own pattern. Returns how many reached it.

    Ended runs are watched until their window closes too, so that treated and held-out are judged by the same clock.
    """
    met = 0
    with transaction.atomic():
        for enrolment in selectors.goal_open(account_ids, now).select_for_update(of=("self",)):
            if not selectors.has_recovered(enrolment, now):
                continue
            enrolment.goal_met_at = now
            enrolment.save(update_fields=["goal_met_at"])
            end(enrolment, ExitReason.GOAL, actor=actor, now=now, cause=cause)
            met += 1
    return met


def note_reply(*, message_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    """The customer answered a play's message: outreach stops, and a person answers."""
    record = StepRecord.objects.select_related("enrolment__account", "enrolment__contact").filter(message_id=message_id).first()
    if record is None:
        return
    enrolment = record.enrolment
    with transaction.atomic():
        if not Enrolment.objects.filter(pk=enrolment.pk, replied_at__isnull=True).update(replied_at=now):
            return
        tasks_for_people.open_task(
            account=enrolment.account,
            enrolment=enrolment,
            title=f"Answer {enrolment.contact or 'the customer'}",
            why="They replied to the play's message.",
            minutes=10,
            kind="reply",
            due_at=now + timedelta(hours=4),
            actor=actor,
            now=now,
            cause=cause,
        )
        end(enrolment, ExitReason.REPLIED, actor=actor, now=now, cause=cause)


def stop_for_leavers(*, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Whoever has left gets nothing more: runs end, open tasks are dropped. Returns how many runs ended."""
    ended = 0
    with transaction.atomic():
        for enrolment in Enrolment.objects.running().filter(account__stage=Stage.CHURNED).select_related("play"):
            ended += end(enrolment, ExitReason.CHURNED, actor=actor, now=now, cause=cause)
        tasks_for_people.drop_for_leavers(because="the customer left", actor=actor, now=now, cause=cause)
    return ended
