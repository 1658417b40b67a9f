"""Made-up names: the same person has one on a board and another on every other board, and nobody can reckon back."""

import hashlib
import hmac

from django.conf import settings

_HOW = (
    *(
        "Amber",
        "Azure",
        "Bold",
        "Brisk",
        "Bright",
        "Calm",
        "Cedar",
        "Clear",
        "Coral",
        "Crisp",
        "Dapper",
        "Early",
        "Fair",
        "Fleet",
        "Gentle",
        "Golden",
    ),
    *("Hazel", "Ivory", "Jade", "Keen", "Light", "Lively", "Lunar", "Merry", "Mild", "Misty", "Noble", "North", "Olive", "Quick", "Quiet", "Silver"),
)
_WHO = (
    *(
        "Badger",
        "Beaver",
        "Bison",
        "Condor",
        "Crane",
        "Curlew",
        "Dolphin",
        "Eagle",
        "Egret",
        "Falcon",
        "Finch",
        "Fox",
        "Gannet",
        "Hare",
        "Heron",
        "Ibis",
    ),
    *("Jay", "Kestrel", "Lark", "Lynx", "Marten", "Merlin", "Orca", "Osprey", "Otter", "Owl", "Plover", "Puffin", "Raven", "Robin", "Stork", "Wren"),
)


def pseudonym(salt: str, contact_id: int) -> str:
    """HMAC-SHA256 under the house's secret and the board's salt, told as two words and a number: "Calm Heron 417"."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"board:{salt}:{contact_id}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[2:6], "big") % 900 + 100
    return f"{_HOW[digest[0] % len(_HOW)]} {_WHO[digest[1] % len(_WHO)]} {number}"
