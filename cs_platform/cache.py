"""The cache in Valkey, which is a convenience: what cannot be read is a miss, what cannot be kept is not kept. Counting (`incr`) still says so."""

import logging
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


class ForgivingCache(RedisCache):
    """Feature flags live in the database and are only cached here, so a page or a play must not fail with the cache."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except (redis.RedisError, OSError) as error:
            log.warning("the cache did not answer: %s", error)
            return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        try:
            return dict(super().get_many(keys, version))
        except (redis.RedisError, OSError) as error:
            log.warning("the cache did not answer: %s", error)
            return {}

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except (redis.RedisError, OSError) as error:
            log.warning("the cache did not keep %s: %s", key, error)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except (redis.RedisError, OSError) as error:
            log.warning("the cache did not keep %s: %s", key, error)
            return False

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except (redis.RedisError, OSError) as error:
            log.warning("the cache did not forget %s: %s", key, error)
            return False
