"""What the first written contact policy starts from; policy.STANDARD says the same where nobody wrote one."""

from typing import Any


def caps() -> list[dict[str, Any]]:
    return [
        {"channel": "", "most": 2, "hours": 24},
        {"channel": "", "most": 5, "hours": 168},
        {"channel": "email", "most": 3, "hours": 168},
    ]


def hours() -> dict[str, Any]:
    return {kind: {"start": "20:00", "end": "08:00", "days": [1, 2, 3, 4, 5], "urgent_waits": False} for kind in ("email", "phone", "push")}
