"""What a rule may do by itself: start a play, open a task, tell webhooks, flip a flag. Each is put into words, done, and taken back where it can."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.alerts.models import Alert, ResponseRun
from apps.alerts.types import ResponseDeed
from apps.core import flags
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import AlertCalled
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import EnrolmentState, Priority, TaskState

_FIELDS: Mapping[ResponseDeed, dict[str, type]] = {
    ResponseDeed.PLAY: {"play": str},
    ResponseDeed.TASK: {"title": str, "minutes": int, "due_hours": int, "priority": str},
    ResponseDeed.WEBHOOK: {"name": str},
    ResponseDeed.FLAG: {"flag": str, "on": bool},
}
_LONGEST_DUE_HOURS = 24 * 60


def checked(deed: ResponseDeed, says: Any) -> dict[str, Any]:
    """The same, known and whole. Raises Refused."""
    fields = _FIELDS[deed]
    if not isinstance(says, dict) or set(says) != set(fields) or any(type(says[name]) is not kind for name, kind in fields.items()):
        raise Refused("bad_response", f"To {deed.label}, say {', '.join(fields)}. Nothing was changed.")
    match deed:
        case ResponseDeed.PLAY if not Play.objects.filter(key=says["play"]).exists():
            raise Refused("no_such_play", f"There is no play {says['play']!r}. Nothing was changed.")
        case ResponseDeed.TASK if not (
            1 <= len(says["title"].strip()) <= 200
            and 1 <= says["minutes"] <= 480
            and 1 <= says["due_hours"] <= _LONGEST_DUE_HOURS
            and says["priority"] in Priority.values
        ):
            raise Refused("bad_task", "A task has a title, 1 to 480 minutes, is due within 60 days, and has a priority. Nothing was changed.")
        case ResponseDeed.WEBHOOK if not 1 <= len(says["name"].strip()) <= 80:
            raise Refused("bad_name", "Give what webhooks are told a name of at most 80 letters. Nothing was changed.")
        case ResponseDeed.FLAG if flags.standing(says["flag"]) is None:
            raise Refused(
                "no_such_flag", f"There is no {says['flag']!r}. Name one such as “flag plays.new” or “switch channel.sms”. Nothing was changed."
            )
    return dict(says)


def in_words(deed: str, says: Mapping[str, Any]) -> str:
    """As a command: “start the play …”."""
    match deed:
        case ResponseDeed.PLAY:
            return f"start the play “{says['play']}”"
        case ResponseDeed.TASK:
            return f"open the task “{says['title']}”"
        case ResponseDeed.WEBHOOK:
            return f"tell webhooks “{says['name']}”"
        case _:
            return f"switch {says['flag']} {'on' if says['on'] else 'off'} for everybody"


def name_of(deed: str, says: Mapping[str, Any]) -> str:
    return str(
        says[{ResponseDeed.PLAY: "play", ResponseDeed.TASK: "title", ResponseDeed.WEBHOOK: "name", ResponseDeed.FLAG: "flag"}[ResponseDeed(deed)]]
    )


def do(run: ResponseRun, alert: Alert, *, actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
    """Do it: what was done in words, and what is needed to take it back. Raises Refused where it cannot be done."""
    says = run.says
    if run.deed in (ResponseDeed.PLAY, ResponseDeed.TASK) and alert.account is None:
        raise Refused("no_account", "The alert is about no account.")
    match run.deed:
        case ResponseDeed.PLAY:
            play = Play.objects.filter(key=says["play"]).first()
            if play is None:
                raise Refused("no_such_play", f"There is no play {says['play']!r} any more.")
            assert alert.account_id is not None
            begun = interventions.start_by_hand(play, account_id=alert.account_id, actor=actor, now=now)
            return f"Started the play “{play.name}”.", {"enrolment": begun.pk}
        case ResponseDeed.TASK:
            assert alert.account is not None
            task = interventions.open_task(
                account=alert.account,
                title=says["title"],
                why=alert.title,
                minutes=says["minutes"],
                due_at=now + timedelta(hours=says["due_hours"]),
                actor=actor,
                now=now,
                reason="alert",
                name=str(run.response_id),
                priority=Priority(says["priority"]),
                evidence=[{"words": words, "about": f"alert:{alert.pk}"} for words in alert.why[:3]],
                cause=alert.cause,
            )
            return f"Opened the task “{task.title}”.", {"task": task.pk}
        case ResponseDeed.WEBHOOK:
            called = AlertCalled(
                account_id=alert.account_id,
                alert_id=alert.pk,
                run_id=run.pk,
                name=says["name"],
                title=alert.title,
                severity=alert.severity,
                why=alert.why,
            )
            events.publish(called, actor=actor, now=now, cause=alert.cause)
            return f"Told webhooks “{says['name']}”.", {}
        case _:
            return _flip(says)


def _flip(says: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    before = flags.standing(says["flag"])
    if before is None:
        raise Refused("no_such_flag", f"There is no {says['flag']!r} any more.")
    after = flags.whole(says["flag"], on=says["on"])
    word = "on" if says["on"] else "off"
    if before == after:
        return f"{says['flag']} was {word} already.", {}
    flags.put(says["flag"], after)
    return f"Switched {says['flag']} {word} for everybody.", {"flag": says["flag"], "before": before, "after": after}


def can_be_undone(run: ResponseRun) -> bool:
    return bool(run.made)


def undo(run: ResponseRun, *, actor: Actor, now: datetime) -> str:
    """Take it back, in words. Raises Refused where somebody has moved on since."""
    made = run.made
    if not made:
        raise Refused("nothing_to_undo", "It changed nothing that could be taken back.")
    if "enrolment" in made:
        begun = Enrolment.objects.select_related("play").get(pk=made["enrolment"])
        if begun.state == EnrolmentState.ENDED:
            raise Refused("already_over", f"The run of “{begun.play.name}” has ended already.")
        interventions.stop(begun, actor=actor, now=now)
        return f"Stopped the play “{begun.play.name}”."
    if "task" in made:
        task = Task.objects.get(pk=made["task"])
        if task.state != TaskState.OPEN:
            raise Refused("already_over", f"The task “{task.title}” is closed already.")
        interventions.settle_task(task, TaskState.DROPPED, because="what opened it was taken back", actor=actor, now=now, cause=None)
        return f"Dropped the task “{task.title}”."
    if flags.standing(made["flag"]) != made["after"]:
        raise Refused("changed_since", f"Somebody changed {made['flag']} since. Change it by hand, so that theirs is not lost.")
    flags.put(made["flag"], made["before"])
    return f"Put {made['flag']} back as it was."
