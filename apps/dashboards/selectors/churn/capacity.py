"""The slider: hours a week and minutes per account against the ARR at risk that they reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.churn.models import ModelVersion
from apps.churn.selectors import Reach
from apps.churn.types import ModelKind

from ...saying import money
from .curves import at

MOST_HOURS, USUAL_HOURS = 40, 6
MINUTES = (15, 20, 30, 45, 60, 90)
USUAL_MINUTES = 30
SHOWN = 20


@dataclass(frozen=True)
class Capacity:
    """What the page shows for one setting, and what the script needs to move it: `points` by accounts, `gain` by share of the list."""

    hours: int
    minutes: int
    count: int
    sentence: str
    recall: str
    share: float
    reach: Reach
    moves: Mapping[str, Any]

    @property
    def shown(self) -> list[Any]:
        return self.reach.rows[:SHOWN]


def capacity(reach: Reach, version: ModelVersion | None, *, hours: int, minutes: int) -> Capacity:
    count = accounts(hours, minutes, len(reach.rows))
    gain = (version.metrics.get("curves") or {}).get("gain") or [] if version else []
    is_rule = version is None or version.kind == ModelKind.RULE
    return Capacity(
        hours=hours,
        minutes=minutes,
        count=count,
        sentence=sentence(reach, hours, count, is_rule=is_rule),
        recall=recall(gain, count, reach.accounts),
        share=reach.reached(count),
        reach=reach,
        moves={
            "points": [round(point, 6) for point in reach.points],
            "gain": [[point[0], point[1]] for point in gain],
            "accounts": reach.accounts,
            "atRisk": reach.at_risk,
            "currency": reach.currency,
            "what": _what(is_rule),
        },
    )


def accounts(hours: int, minutes: int, most: int) -> int:
    """How many accounts of the list fit into the hours."""
    return min(hours * 60 // minutes, most)


def _what(is_rule: bool) -> str:
    return "of what is at stake by the rule (score × ARR)" if is_rule else "of the ARR at risk (probability × ARR)"


def sentence(reach: Reach, hours: int, count: int, *, is_rule: bool) -> str:
    share = f"{100 * reach.reached(count):.0f} %"
    sums = f"{money(reach.reached(count) * reach.at_risk, reach.currency)} of {money(reach.at_risk, reach.currency)}"
    return f"At {hours} h a week you reach {share} {_what(is_rule)}: {count} account{'' if count == 1 else 's'}, {sums}."


def recall(gain: Sequence[Sequence[float]], count: int, book: int) -> str:
    """What such a share of the list held among the rows that the model was proved on."""
    if len(gain) < 2 or not book:
        return ""
    called = count / book
    return f"That is {100 * called:.0f} % of the book. In the proof, so much of the list held {100 * at(gain, called):.0f} % of those who left."


def asked(params: Mapping[str, str]) -> tuple[int, int]:
    """Hours and minutes of the address; nonsense means the usual."""
    hours = params.get("hours", "")
    minutes = params.get("minutes", "")
    return (
        int(hours) if hours.isascii() and hours.isdigit() and 0 <= int(hours[:4]) <= MOST_HOURS else USUAL_HOURS,
        int(minutes) if minutes.isascii() and minutes.isdigit() and int(minutes[:4]) in MINUTES else USUAL_MINUTES,
    )
