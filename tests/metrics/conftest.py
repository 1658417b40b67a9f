"""What tests of figures share."""

from datetime import datetime

import pytest

from apps.core.actor import Actor
from apps.metrics import services

ACTOR = Actor.job("test")


@pytest.fixture
def settle():  # type: ignore[no-untyped-def]
    """Take everything in that was marked, and count whoever never was."""

    def all_of_it(now: datetime) -> int:
        services.wake(now=now)
        done = 0
        while settled := services.refresh(now=now, actor=ACTOR):
            done += settled
        return done

    return all_of_it
