import hashlib

from .models import Rejection, Source


def source_of(key: str) -> Source | None:
    """The source that a write key belongs to, open or not."""
    return Source.objects.filter(key_hash=hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()).first()


def waiting_rejections() -> int:
    return Rejection.objects.filter(replayed_at=None).count()
