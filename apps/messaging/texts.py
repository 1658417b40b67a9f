"""Short messages as carriers count them. Pure.

GSM 03.38: texts of its alphabet go as 7-bit letters, 160 in one message or 153 in each of several; one letter outside turns all of it into UCS-2,
70 or 67. Letters of the extension table take two places.
"""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ALONE = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True)
class Size:
    """Of a text: its encoding, its places in it, how many messages it becomes, and the letters that need UCS-2."""

    encoding: str
    places: int
    parts: int
    outside: str = ""


def size(text: str) -> Size:
    """How a carrier counts the text. Letters beyond the basic plane (most emoji) take two places in UCS-2 and are never cut in two."""
    outside = "".join(dict.fromkeys(letter for letter in text if letter not in _BASIC and letter not in _EXTENDED))
    encoding = "UCS-2" if outside else "GSM-7"
    widths = [(2 if ord(letter) > 0xFFFF else 1) if outside else (2 if letter in _EXTENDED else 1) for letter in text]
    alone, each = _ALONE[encoding]
    places = sum(widths)
    return Size(encoding, places, 1 if places <= alone else _packed(widths, each), outside)


def _packed(widths: list[int], each: int) -> int:
    """Messages needed when no letter may be cut."""
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts
