"""Who has a page open right now: in Valkey, because it is worth nothing a minute later."""

import logging
import time

import redis

from apps.accounts.models import User

from . import live

log = logging.getLogger(__name__)

# A page says every ten seconds that it is there; after two that were missed its reader counts as gone.
BEAT, GONE_AFTER = 10, 25


def enter(room: str, user: User, *, subject: str) -> list[int]:
    """Say that somebody is here, and who is; open pages of the subject hear of it when somebody comes. Empty where Valkey does not answer."""
    return _note(room, user, here=True, subject=subject)


def leave(room: str, user: User, *, subject: str) -> list[int]:
    return _note(room, user, here=False, subject=subject)


def _note(room: str, user: User, *, here: bool, subject: str) -> list[int]:
    # Seconds of this machine, not of the shifted clock: what counts is whether a browser still answers.
    key, seconds = f"{live.keys()[0]}:here:{room}", time.time()
    try:
        client = live._client()
        with client.pipeline() as pipe:
            if here:
                pipe.zadd(key, {str(user.pk): seconds})
            else:
                pipe.zrem(key, str(user.pk))
            pipe.zremrangebyscore(key, 0, seconds - GONE_AFTER)
            pipe.expire(key, 3600)
            pipe.zrange(key, 0, -1)
            changed, _, _, found = pipe.execute()
    except (redis.RedisError, OSError) as error:
        log.warning("nobody can be seen in %s: %s", room, error)
        return []
    if changed:
        live.publish("presence.changed", subject)
    return [int(one) for one in found]
