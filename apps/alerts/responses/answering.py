"""Answering alerts by rule: each response at most once per alert, within its limits, noted whatever came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.alerts.models import Alert, Response, ResponseRun
from apps.alerts.types import AlertState, ResponseMode, RunState
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertAnswered

from . import deeds

_ACTOR = Actor.job("alerts.respond")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def respond(alert: Alert, *, now: datetime, cause: Event | None = None) -> list[ResponseRun]:
    """What the alert's rule does by itself: done, noted, or asked of a person. An alert answered already is answered no more."""
    if alert.rule_id is None or alert.state == AlertState.RESOLVED:
        return []
    found = []
    for key in Response.objects.filter(rule=alert.rule_id).exclude(mode=ResponseMode.OFF).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # One at a time, so that a hundred alerts of one moment are counted against the limits one after another.
            response = Response.objects.select_for_update(of=("self",)).get(pk=key)
            if (run := _answered(response, alert, now, cause)) is not None:
                found.append(run)
    return found


def _answered(response: Response, alert: Alert, now: datetime, cause: Event | None) -> ResponseRun | None:
    words = deeds.in_words(response.deed, response.says)
    run = ResponseRun(response=response, alert=alert, deed=response.deed, says=response.says, at=now)
    if response.mode == ResponseMode.DRY:
        run.state, run.what = RunState.NOTED, f"It would {words}; dry run."[:250]
    elif response.mode == ResponseMode.ASK:
        run.state, run.what = RunState.ASKED, f"It would {words}, when somebody says so."[:250]
    elif reason := _limit(response, now):
        run.state, run.what = RunState.LIMITED, f"It did not {words}: {reason}."[:250]
    else:
        run.state, run.what = RunState.ASKED, words[:250]
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        return None
    if response.mode == ResponseMode.AUTO and run.state == RunState.ASKED:
        _do(run, alert, _ACTOR, now)
    _announce(run, alert, _ACTOR, now, cause)
    return run


def _limit(response: Response, now: datetime) -> str:
    """Which limit is reached, in words, or nothing."""
    done = ResponseRun.objects.filter(response=response, done_at__isnull=False)
    for length, most, word in ((_HOUR, response.per_hour, "hour"), (_DAY, response.per_day, "day")):
        if done.filter(done_at__gt=now - length).count() >= most:
            return f"{most} within {'an hour' if word == 'hour' else 'a day'} is the limit"
    return ""


def _do(run: ResponseRun, alert: Alert, actor: Actor, now: datetime) -> None:
    try:
        with transaction.atomic():
            what, made = deeds.do(run, alert, actor=actor, now=now)
        run.state, run.what, run.made, run.done_at = RunState.DONE, what[:250], made, now
    except Refused as refusal:
        run.state, run.what = RunState.FAILED, f"It could not {deeds.in_words(run.deed, run.says)}: {refusal.message}"[:250]
    run.save(update_fields=["state", "what", "made", "done_at", "decided_by", "decided_at"])


def approve(run: ResponseRun, *, actor: Actor, now: datetime, user: User | None = None) -> ResponseRun:
    """A person lets it be done; the limits hold for people too. Raises Refused."""
    with transaction.atomic():
        Response.objects.select_for_update(of=("self",)).get(pk=run.response_id)
        row = _asked(run)
        if reason := _limit(row.response, now):
            raise Refused("limit", f"It was not done: {reason}. Try again later, or raise the limit on the rule.")
        row.decided_by, row.decided_at = user, now
        _do(row, row.alert, actor, now)
        _announce(row, row.alert, actor, now, None)
    return row


def refuse(run: ResponseRun, *, actor: Actor, now: datetime, user: User | None = None) -> ResponseRun:
    """A person does not want it. Raises Refused where it waits for nobody."""
    with transaction.atomic():
        row = _asked(run)
        row.state, row.decided_by, row.decided_at = RunState.REFUSED, user, now
        row.save(update_fields=["state", "decided_by", "decided_at"])
        _announce(row, row.alert, actor, now, None)
    return row


def undo(run: ResponseRun, *, actor: Actor, now: datetime, user: User | None = None) -> ResponseRun:
    """Take back what was done, where it can be. Raises Refused."""
    with transaction.atomic():
        row = _locked(run)
        if row.state != RunState.DONE:
            raise Refused("not_done", f"There is nothing to take back: it is {row.get_state_display()}.")
        row.what = deeds.undo(row, actor=actor, now=now)[:250]
        row.state, row.decided_by, row.decided_at = RunState.UNDONE, user, now
        row.save(update_fields=["state", "what", "decided_by", "decided_at"])
        _announce(row, row.alert, actor, now, None)
    return row


def _locked(run: ResponseRun) -> ResponseRun:
    rows = ResponseRun.objects.select_for_update(of=("self",)).select_related("response", "alert__account", "alert__cause")
    return rows.get(pk=run.pk)


def _asked(run: ResponseRun) -> ResponseRun:
    row = _locked(run)
    if row.state != RunState.ASKED:
        raise Refused("not_asked", f"It waits for nobody: it is {row.get_state_display()}.")
    return row


def _announce(run: ResponseRun, alert: Alert, actor: Actor, now: datetime, cause: Event | None) -> None:
    said = AlertAnswered(
        account_id=alert.account_id,
        alert_id=alert.pk,
        run_id=run.pk,
        deed=run.deed,
        name=deeds.name_of(run.deed, run.says),
        state=run.state,
        words=run.what,
    )
    events.publish(said, actor=actor, now=now, cause=cause)


def runs_of(alerts: Sequence[Alert]) -> dict[int, list[ResponseRun]]:
    """By alert, what its rule did, newest first."""
    found: dict[int, list[ResponseRun]] = {}
    for run in ResponseRun.objects.filter(alert__in=[alert.pk for alert in alerts]).select_related("response", "decided_by").order_by("-at", "-id"):
        found.setdefault(run.alert_id, []).append(run)
    return found
