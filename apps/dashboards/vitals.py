"""The state of the system as this web process last saw it: for the banner, for the beats of the live line, without a query."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import live
from .system import queues, registry
from .system.types import State, Vital

# What was seen longer ago says nothing any more.
FRESH = timedelta(seconds=15)
# How often each web process looks.
EVERY = timedelta(seconds=1.5)
# Causes are told, not what follows from them: where workers are gone their queues grow, which needs no line of its own.
_CAUSES = ("valkey", "beat", "workers-", "channel-")


@dataclass(frozen=True)
class Banner:
    """What has stopped, since when, and what is safe. Empty `stopped`: nothing."""

    stopped: tuple[Vital, ...] = ()
    safe: str = ""

    @property
    def since(self) -> datetime | None:
        return min((vital.since for vital in self.stopped if vital.since), default=None)


@dataclass(frozen=True)
class Seen:
    at: datetime
    banner: Banner

    @property
    def word(self) -> str:
        return "+".join(vital.key for vital in self.banner.stopped) or "ok"


_seen: Seen | None = None
_lock = threading.Lock()


def look(now: datetime) -> Banner:
    """Look at what is urgent and keep it. Open pages are told when it is not as it was."""
    global _seen
    vitals = registry.look(now, registry.URGENT)
    stopped = tuple(vital for vital in registry.ill(vitals, State.STOPPED) if vital.key.startswith(_CAUSES))
    banner = Banner(stopped, queues.waiting_words(vitals) if stopped else "")
    with _lock:
        before, _seen = _seen, Seen(now, banner)
    if before is not None and before.word != _seen.word:
        live.publish("system", "system")
    return banner


def state(now: datetime) -> str:
    """`ok`, the keys of what has stopped joined by +, or `unknown` where nobody has looked lately. In memory: safe to ask in an event loop."""
    seen = _seen
    return seen.word if seen is not None and now - seen.at < FRESH else "unknown"


def banner(now: datetime) -> Banner:
    """What the watch of this process last saw; nothing where nobody watches."""
    seen = _seen
    return seen.banner if seen is not None and now - seen.at < FRESH else Banner()


def forget() -> None:
    """As if nobody had looked yet."""
    global _seen
    _seen = None
