"""Milestones of which somebody says something else than what counts: both words side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.accounts.models import User
from apps.milestones import selectors as milestones
from apps.milestones.models import Claim, Progress

from ..sayings import hands

MOST = 6


@dataclass(frozen=True)
class Differing:
    """`counts`: what holds now and by whose word; `others`: what else stands."""

    row: Progress
    counts: str
    others: list[str]


def differing(user: User) -> tuple[list[Differing], int]:
    """The newest of this person's book, and how many there are in all."""
    found = milestones.conflicts().for_user(user)  # type: ignore[attr-defined]
    rows = list(found.select_related("account", "milestone")[:MOST])
    said: dict[tuple[int, int], list[Claim]] = {}
    for claim in Claim.objects.standing().filter(account__in=[row.account_id for row in rows]).order_by("at", "pk"):
        said.setdefault((claim.account_id, claim.milestone_id), []).append(claim)
    by = hands(claim.actor for claims in said.values() for claim in claims)
    told = [Differing(row, _counts(row), _others(row, said.get((row.account_id, row.milestone_id), ()), by)) for row in rows]
    return told, found.count() if len(rows) == MOST else len(rows)


def _counts(row: Progress) -> str:
    assert row.achieved_at is not None
    return f"reached on {row.achieved_at:%-d %b %Y}, {row.get_via_display()}{f' ({row.source})' if row.source else ''}"


def _others(row: Progress, claims: Sequence[Claim], by: dict[str, str]) -> list[str]:
    told = [f"not reached, says {claim.source or by[claim.actor]}" for claim in claims if claim.denies]
    told += [f"{claim.at:%-d %b %Y}, says {claim.source or by[claim.actor]}" for claim in claims if not claim.denies and claim.at != row.achieved_at]
    if row.found_at is not None and row.found_at != row.achieved_at:
        told.append(f"{row.found_at:%-d %b %Y}, from what they did")
    return told
