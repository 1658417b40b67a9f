"""Requests of all web processes: each counts for itself and adds to Valkey at its pulse. A count that Valkey loses begins anew, as counters may."""

import threading
from collections import Counter
from dataclasses import dataclass

import redis
from django.conf import settings

from .queues import _client

# Seconds; the last bucket is everything.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Requests:
    """`counts` by (route, method, code); `buckets` and `seconds` by route: how many took at most so long, and all together."""

    counts: dict[tuple[str, str, str], int]
    buckets: dict[str, list[int]]
    seconds: dict[str, float]


_lock = threading.Lock()
_waiting: Counter[str] = Counter()
_seconds: Counter[str] = Counter()


def note(route: str, method: str, code: int, seconds: float) -> None:
    """One request is answered. Routes are patterns of our own, so there are as many labels as pages."""
    place = sum(seconds > limit for limit in BUCKETS)
    with _lock:
        _waiting[_SEPARATOR.join(("n", route, method, str(code)))] += 1
        _waiting[_SEPARATOR.join(("b", route, str(place)))] += 1
        _seconds[_SEPARATOR.join(("s", route))] += seconds  # type: ignore[assignment]


def _key() -> str:
    return f"{settings.VALKEY_PREFIX}:vitals:http"


def flush() -> None:
    """Add what this process counted; while Valkey is away it goes on counting for itself."""
    with _lock:
        counts, seconds = dict(_waiting), dict(_seconds)
    if not counts:
        return
    try:
        with _client().pipeline(transaction=True) as pipe:
            for name, count in counts.items():
                pipe.hincrby(_key(), name, count)
            for name, length in seconds.items():
                pipe.hincrbyfloat(_key(), name, length)
            pipe.execute()
    except (redis.RedisError, OSError):
        return
    with _lock:
        _waiting.subtract(counts)
        _seconds.subtract(seconds)
        for counter in (_waiting, _seconds):
            for name in [name for name, count in counter.items() if not count]:
                del counter[name]


def read() -> Requests:
    """What all processes counted together; empty while Valkey is away."""
    try:
        found = {name.decode() if isinstance(name, bytes) else name: value for name, value in _client().hgetall(_key()).items()}
    except (redis.RedisError, OSError):
        found = {}
    requests = Requests({}, {}, {})
    for name, value in found.items():
        kind, route, *rest = name.split(_SEPARATOR)
        if kind == "n":
            requests.counts[route, rest[0], rest[1]] = int(value)
        elif kind == "b":
            requests.buckets.setdefault(route, [0] * (len(BUCKETS) + 1))[int(rest[0])] = int(value)
        else:
            requests.seconds[route] = float(value)
    return requests
