"""Messages from planning to hand-over to a provider that answers at once, against a bare INSERT and UPDATE for each; and what a provider that takes
five seconds costs the mails beside it, with the messenger as the product runs it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import override_settings

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import nudge
from apps.messaging import dispatch, providers, services
from apps.messaging.models import Message
from apps.messaging.types import Ability, Channel, Outcome, Result
from tests import make
from tests.faults.peer import free_port
from tests.faults.scenario import SMTP, TWILIO

from .measure import cost

MESSAGES, MAILS, ROUNDS, SLOW = 1000, 80, 3, 5.0
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
KEY = "bench-messages"
_CELERY = [sys.executable, "-m", "celery", "-A", "cs_platform", "--quiet"]


class Null:
    """Takes everything at once and keeps nothing."""

    channels = (Channel.EMAIL,)
    can = Ability()

    def missing(self, channel: str) -> str:
        return ""

    def deliver(self, message: Message) -> Result:
        return Result(Outcome.OK, provider_message_id="0")

    def look_up(self, message: Message) -> Result | None:
        return None


def run() -> dict[str, float]:
    return {**_over_bare(), **_beside_a_slow_one()}


def _over_bare() -> dict[str, float]:
    providers.PROVIDERS["null"] = Null()
    services.write_template(
        key=KEY, channel="email", subject="Hello {{ contact.first_name }}", body="How is {{ account.name }}?", actor=_me(), now=NOW
    )
    with override_settings(MESSAGE_PROVIDERS={**settings.MESSAGE_PROVIDERS, "email": ["null"]}):
        ours = cost(lambda: _ours(_people()))
    bare = cost(lambda: _bare(_people()))
    del providers.PROVIDERS["null"]
    return {
        "over_insert_and_update": round(ours.cpu / bare.cpu, 1),
        "messages_per_cpu_second": round(MESSAGES / ours.cpu),
        "bare_per_cpu_second": round(MESSAGES / bare.cpu),
    }


def _me() -> Actor:
    return Actor.job("bench")


def _people() -> list[Any]:
    account = make.account(external_id=uuid.uuid4().hex)
    return [make.contact(account, external_id="", email=f"{uuid.uuid4().hex}@customer.test") for _ in range(MESSAGES)]


def _ours(people: list[Any]) -> None:
    for person in people:
        services.compose(
            contact=person,
            channel="email",
            template_key=KEY,
            lane="save",
            idem_key=uuid.uuid4().hex,
            context={},
            due_at=NOW,
            expires_at=NOW + timedelta(days=3),
            actor=_me(),
            now=NOW - timedelta(seconds=1),
        )
    while dispatch.one_round("email", owner="bench", clock=lambda: NOW + timedelta(seconds=1)):
        pass
    assert Message.objects.filter(contact__in=people, state="sent").count() == MESSAGES


def _bare(people: list[Any]) -> None:
    insert = """
        insert into messaging_message (account_id, contact_id, channel, lane, lane_rank, topic, address, subject, body, idem_key, state, reason,
            due_at, expires_at, owner, attempt, reply, provider_message_id, reply_token, created_at)
        values (%s, %s, 'email', 'save', 1, 'success', %s, 'Hello', 'How is it?', %s, 'queued', '', %s, %s, '', 0, '', '', %s, %s)
        returning id"""
    with connection.cursor() as cursor:
        for person in people:
            token = uuid.uuid4().hex
            cursor.execute(insert, [person.account_id, person.pk, person.email, token, NOW, NOW, token, NOW])
            (key,) = cursor.fetchone()
            cursor.execute("update messaging_message set state = 'sent', sent_at = %s where id = %s", [NOW, key])


def _beside_a_slow_one() -> dict[str, float]:
    alone, beside = [], []
    with tempfile.TemporaryDirectory() as folder, _product(Path(folder)):
        _seconds_for_mails()
        for _ in range(ROUNDS):
            alone.append(_seconds_for_mails())
            slow = _queue("sms", 20)
            nudge("messaging.send", "sms")
            nudge("messaging.send", "sms")
            _await(lambda slow=slow: Message.objects.filter(pk__in=slow, state="sending").exists())
            beside.append(_seconds_for_mails())
            # What is slow has gone on all the while.
            assert Message.objects.filter(pk__in=slow, state="queued").exists()
            Message.objects.filter(pk__in=slow, state="queued").update(state="cancelled")
            _await(lambda slow=slow: not Message.objects.filter(pk__in=slow, state="sending").exists())
    return {"mails_beside_a_slow_provider": round(min(beside) / min(alone), 2), "mails_alone_seconds": round(min(alone), 2)}


def _seconds_for_mails() -> float:
    keys = _queue("email", MAILS)
    began = time.perf_counter()
    nudge("messaging.send", "email")
    _await(lambda: not Message.objects.filter(pk__in=keys).exclude(state="sent").exists())
    return time.perf_counter() - began


def _queue(channel: str, count: int) -> list[int]:
    now, account = clock.now(), make.account(external_id=uuid.uuid4().hex)
    keys = []
    for number in range(count):
        person = make.contact(account, external_id="", email=f"{uuid.uuid4().hex}@customer.test", phone=f"+1555{number:07}")
        fields = {"channel": channel, "address": person.email if channel == "email" else person.phone, "lane": "transactional", "lane_rank": 0}
        keys.append(make.message(person, now=now, idem_key=uuid.uuid4().hex, reply_token=uuid.uuid4().hex, **fields).pk)
    return keys


def _await(true: Any) -> None:
    deadline = time.monotonic() + 120
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("the messenger does not get on")
        time.sleep(0.02)


@contextmanager
def _product(folder: Path) -> Iterator[None]:
    """The messenger as `make demo` starts it, a mail server and a slow telephone provider."""
    mail, phone, log = free_port(), free_port(), folder / "peer.log"
    log.touch()
    pace = ["--shortest", str(SLOW), "--longest", str(SLOW)]
    commands = [
        [sys.executable, "-m", SMTP.peer, "--port", str(mail), "--log", str(log)],
        [sys.executable, "-m", TWILIO.peer, "--port", str(phone), "--log", str(log), *pace],
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "cs_platform",
            "--quiet",
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            "12",
            "--queues",
            "messages",
        ],
    ]
    environment = {**os.environ, **SMTP.environment(mail), **TWILIO.environment(phone), "TWILIO_TIMEOUT": "20", "LOG_LEVEL": "ERROR"}
    with (folder / "output.log").open("ab") as output:
        running = [subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) for command in commands]
        try:
            yield
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
