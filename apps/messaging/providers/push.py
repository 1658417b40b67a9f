"""Web push (RFC 8030) to every browser in which the contact agreed, encrypted for it (RFC 8291) and signed by our VAPID key (RFC 8292).

The same message has the same Topic: a push service replaces what it still holds with this topic, and the browser what it shows with this tag, so
sending again is no second message.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.conf import settings

from apps.core import clock
from apps.messaging.models import Message, PushSubscription
from apps.messaging.rendering import one_line
from apps.messaging.types import Ability, Channel, Outcome, Result

# What push services must take (RFC 8030, 7.2), less the overhead of the encryption.
_MOST_BYTES = 3900
_DAY = 86_400
# What push services say of a browser that is not subscribed any more.
GONE = ("404", "410")


class WebPush:
    channels = (Channel.PUSH,)
    can = Ability(key_life=timedelta(days=1))

    def missing(self, channel: str) -> str:
        lacking = [name for name in ("VAPID_PRIVATE_KEY", "VAPID_CONTACT") if not getattr(settings, name)]
        return f"set {' and '.join(lacking)}" if lacking else ""

    def deliver(self, message: Message) -> Result:
        """Accepted when one browser's service took it."""
        open_ones = list(PushSubscription.objects.filter(contact=message.contact_id, ended_at=None).order_by("pk"))
        if not open_ones:
            return Result(Outcome.REFUSED, code="no_browser", detail="No browser of this contact is subscribed to push.")
        told = [_push(one, message) for one in open_ones]
        best = min(told, key=lambda result: (Outcome.OK, Outcome.AMBIGUOUS, Outcome.REFUSED).index(result.outcome))
        return best if best.outcome != Outcome.REFUSED else next((result for result in told if result.retry), best)

    def look_up(self, message: Message) -> Result | None:
        return None


def _push(subscription: PushSubscription, message: Message) -> Result:
    topic = topic_of(message.idem_key)
    told = push(subscription.endpoint, subscription.p256dh, subscription.auth, data=content(message, topic), topic=topic)
    if told.code in GONE:
        PushSubscription.objects.filter(pk=subscription.pk, ended_at=None).update(ended_at=clock.now())
    return told


def topic_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def push(endpoint: str, p256dh: str, auth: str, *, data: bytes, topic: str) -> Result:
    """Call one browser's push service. A code of GONE says that the browser is not subscribed any more."""
    from pywebpush import WebPushException, webpush
    from requests import exceptions

    try:
        answer = webpush(
            {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}},
            data=data,
            vapid_private_key=settings.VAPID_PRIVATE_KEY,
            # A new one each time: the library writes the audience into it.
            vapid_claims={"sub": settings.VAPID_CONTACT},
            headers={"Topic": topic, "Urgency": "normal", "Content-Type": "application/octet-stream"},
            ttl=_DAY,
            timeout=settings.WEB_PUSH_TIMEOUT,
        )
    except WebPushException as error:
        return _refused(error)
    except exceptions.ConnectionError as error:
        return Result(Outcome.REFUSED, code="connect", detail=one_line(str(error))[:500], retry=True, trouble=True)
    except exceptions.RequestException as error:
        return Result(Outcome.AMBIGUOUS, code="no_answer", detail=one_line(str(error))[:500], trouble=True)
    return Result(Outcome.OK, provider_message_id=str(getattr(answer, "headers", {}).get("Location", ""))[:250])


def content(message: Message, topic: str) -> bytes:
    """What the service worker shows, as JSON within the size that push services take."""
    return written(message.subject, message.body, link=settings.BASE_URL, topic=topic)


def written(title: str, body: str, *, link: str, topic: str) -> bytes:
    while True:
        made = json.dumps({"title": title, "body": body, "tag": topic, "url": link}, ensure_ascii=False).encode()
        if len(made) <= _MOST_BYTES:
            return made
        body = body[: len(body) * 4 // 5].rstrip() + "…"


def _refused(error: Any) -> Result:
    status = int(getattr(error.response, "status_code", 0) or 0)
    if str(status) in GONE:
        return Result(Outcome.REFUSED, code=str(status), detail="The browser is not subscribed any more.")
    healing = status == 429 or status >= 500
    if not status:
        return Result(Outcome.REFUSED, code="not_written", detail=f"The push could not be written: {error}"[:500])
    asked = str(error.response.headers.get("Retry-After", ""))
    wait = float(asked) if asked.isdigit() else 0.0
    return Result(Outcome.REFUSED, code=str(status), detail=one_line(str(error))[:500], retry=healing, trouble=healing, wait=wait)
