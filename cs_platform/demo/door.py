"""The demo's customers come in by the same doors as real ones: HTTP for activity and the in-app inbox, SMTP for answers to mail."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core.errors import Refused
from apps.integrations import services as integrations
from apps.integrations.models import Source
from apps.messaging import maildir, selectors
from apps.messaging.models import Message

from .load import SOURCE

AT_ONCE = 200
_TIMEOUT = 10


@dataclass(frozen=True)
class Deed:
    """One activity event on its way to the door. `key` makes it the same event however often it is posted."""

    key: str
    account: str
    person: str
    name: str
    at: datetime
    value: float = 1.0
    properties: dict[str, Any] = field(default_factory=dict)

    def as_track(self) -> dict[str, Any]:
        return {
            "type": "track",
            "messageId": self.key,
            "event": self.name,
            "userId": self.person or None,
            "anonymousId": None if self.person else self.account,
            "timestamp": self.at.isoformat(),
            "properties": {**self.properties, "value": self.value},
            "context": {"groupId": self.account},
        }


class Door:
    """Posts to this installation. What could not be posted is told by False, and the caller tries again later."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._key = ""

    def post(self, deeds: Sequence[Deed], *, now: datetime) -> bool:
        """All of it, in batches; False when the door was closed for one of them. Posting again is harmless."""
        for start in range(0, len(deeds), AT_ONCE):
            body = {"batch": [deed.as_track() for deed in deeds[start : start + AT_ONCE]], "sentAt": now.isoformat()}
            if not self._send(body, now):
                return False
        return True

    def _send(self, body: dict[str, Any], now: datetime) -> bool:
        if not self._key:
            self._key = _write_key(now)
        status = self._call("/v1/batch", body, {"Authorization": "Basic " + base64.b64encode(f"{self._key}:".encode()).decode()})
        if status == 401:
            # Another database, or somebody changed the key: the next try brings a fresh one.
            _key_file().unlink(missing_ok=True)
            self._key = ""
        return status == 200

    def read(self, message: Message) -> bool:
        return self._inbox(message, "read", {})

    def answer(self, message: Message, text: str) -> bool:
        """As the recipient would: in the product's inbox, or by mail to the Reply-To address."""
        if message.channel == "in_app":
            return self._inbox(message, "reply", {"text": text})
        mail = next((mail for mail in maildir.newest(300) if message.reply_token in mail.reply_to), None)
        if mail is None:
            return False
        try:
            maildir.reply(mail.id, text)
        except Refused:
            return False
        return True

    def _inbox(self, message: Message, verb: str, body: dict[str, Any]) -> bool:
        token = selectors.inbox_token(message.contact)
        return self._call(f"/api/v1/inbox/{message.pk}/{verb}/?token={token}", body, {}) == 200

    def _call(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> int:
        """The status; 0 when nobody opened."""
        request = urllib.request.Request(
            f"{self._base}{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json", **headers}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def _key_file() -> Path:
    return Path(settings.VAR_DIR) / "demo_write_key"


def _write_key(now: datetime) -> str:
    """The demo's write key; a key is shown once, so it is kept in the data folder, readable by its owner only."""
    path = _key_file()
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    source = Source.objects.filter(name=SOURCE).first()
    key = integrations.renew_key(source) if source else integrations.create_source(name=SOURCE, now=now)[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(key)
    return key
