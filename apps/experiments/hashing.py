"""Which variant a unit gets, by arithmetic alone: version 2 of GrowthBook's hash, so that a client SDK in a browser or an app agrees with us.

    n = fnv1a32(str(fnv1a32(seed + unit))) % 10000 / 10000        in [0, 1), steps of 0.0001

`seed` is the experiment's key, which never changes; `unit` is the account's external id. Version 1 of that hash is not offered: experiments that
use it are correlated with each other.
"""

from collections.abc import Sequence

_OFFSET, _PRIME, _WORD = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
NOT_IN = -1
# An SDK gives every variant the same weight where weights do not sum to one within this; we refuse such weights instead.
SUM_TOLERANCE = 0.01


def fnv1a32(text: str) -> int:
    """FNV-1a of 32 bits over the UTF-16 code units, as JavaScript sees a string."""
    found = _OFFSET
    units = text.encode("utf-16-le", "surrogatepass")
    for low, high in zip(units[::2], units[1::2], strict=True):
        found = ((found ^ (low | high << 8)) * _PRIME) & _WORD
    return found


def position(seed: str, unit: str) -> float:
    """Where the unit stands in [0, 1) for this seed."""
    return fnv1a32(str(fnv1a32(seed + unit))) % 10_000 / 10_000


def ranges(weights: Sequence[float], coverage: float = 1.0) -> list[tuple[float, float]]:
    """The part of [0, 1) of each variant. It begins where the full weights before it end, so that a larger coverage moves nobody."""
    found, begin = [], 0.0
    for weight in weights:
        found.append((begin, begin + coverage * weight))
        begin += weight
    return found


def variant_at(place: float, parts: Sequence[tuple[float, float]]) -> int:
    """The variant whose part holds the place; NOT_IN where none does."""
    return next((index for index, (begin, end) in enumerate(parts) if begin <= place < end), NOT_IN)
