from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine


@pytest.fixture(autouse=True)
def still_clock(now: datetime) -> Iterator[None]:
    """Handlers read the clock themselves; it stands at the tests' now."""
    with time_machine.travel(now, tick=False):
        yield
