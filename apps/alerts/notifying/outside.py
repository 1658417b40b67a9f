"""Channels of a team elsewhere. Slack, Teams and PagerDuty are called through apprise, by an allow-list of its kinds and of their makers' hosts; a
webhook through the house's own poster, which calls only addresses that lead out and follows nothing. Addresses are secrets and are kept encrypted.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.alerts.models import Notice, NoticeSending, OutsideChannel
from apps.alerts.types import OutsideKind, Road
from apps.core import sealing
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.integrations import services as integrations
from apps.messaging.types import Outcome, Result

_PURPOSE = "alerts.outside"
# The class of apprise that speaks for a kind, and the hosts that its makers answer at. Whatever else apprise can call is refused.
_SPEAKERS: Mapping[OutsideKind, tuple[str, tuple[str, ...]]] = {
    OutsideKind.SLACK: ("NotifySlack", ()),
    OutsideKind.TEAMS: ("NotifyWorkflows", (".logic.azure.com", ".api.powerplatform.com")),
    OutsideKind.PAGERDUTY: ("NotifyPagerDuty", ()),
}
_EXAMPLES = {
    OutsideKind.SLACK: "https://hooks.slack.com/services/T.../B.../...",
    OutsideKind.TEAMS: "https://prod-01.westeurope.logic.azure.com/workflows/...",
    OutsideKind.PAGERDUTY: "pagerduty://INTEGRATION_KEY@API_KEY/",
    OutsideKind.WEBHOOK: "https://example.com/hooks/alerts",
}
_SHOWN = {OutsideKind.SLACK: "hooks.slack.com", OutsideKind.PAGERDUTY: "events.pagerduty.com"}
_LONGEST = 2000
# A receiver that failed so often in a row is left alone until a person tries it again.
GIVE_UP_AFTER = 20


def example(kind: str) -> str:
    return _EXAMPLES[OutsideKind(kind)]


def create(*, key: str, name: str, kind: str, address: str, actor: Actor, now: datetime) -> OutsideChannel:
    """A new channel. Raises Refused."""
    if OutsideChannel.objects.filter(key=key).exists():
        raise Refused("channel_exists", f"There is a channel {key} already. Choose another key.")
    values = {"sealed": sealing.seal(address.strip(), purpose=_PURPOSE), "shown": checked(OutsideKind(kind), address)}
    return OutsideChannel.objects.create(key=key, name=name[:80], kind=kind, created_at=now, created_by=str(actor), **values)


def readdress(channel: OutsideChannel, *, address: str) -> None:
    """Another address for the same channel. Raises Refused."""
    shown = checked(OutsideKind(channel.kind), address)
    fresh = {"failures": 0, "last_error": "", "is_active": True}
    OutsideChannel.objects.filter(pk=channel.pk).update(sealed=sealing.seal(address.strip(), purpose=_PURPOSE), shown=shown, **fresh)


def turn(channel: OutsideChannel, *, on: bool) -> None:
    OutsideChannel.objects.filter(pk=channel.pk).update(is_active=on, **({"failures": 0, "last_error": ""} if on else {}))


def checked(kind: OutsideKind, address: str) -> str:
    """What of the address may be shown. Raises Refused for what is not called from here."""
    words = address.strip()
    if len(words) > _LONGEST:
        raise Refused("bad_address", "The address is too long.")
    if kind == OutsideKind.WEBHOOK:
        try:
            return integrations.address.read(words).host[:120]
        except integrations.address.Unreachable as error:
            raise Refused("bad_address", str(error)) from error
    return _speaker(kind, words)[1]


def _speaker(kind: OutsideKind, address: str) -> tuple[Any, str]:
    """Apprise's speaker for an address, and the host that may be shown."""
    # It is slow to import, so only those who send pay for it.
    from apprise import Apprise

    name, hosts = _SPEAKERS[kind]
    wrong = Refused("bad_address", f"This is no address of {kind.label}. Use one such as {_EXAMPLES[kind]}.")
    if any(not letter.isprintable() or letter.isspace() for letter in address):
        raise wrong
    speaker: Any = Apprise.instantiate(address)
    if speaker is None or type(speaker).__name__ != name:
        raise wrong
    host = str(getattr(speaker, "host", "") or "").lower()
    if hosts and not (any(host.endswith(known) for known in hosts) and speaker.port in (None, 443)):
        raise wrong
    # What they answer is read from them, and from nobody whom they send us on to.
    speaker.redirects = False
    speaker.socket_connect_timeout = speaker.socket_read_timeout = float(settings.WEBHOOK_TIMEOUT)
    return speaker, host if hosts else _SHOWN[kind]


def say(channel: OutsideChannel, *, title: str, body: str, link: str, data: Mapping[str, Any], key: str, dedup: str, urgent: bool) -> Result:
    """One call. `key` names the notice for receivers that keep keys, `dedup` the alert for those that join what belongs together."""
    kind = OutsideKind(channel.kind)
    try:
        address = sealing.unseal(channel.sealed, purpose=_PURPOSE)
    except sealing.Sealed:
        words = "SECRET_KEY was changed, so the address cannot be read. Give it anew, or name the old key in SECRET_KEY_FALLBACKS."
        return Result(Outcome.REFUSED, code="sealed", detail=words)
    if kind == OutsideKind.WEBHOOK:
        return _post(address, data, key)
    try:
        speaker, _ = _speaker(kind, address)
    except Refused as refusal:
        return Result(Outcome.REFUSED, code=refusal.code, detail=refusal.message)
    if kind == OutsideKind.PAGERDUTY:
        speaker.dedup = dedup
    told = speaker.notify(body=f"{body}\n{link}", title=title, notify_type="failure" if urgent else "warning")
    if told:
        return Result(Outcome.OK)
    # Apprise says no more than that it failed; what PagerDuty had already it joins by our key.
    return Result(Outcome.REFUSED, code="not_taken", detail=f"{kind.label} did not take it.", retry=True)


def _post(url: str, data: Mapping[str, Any], key: str) -> Result:
    headers = {"content-type": "application/json", "user-agent": "cs-platform-alerts/1", "webhook-id": key, "idempotency-key": key}
    answer = integrations.posting.post(url, headers=headers, body=json.dumps(data, default=str).encode())
    if answer.ok:
        return Result(Outcome.OK, code=str(answer.status))
    healing = answer.status is None or answer.status in (408, 409, 425, 429) or answer.status >= 500
    return Result(Outcome.REFUSED, code=str(answer.status or "no_answer"), detail=answer.words[:250], retry=healing)


def try_it(channel: OutsideChannel, *, alert: Any, now: datetime) -> Notice:
    """Send what is the matter with an alert there now, to see whether it arrives."""
    notice = Notice.objects.create(
        outside=channel,
        alert=alert,
        key=f"try:{channel.pk}:{now.timestamp():.0f}",
        words="A test of this channel.",
        urgent=False,
        in_app=False,
        at=now,
    )
    NoticeSending.objects.create(notice=notice, road=Road.OUTSIDE, due_at=now)
    after_commit("alerts.send_notices")
    return notice


def note(channel: OutsideChannel, result: Result, *, now: datetime) -> None:
    """How it went, on the channel's own row; one that fails and fails is switched off."""
    if result.outcome == Outcome.OK:
        OutsideChannel.objects.filter(pk=channel.pk).update(failures=0, last_error="", last_sent_at=now)
        return
    failures = channel.failures + 1
    off = {"is_active": False} if failures >= GIVE_UP_AFTER else {}
    OutsideChannel.objects.filter(pk=channel.pk).update(failures=failures, last_error=result.detail[:250], **off)
