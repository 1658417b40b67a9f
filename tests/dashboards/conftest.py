from datetime import datetime

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.core import clock
from tests import make


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock, so their rows are placed around it."""
    return clock.now()


@pytest.fixture
def csm(db) -> User:
    return make.user(Role.CSM)


@pytest.fixture
def staff(client: Client, csm: User) -> Client:
    """A browser in which the success manager is signed in."""
    client.force_login(csm)
    return client
