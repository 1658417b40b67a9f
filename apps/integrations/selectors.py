import hashlib
import time

from .models import Rejection, Source

# Every batch asks whose key it carries. A key that is closed or renewed by another process works here for so many seconds more.
_KNOWN_FOR = 5.0
_known: dict[str, tuple[float, Source]] = {}


def source_of(key: str) -> Source | None:
    """The source that a write key belongs to, open or not."""
    mark = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    until, source = _known.get(mark, (0.0, None))
    if source is None or until < time.monotonic():
        source = Source.objects.filter(key_hash=mark).first()
        if source is None:
            _known.pop(mark, None)
        else:
            _known[mark] = (time.monotonic() + _KNOWN_FOR, source)
    return source


def forget_keys() -> None:
    """Something about a source changed here: look it up again."""
    _known.clear()


def waiting_rejections() -> int:
    return Rejection.objects.filter(replayed_at=None).count()
