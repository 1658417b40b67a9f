"""One fault scenario: messages on one side, a provider on the other, workers that die in between, and the count afterwards."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

from django.db import OperationalError, connection
from django.test import override_settings
from redis.exceptions import RedisError

from apps.core import clock
from apps.core.jobs import nudge
from apps.messaging import doubts, selectors
from apps.messaging.models import Message
from apps.messaging.providers.email import message_id
from tests import make

from .crew import Crew
from .environment import TIMES
from .http_peer import ACCOUNT
from .peer import free_port

_DONE = ("sent", "replied", "failed", "unknown")


@dataclass(frozen=True)
class Door:
    """One way out of the house: its channel, the stand-in at its end, what the workers' environment says of it, and by which name the stand-in knows
    a message. `knows_repeats`: the provider tells a repeat by its key, so nothing may stay in doubt."""

    channel: str
    peer: str
    environment: Callable[[int], dict[str, str]]
    name: Callable[[Message], str]
    knows_repeats: bool = False


def _twilio(port: int) -> dict[str, str]:
    return {
        **{"PROVIDERS_SMS": "twilio", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token", "TWILIO_SMS_FROM": "+14155552345"},
        **{"TWILIO_API_URL": f"http://127.0.0.1:{port}", "TWILIO_TIMEOUT": "1"},
    }


def _resend(port: int) -> dict[str, str]:
    return {
        **{"PROVIDERS_EMAIL": "anymail", "ANYMAIL_SERVICE": "resend", "ANYMAIL_RESEND_API_KEY": "key", "ANYMAIL_RESEND_SIGNING_SECRET": "whsec_aaaa"},
        "ANYMAIL_RESEND_API_URL": f"http://127.0.0.1:{port}",
    }


SMTP = Door("email", "tests.faults.peer", lambda port: {"EMAIL_PORT": str(port)}, message_id)
TWILIO = Door("sms", "tests.faults.http_peer", _twilio, selectors.hook_token)
RESEND = Door("email", "tests.faults.http_peer", _resend, message_id, knows_repeats=True)


@dataclass(frozen=True)
class Scenario:
    """What is done to whom. `hurt` is called now and then while messages are under way, and `calm` once before the end is awaited."""

    name: str
    hurt: Callable[[Crew], None]
    messages: int = 300
    workers: int = 3
    beats: int = 0
    least_kills: int = 0
    most_kills: int = 20
    pause: tuple[float, float] = (0.4, 1.6)
    seconds: float = 240
    peer: dict[str, float] = field(default_factory=dict)
    calm: Callable[[], None] = lambda: None
    door: Door = SMTP


@dataclass
class Report:
    scenario: str
    messages: int = 0
    kills: int = 0
    seconds: float = 0.0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    cleared: int = 0
    unfinished: int = 0
    at_peer: int = 0
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unknown_listed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.wrong

    def line(self) -> str:
        doubts = f"unknown {self.unknown} (cleared up before: {self.cleared})"
        figures = f"lost {len(self.lost)}  doubled {len(self.doubled)}  {doubts}  failed {self.failed}  sent {self.sent} of {self.messages}"
        return f"{'ok  ' if self.passed else 'FAIL'} {self.scenario:44s} {figures}  kills {self.kills}  {self.seconds:.1f} s"

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "lost": len(self.lost), "doubled": len(self.doubled), "passed": self.passed}


def run(scenario: Scenario, folder: Path, **environment: str) -> Report:
    """Send `scenario.messages` messages while `scenario.hurt` does its worst; then count on both sides."""
    began = time.monotonic()
    port, log = free_port(), folder / f"peer-{uuid4().hex[:8]}.jsonl"
    log.touch()
    door, cleared = scenario.door, 0
    peer = _start_peer(door, port, log, scenario.peer)
    crew = Crew(scenario.workers, folder / "workers.log", beats=scenario.beats, **{**TIMES, **environment, **door.environment(port)})
    try:
        keys = _queue(scenario.messages, door.channel)
        crew.fill()
        _await(lambda: _nudge() or log.stat().st_size > 0, 90, "no worker came up; see workers.log")
        deadline = time.monotonic() + scenario.seconds
        hurt_next, mails_before = time.monotonic() + random.uniform(*scenario.pause), 0
        while _open(keys) and time.monotonic() < deadline:
            _nudge()
            # Only a crew at work is hurt: on a slow machine the next kill waits until somebody has sent again.
            if crew.kills < scenario.most_kills and time.monotonic() >= hurt_next and log.stat().st_size > mails_before:
                scenario.hurt(crew)
                crew.fill()
                hurt_next, mails_before = time.monotonic() + random.uniform(*scenario.pause), log.stat().st_size
            time.sleep(0.2)
        scenario.calm()
        crew.dismiss()
        cleared = _ask_about_doubts(door, port)
    finally:
        crew.dismiss()
        peer.terminate()
        peer.wait(10)
    report = _count(scenario, keys, log, crew.kills, time.monotonic() - began)
    report.cleared = cleared
    return report


def _ask_about_doubts(door: Door, port: int) -> int:
    """What the reconciler does when the provider's list has had its time."""
    if door is not TWILIO:
        return 0
    said = _twilio(port)
    with override_settings(
        **{name: value for name, value in said.items() if name.startswith("TWILIO") and name != "TWILIO_TIMEOUT"}, TWILIO_TIMEOUT=2
    ):
        later = clock.now() + doubts.GRACE
        # In hundreds, until a round clears up nothing any more.
        return sum(iter(lambda: doubts.reconcile(now=later, limit=1000), 0))


def _queue(count: int, channel: str) -> list[str]:
    now, account, batch = clock.now(), make.account(external_id=uuid4().hex), uuid4().hex[:8]
    for number in range(count):
        phone = f"+1555{random.randrange(10**7):07}"
        person = make.contact(account, external_id="", email=f"p{number}.{batch}@customer.test", phone=phone)
        address = person.email if channel == "email" else phone
        fields = {"channel": channel, "address": address, "lane": "save", "lane_rank": 1, "reply_token": uuid4().hex}
        make.message(person, now=now, idem_key=f"fault:{batch}:{number}", **fields)
    return [f"fault:{batch}:{number}" for number in range(count)]


def _open(keys: list[str]) -> bool:
    try:
        return Message.objects.filter(idem_key__in=keys).exclude(state__in=_DONE).exists()
    except OperationalError:
        # The database has just been stopped.
        connection.close()
        return True


def _nudge() -> bool:
    """What beat does, without a process of its own; a broker that is away is the point of some scenarios."""
    for task in ("messaging.dispatch", "messaging.sweep"):
        try:
            nudge(task)
        except RedisError:
            return False
    return False


def _await(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.2)


def _start_peer(door: Door, port: int, log: Path, plan: dict[str, float]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", door.peer, "--port", str(port), "--log", str(log)]
    for name, share in plan.items():
        command += [f"--{name}", str(share)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    return process


def _count(scenario: Scenario, keys: list[str], log: Path, kills: int, seconds: float) -> Report:
    stored = Counter(json.loads(line)["message_id"] for line in log.read_text().splitlines())
    report = Report(scenario.name, len(keys), kills, seconds, at_peer=len(stored), doubled=[name for name, times in stored.items() if times > 1])
    for message in Message.objects.filter(idem_key__in=keys).order_by("pk").prefetch_related("attempts"):
        name, state = scenario.door.name(message), message.state
        if stored[name] > 1:
            tries = "; ".join(f"{one.number} {one.outcome} {one.code} {one.detail}" for one in message.attempts.all())
            report.wrong.append(f"message {message.pk} was taken {stored[name]} times. Its attempts: {tries}")
        report.sent += state in ("sent", "replied")
        report.failed += state == "failed"
        if state == "unknown":
            report.unknown += 1
            report.unknown_listed.append(f"{message.pk} ({'it arrived' if name in stored else 'it did not arrive'}): {message.reason}")
        elif state not in _DONE:
            report.unfinished += 1
            report.wrong.append(f"message {message.pk} ended {state}: {message.reason}")
        if state in ("failed", "unknown") and not message.reason:
            report.wrong.append(f"message {message.pk} is {state} without a reason")
        # Lost: nobody would ever look for it, because it says sent, or failed, and the opposite is true.
        if state in ("sent", "replied") and name not in stored:
            report.lost.append(name)
        if state == "failed" and name in stored:
            report.wrong.append(f"message {message.pk} is failed but arrived")
    if scenario.door.knows_repeats and report.unknown:
        report.wrong.append(f"{report.unknown} stayed in doubt, though the provider tells a repeat")
    report.wrong += [f"lost: {name}" for name in report.lost]
    if not kills:
        # Nobody died and nothing was refused, so one claim each was enough.
        twice = Message.objects.filter(idem_key__in=keys, attempt__gt=1).count()
        report.wrong += [f"{twice} messages were claimed more than once"] if twice and not scenario.peer.get("refuse") else []
    if kills < scenario.least_kills:
        report.wrong.append(f"only {kills} kills, {scenario.least_kills} were wanted")
    return report
