"""The model that every installation begins with. Weights and tiers are starting points: docs/health.md says why, a back-test says how they fit."""

from collections.abc import Sequence
from typing import Any

NAME = "standard"
Pairs = Sequence[tuple[float | None, float]]


def _tiers(pairs: Pairs) -> list[dict[str, Any]]:
    return [{"from": start, "points": points} for start, points in pairs]


def _measure(source: str, weight: int, *pairs: tuple[float | None, float]) -> dict[str, Any]:
    return _rule(source, weight, "", [{"from": None, "tiers": _tiers(pairs)}])


def _by_tenure(source: str, weight: int, rows: Sequence[tuple[int | None, Pairs]]) -> dict[str, Any]:
    return _rule(source, weight, "tenure", [{"from": start, "tiers": _tiers(pairs)} for start, pairs in rows])


def _rule(source: str, weight: int, by: str, table: list[dict[str, Any]]) -> dict[str, Any]:
    return {"source": source, "weight": weight, "missing": "redistribute", "audience": None, "by": by, "table": table}


def tree() -> dict[str, Any]:
    """Usage & breadth 30, adoption 20, support 15, relationship 15, sentiment 10, commercial 10."""
    return {
        "dimensions": [
            {
                "key": "usage",
                "name": "Usage & breadth",
                "weight": 30,
                "measures": [
                    _measure("uses_own", 45, (None, 0), (30, 10), (50, 25), (70, 45), (85, 65), (100, 80), (120, 90), (150, 100)),
                    _by_tenure(
                        "active_days_28",
                        35,
                        [
                            (None, ((None, 30), (1, 50), (3, 75), (6, 100))),
                            (28, ((None, 0), (1, 5), (4, 20), (8, 40), (12, 60), (16, 80), (20, 90), (24, 100))),
                        ],
                    ),
                    _measure("kinds_own", 20, (None, 0), (40, 25), (60, 50), (80, 80), (100, 100)),
                ],
            },
            {
                "key": "adoption",
                "name": "Adoption",
                "weight": 20,
                "measures": [
                    _by_tenure(
                        "core_28",
                        36,
                        [
                            (None, ((None, 20), (1, 55), (4, 80), (8, 100))),
                            (60, ((None, 0), (1, 10), (4, 25), (8, 45), (14, 65), (20, 80), (28, 90), (40, 100))),
                        ],
                    ),
                    _measure("core_breadth", 24, (None, 0), (30, 30), (60, 60), (90, 100)),
                    _measure("core_weeks", 20, (None, 0), (3, 15), (6, 35), (9, 60), (11, 80), (12, 100)),
                    _measure("milestones_due", 20, (None, 0), (40, 25), (60, 50), (80, 80), (100, 100)),
                ],
            },
            {
                "key": "support",
                "name": "Support experience",
                "weight": 15,
                "measures": [
                    _measure("tickets_open", 30, (None, 100), (1, 75), (2, 55), (4, 25), (7, 0)),
                    _measure("ticket_age", 25, (None, 100), (2, 75), (4, 50), (8, 20), (15, 0)),
                    _measure("trouble_28", 30, (None, 100), (1, 85), (2, 70), (4, 35), (7, 0)),
                    _measure("answer_hours", 15, (None, 100), (4, 85), (9, 65), (25, 35), (49, 0)),
                ],
            },
            {
                "key": "relationship",
                "name": "Relationship",
                "weight": 15,
                "measures": [
                    _measure("two_way_days", 40, (None, 100), (8, 90), (15, 75), (31, 50), (61, 25), (91, 0)),
                    _measure("people", 30, (None, 0), (1, 35), (2, 60), (3, 80), (4, 100)),
                    _measure("sponsors", 30, (None, 0), (1, 75), (2, 100)),
                ],
            },
            {
                "key": "sentiment",
                "name": "Sentiment",
                "weight": 10,
                "measures": [_measure("survey", 55), _measure("pulse", 45)],
            },
            {
                "key": "commercial",
                "name": "Commercial",
                "weight": 10,
                "measures": [
                    _measure("overdue_days", 45, (None, 100), (1, 70), (15, 40), (30, 20), (60, 0)),
                    _measure("payment_90", 30, (None, 100), (1, 60), (2, 30), (3, 0)),
                    _measure("renewal_days", 25, (None, 10), (0, 40), (31, 55), (61, 70), (91, 90), (181, 100)),
                ],
            },
        ]
    }
