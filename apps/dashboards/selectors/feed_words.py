"""How the feed tells each kind of event. Of an account: said after its name."""

from collections.abc import Mapping
from typing import Any

from apps.churn.types import Band, RunState
from apps.interventions.types import ExitReason
from apps.messaging.types import Channel

from ..types import SEVERITY_WORDS
from . import growth
from .growth import Words, because

Said = Mapping[str, Any]
# What follows from something that is told anyway, or names nobody.
UNTOLD = ("consent.changed", "metrics.moved", "risk.scored", "health.changed", "milestone.moved", "play.called", "alert.called")

_ASKS = {"referral": "a recommendation", "review": "a review", "reference": "a reference", "case": "a customer story"}


def _accounts(said: Said) -> str:
    count = len(said.get("account_ids") or ())
    return f"{count:,} account{'' if count == 1 else 's'}"


def _play(said: Said, known: Mapping[str, str], name: str = "key") -> str:
    return known.get(str(said.get(name, "")), str(said.get(name, "")))


def _stuck(said: Said, known: Mapping[str, str]) -> str:
    return f"The play “{_play(said, known)}” " + (f"stands still{because(said, 'words')}" if said.get("stuck") else "moves again")


def _kind(said: Said) -> str:
    return _ASKS.get(str(said.get("kind", "")), "something")


def _rewarded(said: Said, _: Mapping[str, str]) -> str:
    amount = said.get("amount", "")
    lost = str(amount).startswith("-")
    return f"{'lost' if lost else 'got'} {str(amount).lstrip('-')} {said.get('unit', '')} for a recommendation".replace("  ", " ")


def _judged(said: Said, _: Mapping[str, str]) -> str:
    useful = said.get("useful")
    return "has an alert that is no longer judged" if useful is None else f"has an alert that was {'useful' if useful else 'not useful'}"


def _rule_told(said: Said, _: Mapping[str, str]) -> str:
    return f"An alert rule is told {'in a digest only' if said.get('digest') else 'at once again'}{', by itself' if said.get('by_itself') else ''}"


def _provider(said: Said, _: Mapping[str, str]) -> str:
    return f"The provider {said.get('provider', '')}{because(said, 'words') or (' is troubled' if said.get('ill') else ' is well again')}"


def _merged(said: Said, _: Mapping[str, str]) -> str:
    return "has two people apart again" if said.get("undone") else "has two rows that turned out to be one person"


def _looked_back(said: Said, _: Mapping[str, str]) -> str:
    return f"A look back at the churn model {'raised an alarm' if said.get('alarm') else 'found nothing'}"


def _frozen(said: Said, _: Mapping[str, str]) -> str:
    return f"The campaign “{said.get('key', '')}” goes to {said.get('planned', 0):,}, {said.get('held_out', 0):,} are held out"


def _joined(said: Said, _: Mapping[str, str]) -> str:
    return f"{'takes part' if said.get('takes_part') else 'takes no part any more'} in the challenge “{said.get('key', '')}”"


def _drawn(said: Said, _: Mapping[str, str]) -> str:
    return f"The holdout “{said.get('key', '')}” was drawn: {said.get('held_out', 0):,} of {said.get('accounts', 0):,} accounts"


def _band(payload: dict[str, Any]) -> str:
    band = str(payload.get("to_band", ""))
    return Band(band).label if band in Band.values else band


def _ended(payload: dict[str, Any], plays: dict[str, str]) -> str:
    reason = str(payload.get("reason", ""))
    return f"ended “{_play(payload, plays, 'play_key')}”: {ExitReason(reason).label if reason in ExitReason.values else reason}"


def _entered(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"{'is held out of' if payload.get('arm') == 'held_out' else 'entered'} “{_play(payload, plays, 'play_key')}”"


_AN: dict[str, str] = {
    Channel.EMAIL: "an email",
    Channel.IN_APP: "an in-app message",
    Channel.SMS: "an SMS",
    Channel.WHATSAPP: "a WhatsApp message",
    Channel.VOICE: "a voice call",
    Channel.PUSH: "a push message",
}


def _channel(payload: dict[str, Any]) -> str:
    return _AN.get(str(payload.get("channel", "")), "a message")


# What happened to an alert where its state does not say it.
_ALERT_DEEDS = {"assigned": "given to somebody", "woke": "that woke up", "settled": "settled by itself", "reopened": "opened again"}


def _changed(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"has an alert {_ALERT_DEEDS.get(str(payload.get('deed', '')), payload.get('state', 'changed'))}"


def _alert(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"has a new alert: {SEVERITY_WORDS.get(str(payload.get('severity', '')), 'to know')}"


# Icon, tone and words of an event.
WORDS: dict[str, tuple[str, str, Words]] = {
    **growth.WORDS,
    "activity.received": ("bolt", "calm", lambda p, _: "was active"),
    "import.finished": ("upload_file", "info", lambda p, _: f"An import of {p.get('rows', 0):,} rows ({p.get('kind', '')}) finished"),
    "risk.raised": ("trending_up", "bad", lambda p, _: f"rose to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "risk.lowered": ("trending_down", "good", lambda p, _: f"fell to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "health.band_changed": ("vital_signs", "calm", lambda p, _: f"is in {p.get('to_band', '')} health, before in {p.get('from_band', '')}"),
    "model.put_to_work": ("model_training", "info", lambda p, _: f"The churn model {p.get('name', '')} is at work"),
    "model.broken": ("error", "bad", lambda p, _: f"The churn model {p.get('name', '')} is broken; the weighted rule scores"),
    "training.ended": ("model_training", "calm", lambda p, _: f"A churn training is {RunState(p.get('state', 'done')).label}"),
    "play.entered": ("play_circle", "info", _entered),
    "play.ended": ("stop_circle", "calm", _ended),
    "task.opened": ("task_alt", "info", lambda p, _: f"has a new task: {p.get('title', '')}"),
    "task.closed": ("done_all", "good", lambda p, _: f"has a task closed: {p.get('outcome') or 'done'}"),
    "message.sent": ("send", "good", lambda p, _: f"was sent {_channel(p)}"),
    "message.not_sent": ("mail_off", "warn", lambda p, _: f"was not sent {_channel(p)}: {p.get('reason') or p.get('state', '')}"),
    "message.replied": ("reply", "good", lambda p, _: f"replied to {_channel(p)}"),
    "alert.opened": ("notifications", "bad", _alert),
    "alert.changed": ("notifications_off", "calm", _changed),
    "account.churned": ("logout", "bad", lambda p, _: f"left on {p.get('on', '')}"),
    "story.changed": ("edit_note", "calm", lambda p, _: f"The story of {_accounts(p)} goes on: {str(p.get('what', '')).replace('_', ' ')}"),
    "accounts.changed": ("edit", "calm", lambda p, _: f"Facts of {_accounts(p)} changed"),
    "meaning.given": ("label", "calm", lambda p, _: f"“{p.get('name', '')}” means {p.get('meaning', '')} from now on"),
    "contacts.merged": ("merge", "calm", _merged),
    "person.erased": ("person_off", "warn", lambda p, _: "had a person erased"),
    "account.erased": ("person_off", "warn", lambda p, _: "was erased; its numbers stay"),
    "health.published": ("vital_signs", "info", lambda p, _: f"The health model “{p.get('name', '')}” is at work"),
    "model.judged": ("model_training", "calm", _looked_back),
    "play.changed": ("edit", "calm", lambda p, known: f"The play “{_play(p, known)}”: {p.get('change', 'changed')}"),
    "play.stuck": ("hourglass_disabled", "warn", _stuck),
    "task.snoozed": ("snooze", "calm", lambda p, _: f"has a task put off{because(p)}"),
    "task.acknowledged": ("front_hand", "good", lambda p, _: "has a task that somebody took on"),
    "task.assigned": ("person", "calm", lambda p, _: "has a task that was given to somebody"),
    "task.escalated": ("escalator", "warn", lambda p, _: f"has a task handed up{because(p, 'why')}"),
    "segment.changed": ("group_work", "calm", lambda p, _: f"The segment “{p.get('key', '')}” changed"),
    "segment.entered": ("login", "info", lambda p, _: f"came into the segment “{p.get('segment', '')}”"),
    "segment.left": ("logout", "calm", lambda p, _: f"left the segment “{p.get('segment', '')}”"),
    "campaign.changed": ("campaign", "info", lambda p, _: f"The campaign “{p.get('key', '')}” is {p.get('state', '')}{because(p, 'why')}"),
    "campaign.frozen": ("campaign", "info", _frozen),
    "survey.answered": ("ballot", "info", lambda p, _: f"answered {p.get('score', '')} to a survey ({p.get('kind', '')})"),
    "survey.loop_overdue": ("assignment_late", "warn", lambda p, _: f"waits too long for our answer to {p.get('score', '')} in a survey"),
    "community.naming_answered": ("badge", "calm", lambda p, _: f"has somebody who {'may' if p.get('allowed') else 'may not'} be named"),
    "community.sharing_chosen": ("diversity_3", "calm", lambda p, _: "has somebody who chose what they take part in"),
    "community.moment_found": ("favorite", "info", lambda p, _: f"may be asked for {_kind(p)}"),
    "community.ask_changed": ("share", "info", lambda p, _: f"was asked for {_kind(p)}: {p.get('state', '')}"),
    "referral.changed": ("share", "info", lambda p, _: f"has a recommendation that is {p.get('state', '')}{because(p)}"),
    "referral.rewarded": ("redeem", "good", _rewarded),
    "challenge.changed": ("emoji_events", "info", lambda p, _: f"The challenge “{p.get('key', '')}” is {p.get('state', '')}"),
    "challenge.joined": ("emoji_events", "good", _joined),
    "alert_rule.changed": ("rule", "calm", lambda p, _: f"The alert rule “{p.get('key', '')}”: {p.get('change', 'changed')}"),
    "alert.rule_told": ("notifications_paused", "calm", _rule_told),
    "alert.told": ("campaign", "calm", lambda p, _: f"has an alert that was told: {p.get('words', '')}"),
    "alert.answered": ("bolt", "info", lambda p, _: f"has an alert that was answered by its rule{because(p, 'words')}"),
    "alert.commented": ("comment", "calm", lambda p, _: "has an alert with a new comment"),
    "alert.judged": ("thumbs_up_down", "calm", _judged),
    "api_key.changed": ("key", "calm", lambda p, _: f"An API key was {p.get('change', 'changed')}"),
    "provider.changed": ("cell_tower", "warn", _provider),
    "webhook.changed": ("webhook", "calm", lambda p, _: f"The webhook {p.get('name', '')} was {p.get('change', 'changed')}{because(p)}"),
    "experiment.started": ("experiment", "info", lambda p, _: "An experiment began"),
    "experiment.stopped": ("experiment", "calm", lambda p, _: f"An experiment was stopped{because(p)}"),
    "experiment.decided": ("experiment", "good", lambda p, _: f"An experiment came to its end{because(p, 'words')}"),
    "assignment.overridden": ("shuffle", "warn", lambda p, _: f"gets “{p.get('variant', '')}” against the plan of an experiment{because(p)}"),
    "holdout.drawn": ("casino", "info", _drawn),
    "holdout.ended": ("casino", "calm", lambda p, _: f"The holdout “{p.get('key', '')}” is over"),
    "staff.rights_changed": ("admin_panel_settings", "calm", lambda p, _: "The rights of a colleague changed"),
}
