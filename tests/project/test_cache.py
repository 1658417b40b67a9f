"""A cache that is gone is a miss, never an error page."""

import pytest
from django.test import override_settings
from waffle.models import Switch

from apps.core import flags
from cs_platform.cache import ForgivingCache

NOBODY = {"default": {"BACKEND": "cs_platform.cache.ForgivingCache", "LOCATION": "redis://127.0.0.1:1/0", "OPTIONS": {"socket_connect_timeout": 1}}}


def test_what_cannot_be_read_is_a_miss_and_what_cannot_be_kept_is_not_kept():
    cache = ForgivingCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 1}})
    cache.set("key", 1)
    assert (cache.get("key", "default"), cache.get_many(["key"]), cache.add("key", 1), cache.delete("key")) == (
        "default",
        {},
        False,
        False,
    )


@pytest.mark.django_db
def test_a_flag_is_read_from_the_database_when_the_cache_is_gone():
    Switch.objects.create(name="channel.email", active=True)
    with override_settings(CACHES=NOBODY):
        assert flags.channel_is_open("email") is True
        Switch.objects.update(active=False)
        assert flags.channel_is_open("email") is False
