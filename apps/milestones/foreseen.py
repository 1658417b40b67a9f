"""What a definition would mean before anybody is judged by it: what is wrong with it, who would have reached it lately, and how long it took them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from django.db import transaction

from apps.accounts.models import Account
from apps.accounts.types import Stage

from . import facts, judging
from .definition import Definition, Flaws, read
from .models import Progress
from .types import STANDARD, ProgressState
from .written import refuse_bad_graph

# So many customers are judged while somebody types; of more, every second, third, ... one stands for the others.
MOST, CHUNK = 4_000, 1_000


@dataclass(frozen=True)
class Foreseen:
    """`on_path`: customers whose path it would be on. `reached`: who would have reached it within `days`; `already`: who before that;
    `done_at_once`: who of `reached` had done it all when it opened. `half` and `most`: days from opening by which half and three quarters of the
    others were there; None where they are fewer than 2. `sampled`: one of so many was judged, and counts are what that makes of all."""

    days: int
    on_path: int
    reached: int
    already: int
    done_at_once: int
    half: float | None
    most: float | None
    sampled: int


def flaws_of(says: Any, key: str) -> list[tuple[str, str]]:
    """What stands in the way of putting this live under the key, by place; nothing where it may."""
    try:
        refuse_bad_graph(key, read(says), live=True)
    except Flaws as flaws:
        return flaws.flaws
    return []


def readable(says: Any) -> Definition | None:
    """The definition typed, or None while it cannot be understood."""
    try:
        return read(says)
    except Flaws:
        return None


def foresee(definition: Definition, *, days: int, now: datetime) -> Foreseen:
    """Judge the company's customers by the standard variant, as they would have been; nothing is stored."""
    book = Account.objects.exclude(stage=Stage.CHURNED)
    if definition.audience is not None:
        book = book.filter(**{f"{name}__in": values for name, values in definition.audience.lists.items()})
    ids = list(book.order_by("pk").values_list("pk", flat=True))
    step = -(-len(ids) // MOST) or 1
    since = now - timedelta(days=days)
    took: list[float] = []
    reached = already = at_once = 0
    for opened, at in _moments(definition, ids[::step], now=now):
        if at < since:
            already += 1
            continue
        reached += 1
        if at <= opened:
            at_once += 1
        else:
            took.append((at - opened).total_seconds() / 86_400)
    half, most = (quantiles(took, n=4, method="inclusive")[1:]) if len(took) > 1 else (None, None)
    return Foreseen(days, len(ids), reached * step, already * step, at_once * step, half, most, step)


def _moments(definition: Definition, account_ids: Sequence[int], *, now: datetime) -> Iterable[tuple[datetime, datetime]]:
    """When it would have opened to each that would have reached it, and when that would have been."""
    factor = definition.variant(STANDARD).factor
    leaves = list(definition.criteria.leaves())
    counts = [judging.counted(leaf, factor) for leaf in leaves if leaf.name]
    states = [leaf for leaf in leaves if leaf.trait is not None or leaf.metric is not None]
    for start in range(0, len(account_ids), CHUNK):
        ids = account_ids[start : start + CHUNK]
        with transaction.atomic():
            known = facts.gather(ids, counts=counts, states=states, now=now)
            # What it looks up about traits and figures is remembered only for milestones that are live.
            transaction.set_rollback(True)
        before = _reached(ids, definition.depends_on)
        for customer in facts.customers(ids):
            there = before.get(customer.id, {})
            if not all(key in there for key in definition.needs):
                continue
            opened = max([customer.began, *(there[key] for key in definition.needs)])
            at = judging.fulfilled_at(definition.criteria, known.known(customer.id, there), factor)
            if at is not None and max(at, opened) <= now:
                yield opened, max(at, opened)


def _reached(account_ids: Sequence[int], keys: Iterable[str]) -> dict[int, dict[str, datetime]]:
    found: dict[int, dict[str, datetime]] = {}
    rows = Progress.objects.filter(account__in=account_ids, milestone__key__in=list(keys), state=ProgressState.ACHIEVED)
    for account_id, key, at in rows.values_list("account_id", "milestone__key", "achieved_at"):
        if at is not None:
            found.setdefault(account_id, {})[key] = at
    return found
