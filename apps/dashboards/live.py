"""Hints to open pages over the channel layer. The socket carries hints, HTTP carries truth."""

import json
import logging
import secrets
import threading
import time
from functools import cache
from typing import Any

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings

from .wire import GROUP, LOST, MOST_SUBJECTS

log = logging.getLogger(__name__)

# Numbering and sending are one step, so hints arrive in the order of their numbers and every gap is a real one.
# The message is what RedisPubSubChannelLayer.group_send would send; that call costs a new connection per publish in a synchronous process.
_PUBLISH = """
redis.call('set', KEYS[1], ARGV[2], 'NX')
local epoch = redis.call('get', KEYS[1])
local seq = redis.call('incr', KEYS[2])
redis.call('publish', ARGV[1], cmsgpack.pack({type = 'live.hint', kind = ARGV[3], subjects = cjson.decode(ARGV[4]), seq = seq, epoch = epoch}))
return seq
"""
_LOOK = "redis.call('publish', ARGV[1], cmsgpack.pack({type = 'live.look', user = tonumber(ARGV[2]), session = ARGV[3]}))"
# How often a process that could not publish tries to say so.
AGAIN = 1.0


def keys() -> tuple[str, str]:
    """Where Valkey keeps the epoch and the counter of this installation."""
    return f"{settings.VALKEY_PREFIX}:live:epoch", f"{settings.VALKEY_PREFIX}:live:seq"


def group_channel() -> str:
    """The name under which the layer publishes the group."""
    config: dict[str, Any] = settings.CHANNEL_LAYERS["default"]
    return f"{config['CONFIG']['prefix']}__group__{GROUP}"


def fresh_layer() -> RedisPubSubChannelLayer:
    """A layer of the hub's own, so that starting it anew does not cut anybody else's channels."""
    from channels.layers import channel_layers

    layer: RedisPubSubChannelLayer = channel_layers.make_backend("default")
    return layer


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=1, socket_connect_timeout=1)


def publish(kind: str, *subjects: str) -> int | None:
    """Tell open pages that something of this kind changed for these subjects (one or more); the hint's number, or None when Valkey did not take it.

    Never raises for a Valkey that is down: the change itself is safe, and once Valkey answers again every page is told to fetch anew.
    """
    try:
        return _publish(kind, subjects)
    except (redis.RedisError, OSError) as error:
        log.warning("no live hint for %s %s: %s", kind, subjects[0], error)
        _debt.owe()
        return None


def _publish(kind: str, subjects: tuple[str, ...]) -> int:
    return int(_client().eval(_PUBLISH, 2, *keys(), group_channel(), new_epoch(), kind, json.dumps(subjects[: MOST_SUBJECTS + 1])))


def look_again(*, user_id: int = 0, session: str = "") -> None:
    """Ask every hub to look at a person's sockets now, or to close those of a session (its digest). What is lost here is found within a minute."""
    try:
        _client().eval(_LOOK, 0, group_channel(), user_id, session)
    except (redis.RedisError, OSError) as error:
        log.warning("sockets of user %s are looked at later: %s", user_id, error)


class _Debt:
    """Hints that Valkey did not take carry no number, so nobody could miss them: this process says `lost` as soon as it can."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._payer: threading.Thread | None = None

    def owe(self) -> None:
        with self._lock:
            if self._payer is None or not self._payer.is_alive():
                self._payer = threading.Thread(target=self._pay, name="live-debt", daemon=True)
                self._payer.start()

    def _pay(self) -> None:
        while True:
            time.sleep(AGAIN)
            # Under the lock, so that what fails while the thread ends is owed anew.
            with self._lock:
                try:
                    _publish(LOST, (LOST,))
                except (redis.RedisError, OSError):
                    continue
                self._payer = None
                return


_debt = _Debt()

# Whoever asks first begins the epoch, so that a flush is noticed even before the first hint after it.
POSITION = """
redis.call('set', KEYS[1], ARGV[1], 'NX')
return {redis.call('get', KEYS[1]), redis.call('get', KEYS[2]) or '0'}
"""


def position() -> str:
    """Where the counter stands, as `epoch:number`; empty when Valkey does not answer. Read it before the figures it vouches for."""
    try:
        epoch, seq = _client().eval(POSITION, 2, *keys(), new_epoch())
    except (redis.RedisError, OSError):
        return ""
    return f"{epoch.decode()}:{int(seq)}"


def new_epoch() -> str:
    return secrets.token_hex(6)
