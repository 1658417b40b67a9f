"""What is known of segments: how many a rule finds and whom, why somebody is in or not, who was in at a moment; nothing here writes."""

# ruff: noqa: S608 (the statements are put together from our own compiled rules; every value is a parameter)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from apps.accounts.models import Account
from apps.core.errors import Refused

from ..models import Membership, Segment
from .compiled import compiled
from .facts import load
from .judged import Explained
from .judged import explain as explained
from .rules import Rule, leaves

__all__ = ["compiled"]

# A count is asked for at every keystroke of the builder.
COUNT_SECONDS = 3.0


@dataclass(frozen=True)
class Count:
    """How many accounts fulfil a rule, of how many there are."""

    accounts: int
    of: int
    arr: float


def count(rule: Rule, now: datetime, *, segment_id: int | None = None, seconds: float = COUNT_SECONDS) -> Count:
    """Of a rule that need not be saved. Raises Refused where the answer takes longer than `seconds`."""
    sql, params = compiled(rule, now, segment_id=segment_id)
    asked = f"""select (select count(*) from accounts_account), count(*), coalesce(sum(k.arr) filter (where k.stage <> 'churned'), 0)
        from accounts_account k where k.id in ({sql})"""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select current_setting('statement_timeout')")
            (usual,) = cursor.fetchone()
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            cursor.execute(asked, params)
            of, found, arr = cursor.fetchone()
            cursor.execute("select set_config('statement_timeout', %s, true)", [usual])
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise Refused(
            "count_too_slow", f"To count them takes longer than {seconds:g} seconds. Save the rule: they are counted in the background."
        ) from error
    return Count(found, of, float(arr))


def who(rule: Rule, now: datetime, *, segment_id: int | None = None, account_ids: Sequence[int] | None = None) -> set[int]:
    """The accounts that fulfil a rule at a moment; of `account_ids`, or of all."""
    sql, params = compiled(rule, now, segment_id=segment_id, account_ids=account_ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {key for (key,) in cursor.fetchall()}


def members(segment_id: int, at: datetime | None = None) -> "QuerySet[Membership, int]":
    """Ids of the accounts that are in a segment, or were at a moment."""
    rows = Membership.objects.filter(segment=segment_id)
    return (rows.open() if at is None else rows.at(at)).values_list("account_id", flat=True)


def explain(rule: Rule, account_id: int, now: datetime, *, segment_id: int | None = None) -> Explained | None:
    """Why an account fulfils a rule or does not, condition by condition with what is known of it; None where there is no such account."""
    facts = load({account_id: now}, leaves(rule)).get(account_id)
    return explained(rule, facts, segment_id) if facts is not None else None


def segments_of(account_id: int) -> list[Segment]:
    """The segments that an account is in, by name."""
    return list(Segment.objects.filter(memberships__account=account_id, memberships__left_at=None).order_by("name"))


@dataclass(frozen=True)
class Overlap:
    """`both`: how many are in both of two segments (by their ids, smaller first, and of each with itself)."""

    segment_ids: list[int]
    both: dict[tuple[int, int], int]

    def share(self, first: int, second: int) -> float:
        """The part of `first` that is in `second` too, 0 to 1; 0 where `first` is empty."""
        whole = self.both.get((first, first), 0)
        return self.both.get((min(first, second), max(first, second)), 0) / whole if whole else 0.0


def overlap(segment_ids: Sequence[int], now: datetime) -> Overlap:
    """How much segments have in common at a moment."""
    ids = sorted(set(segment_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            """with m as (select segment_id, account_id from campaigns_membership
                          where segment_id = any(%(ids)s) and entered_at <= %(now)s and (left_at is null or left_at > %(now)s))
               select a.segment_id, b.segment_id, count(*) from m a join m b on b.account_id = a.account_id and b.segment_id >= a.segment_id
               group by 1, 2""",
            {"ids": ids, "now": now},
        )
        return Overlap(ids, {(first, second): both for first, second, both in cursor.fetchall()})


def progress(segment: Segment) -> float:
    """How far the first look at everybody came, 0 to 1."""
    if segment.filled_at is not None:
        return 1.0
    last = Account.objects.order_by("-pk").values_list("pk", flat=True).first()
    return min(1.0, segment.filled_to / last) if last else 0.0
