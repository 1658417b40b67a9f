"""What a campaign would do if it went out now: how many, whom it leaves out and why, what it costs, when the first and the last leaves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.services import definition
from apps.campaigns.types import Left
from apps.interventions.services import sizing
from apps.messaging import services as messaging
from apps.messaging.types import Channel

# The rate of success without it, where nothing tells it: said beside what follows from it.
ASSUMED_RATE = 0.1
# It is asked at every pause of typing.
SECONDS = 4
_BLOCK = re.compile(r"\bblocks\.([a-z0-9_-]+)")


@dataclass(frozen=True)
class Check:
    """`problems`: what is in the way of launching. Counts are of the whole house; `counted` is False where there is nothing to count yet."""

    problems: Sequence[tuple[str, str]]
    warnings: Sequence[str] = field(default_factory=list)
    counted: bool = False
    slow: str = ""
    at_once: bool = False
    entering: bool = False
    planned: int = 0
    accounts: int = 0
    held_out: int = 0
    holdout: float = 0
    left: Sequence[tuple[str, int]] = field(default_factory=list)
    channels: Sequence[tuple[str, int]] = field(default_factory=list)
    variants: Sequence[tuple[str, int]] = field(default_factory=list)
    leaves: str = ""
    cost: str = ""
    pressure: str = ""
    smallest: str = ""


def check(user: User, says: Any, kind: str, *, campaign: Campaign | None, key: str = "", now: datetime) -> Check:
    row = campaign or Campaign(key=key or "new", name="", kind=kind)
    try:
        with transaction.atomic():
            connection.cursor().execute("select set_config('statement_timeout', %s, true)", [str(SECONDS * 1_000)])
            found = campaigns.campaigns.consequence(row, says, now=now)
            connection.cursor().execute("select set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        problems = campaigns.campaigns.problems(row, says, now=now)
        return Check(
            problems, slow=f"To look ahead takes longer than {SECONDS} seconds here. The audience is written down in the background when it goes out."
        )
    once = isinstance(says.when, definition.Once | definition.Recurring)
    return Check(
        found.problems,
        warnings=_missing_blocks(says),
        counted=bool(found.people or found.held_out or found.left_out),
        at_once=once,
        entering=says.triggered,
        planned=found.people,
        accounts=found.accounts,
        held_out=found.held_out,
        holdout=says.holdout_percent,
        left=[(str(Left(reason).label), count) for reason, count in found.left_out.items()],
        channels=[(str(Channel(name).label), count) for name, count in found.by_channel.items() if name in Channel.values],
        variants=list(found.by_variant.items()) if len(found.by_variant) > 1 else [],
        leaves=_leaves(says, found),
        cost=_cost(says, found),
        pressure=_pressure(found),
        smallest=smallest(found.accounts, found.held_out),
    )


def _missing_blocks(says: Any) -> list[str]:
    """Blocks that a template has and the campaign does not: such a message cannot be written."""
    keys = {one.template for one in says.variants}
    found: dict[tuple[str, str], None] = {}
    for template in messaging.templates.newest().filter(key__in=keys, channel__in=says.channels):
        for name in _BLOCK.findall(f"{template.subject}\n{template.body}"):
            if name not in says.blocks:
                found[template.key, name] = None
    return [f"“{key}” has the block “{name}” and the campaign has no words for it: its messages cannot be written." for key, name in found]


def _leaves(says: Any, found: Any) -> str:
    if found.first_at is None:
        return "one by one, each as it happens" if says.triggered else "when somebody starts it"
    first, last = (timezone.localtime(moment) for moment in (found.first_at, found.last_at))
    throttle = f", at most {says.throttle_per_hour:,} an hour" if says.throttle_per_hour else ""
    if first == last:
        return f"{first:%a %-d %b %Y %H:%M}, your time{throttle}"
    return f"the first {first:%a %-d %b %Y %H:%M}, the last {last:%a %-d %b %H:%M}, your time{throttle}"


def _cost(says: Any, found: Any) -> str:
    if not found.cost:
        return "nothing by the prices of the contact policy"
    words = f"about {found.currency} {found.cost:,.2f}"
    if says.budget.money is not None and found.cost > Decimal(str(says.budget.money)):
        return f"{words}; the budget of {found.currency} {says.budget.money:,.2f} does not last for all"
    return words


def _pressure(found: Any) -> str:
    if not found.full:
        return "everybody may get another message now"
    return f"{found.full:,} of them have had as much as the contact policy allows: theirs wait until there is room, or are too late"


def smallest(planned: int, held_out: int) -> str:
    """The smallest rise of the goal's rate that so many accounts can show, in words."""
    if not held_out:
        return "Nobody is held out, so no effect can be told."
    found = sizing.mde(ASSUMED_RATE, planned, held_out)
    if found is None:
        return f"{planned:,} against {held_out:,} accounts show no effect of any size."
    rise = f"from {100 * ASSUMED_RATE:.0f} to {100 * (ASSUMED_RATE + found):.0f} %"
    return f"A rise of the goal's rate {rise} or more, 4 times of 5; a smaller one stays “cannot tell yet”."
