from tests.messaging.conftest import peer

__all__ = ["peer"]
