"""Hints to open pages over the channel layer. The socket carries hints, HTTP carries truth."""

import json
import logging
import secrets
from functools import cache
from typing import Any

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings

from .wire import GROUP, MOST_SUBJECTS

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

    Never raises for a Valkey that is down: the change itself is safe, and pages notice the silence by themselves.
    """
    try:
        return int(_client().eval(_PUBLISH, 2, *keys(), group_channel(), new_epoch(), kind, json.dumps(subjects[: MOST_SUBJECTS + 1])))
    except (redis.RedisError, OSError) as error:
        log.warning("no live hint for %s %s: %s", kind, subjects[0], error)
        return None


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
