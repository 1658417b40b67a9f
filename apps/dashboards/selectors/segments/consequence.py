"""Who a draft is, while it is typed: how many and whom, in words, with whom it overlaps, and what saving would move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from apps.accounts.models import Account, User
from apps.campaigns import selectors as campaigns_read
from apps.campaigns import services as campaigns
from apps.campaigns.models import Segment
from apps.campaigns.types import SegmentState
from apps.core.errors import Refused

from .words import Change, between, in_words, of_version

SHOWN = 5
# So many accounts of one's own book are looked through for examples.
MOST_LOOKED_AT = 2_000
_rules = campaigns.segments.rules


@dataclass(frozen=True)
class Consequence:
    """`count` None: it cannot be counted, `flaws` or `slow` say why. `came` and `went`: what saving would move in a live segment."""

    flaws: Sequence[tuple[str, str]]
    words: str = ""
    count: int | None = None
    of: int = 0
    slow: str = ""
    some: list[Account] = field(default_factory=list)
    overlap: list[tuple[Segment, int, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    came: int | None = None
    went: int | None = None

    @property
    def percent(self) -> int:
        return round(100 * self.count / self.of) if self.count and self.of else 0


def flaws_of(says: Mapping[str, Any], segment: Segment | None) -> list[tuple[str, str]]:
    """Everything that is wrong with what was typed, by place."""
    found: list[tuple[str, str]] = []
    typed: list[Any] = []
    for name, prefix in (("rule", ""), ("leaves", "leaves")):
        if says.get(name) is None:
            typed.append(None)
            continue
        try:
            typed.append(_rules.read(says[name]))
        except _rules.Flaws as flaws:
            found += [(f"{prefix}.{place}".strip(".") if prefix else place, words) for place, words in flaws.flaws]
    days = says.get("stay_days", 0)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= campaigns.segments.LONGEST_STAY:
        found.append(("stay_days", f"A whole number from 0 to {campaigns.segments.LONGEST_STAY}."))
    if not found and typed[0] is not None:
        try:
            live = segment is not None and segment.state == SegmentState.LIVE
            campaigns.segments.refuse_bad_references(segment.key if segment else "", typed[0], typed[1], live=live)
        except _rules.Flaws as flaws:
            found += flaws.flaws
    return found


def consequence(user: User, says: Mapping[str, Any], flaws: Sequence[tuple[str, str]], *, segment: Segment | None, now: datetime) -> Consequence:
    try:
        rule = _rules.read(says.get("rule"))
    except _rules.Flaws:
        return Consequence(flaws)
    words = in_words(says["rule"])
    before = segment.current if segment else None
    changes = between(of_version(before), {**says, "rule": _rules.plain(rule)}) if before and not flaws else []
    try:
        counted = campaigns_read.segments.count(rule, now, segment_id=segment.pk if segment else None)
    except Refused as refusal:
        return Consequence(flaws, words, slow=refusal.message, changes=changes)
    moved: tuple[int | None, int | None] = (None, None)
    if segment and segment.state == SegmentState.LIVE and changes:
        moved = _moves(rule, segment, now)
    return Consequence(
        flaws,
        words,
        counted.accounts,
        counted.of,
        some=_some(user, rule, segment, now),
        overlap=_overlap(rule, segment, counted.accounts, now),
        changes=changes,
        came=moved[0],
        went=moved[1],
    )


def _some(user: User, rule: Any, segment: Segment | None, now: datetime) -> list[Account]:
    """The largest of one's own book."""
    book = list(Account.objects.for_user(user).order_by("-arr", "pk").values_list("pk", flat=True)[:MOST_LOOKED_AT])
    inside = campaigns_read.segments.who(rule, now, segment_id=segment.pk if segment else None, account_ids=book) if book else set()
    return list(Account.objects.filter(pk__in=[key for key in book if key in inside][:SHOWN]).order_by("-arr", "pk"))


def _overlap(rule: Any, segment: Segment | None, whole: int, now: datetime) -> list[tuple[Segment, int, str]]:
    """The live segments with which it shares most, and which part of it that is."""
    sql, params = campaigns_read.segments.compiled(rule, now, segment_id=segment.pk if segment else None)
    asked = f"""select m.segment_id, count(*) from campaigns_membership m where m.left_at is null and m.account_id in ({sql})
        group by 1 order by 2 desc, 1 limit {SHOWN + 1}"""  # noqa: S608 (our own compiled rule; every value is a parameter)
    with connection.cursor() as cursor:
        cursor.execute(asked, params)
        shared = dict(cursor.fetchall())
    others = Segment.objects.filter(pk__in=[key for key in shared if segment is None or key != segment.pk], state=SegmentState.LIVE)
    found = sorted(others, key=lambda one: -shared[one.pk])[:SHOWN]
    return [(one, shared[one.pk], f"{100 * shared[one.pk] / whole:.0f} %" if whole else "") for one in found]


def _moves(rule: Any, segment: Segment, now: datetime) -> tuple[int, int]:
    """How many would come in and how many would leave."""
    sql, params = campaigns_read.segments.compiled(rule, now, segment_id=segment.pk)
    inside = f"select account_id from campaigns_membership where segment_id = {int(segment.pk)} and left_at is null"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({sql}) f(id) where id not in ({inside})", params)  # noqa: S608
        (came,) = cursor.fetchone()
        cursor.execute(f"select count(*) from ({inside}) i where account_id not in ({sql})", params)  # noqa: S608
        (went,) = cursor.fetchone()
    return came, went
