"""Whether what is kept is what a fresh computation says: to the digit, and sum by sum."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account

from . import measured, versions
from .models import AccountHealth
from .scored import told

_AT_ONCE = 2000


@dataclass(frozen=True)
class Difference:
    """An account whose kept health is not what its facts say."""

    account_id: int
    kept: str
    fresh: str


def differences(*, as_of: datetime) -> Iterator[Difference]:
    """Every customer whose present health differs from a full recomputation at the moment, or whose contributions do not sum to the score."""
    models = versions.at_work(now=as_of)
    last = 0
    while ids := list(Account.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        last = ids[-1]
        kept = AccountHealth.objects.in_bulk(ids, field_name="account_id")
        fresh = {row["id"]: told(models, row) for row in measured.rows(as_of=as_of, account_ids=ids)}
        for account_id in ids:
            health, said = kept.get(account_id), fresh.get(account_id)
            have = (health.score, health.band, health.coverage, health.parts) if health and health.model_id else None
            want = (said.score, str(said.band), said.folded.coverage, said.parts) if said else None
            if have != want:
                yield Difference(account_id, _words(have), _words(want))
            elif have and have[0] is not None and sum(part["contribution"] for part in have[3]) != have[0] * 100:
                yield Difference(account_id, _words(have), "contributions that sum to the score")


def _words(what: tuple[Any, ...] | None) -> str:
    return "no health" if what is None else f"{what[0]} ({what[1]}, {what[2]} % known)"
