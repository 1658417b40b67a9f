"""What a policy would do for an account if an alert were raised now and nobody took it on. Reads by the same functions as the climb itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, User
from apps.alerts.types import StepKind

from . import steps as says
from .climbing import due
from .whom import About, Reached, reached


@dataclass(frozen=True)
class Foretold:
    """One telling to come: when, whom, by which step. `stops`: the climb would go no further here, and why."""

    at: datetime
    whom: str
    as_words: str
    urgent: bool = False
    stops: str = ""


def foretell(
    steps: Sequence[dict[str, Any]], *, account: Account | None, head: User | None, large_arr: Decimal, severity: str, now: datetime
) -> list[Foretold]:
    """The first round; whoever is told once more is told in the same order. `steps` have no problem."""
    about = About(account, account.owner if account else None, head)
    large = bool(account and account.arr >= large_arr)
    arr = account.arr if account else Decimal(0)
    found: list[Foretold] = []
    moment, holder, having, told = now, None, set(), True
    for step in steps:
        moment = moment if step["do"] == StepKind.WAIT and not told else due(step, holder, moment, large=large)
        if step["do"] == StepKind.ONLY_IF and not says.holds(step, arr=arr, severity=severity):
            return [*found, Foretold(moment, "", "", stops=says.in_words(step))]
        if step["do"] != StepKind.NOTIFY:
            continue
        got: Reached = reached(step, about, without=having, at=moment)
        told = not got.nobody
        having |= {user.pk for user in got.people}
        holder = got.holder if told else holder
        found.append(Foretold(moment, str(got), says.whom_in_words(step), bool(step.get("urgent"))))
    return found
