"""When time alone could next move an account in or out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from .living import Living


def keep(accounts: Mapping[int, Sequence[int]], segments: Sequence[Living], *, now: datetime) -> None:
    pass
