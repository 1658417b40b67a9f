import pytest

from apps.messaging import services as messaging


@pytest.fixture
def mailless(now):
    """The words of invitations are there; nothing leaves by itself."""
    messaging.ensure_templates(now)
