"""Boards: reckoned every few minutes for those who chose to be seen, read by where one stands."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.keyset import Order

from ..models import Board, BoardPlace, RewardClaim
from ..types import LEVELS, ClaimState, Level, Unit, reaches
from .choosing import choice_of
from .pseudonyms import pseudonym

PAGE = 20
# Everybody who chose to be seen this far, with the points their acts brought; who brought none is no loser, and not listed.
_RECKON = """
insert into milestones_boardplace (board_id, contact_id, account_id, "group", points, as_of)
select %(board)s, p.id, p.account_id, {group}, sum(c.amount), %(now)s
from milestones_recognitionchoice r
join accounts_contact p on p.id = r.contact_id and p.departed_on is null
join accounts_account a on a.id = p.account_id and a.stage <> 'churned'
join milestones_rewardclaim c on c.contact_id = p.id and c.state = 'granted' and c.at > %(since)s and c.at <= %(now)s
join milestones_rewardrule u on u.id = c.rule_id and u.unit = 'points'
where r.level = any(%(levels)s) group by p.id, a.id having sum(c.amount) > 0
"""
_GROUPS = {
    Level.TEAM: "'account:' || a.id",
    Level.COMPANY: "'company:' || coalesce(a.parent_id, a.id)",
    "plan": "'plan:' || a.plan",
    "segment": "'segment:' || a.segment",
    "tier": "'tier:' || a.tier",
    "": "'all'",
}


@dataclass(frozen=True)
class Place:
    """A line of a board as it is shown: never who they are, unless they chose that."""

    rank: int
    name: str
    points: Decimal
    mine: bool = False


@dataclass(frozen=True)
class Page:
    """`people` is None where there are too few to show any. `own` is the reader's place, told to them alone."""

    name: str
    as_of: datetime | None
    people: list[Place] | None
    count: int | None
    own: Place | None
    after: str | None
    least: int


def write_board(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Board:
    """Create a board or change one. A change of circle or cohort empties it until the next reckoning."""
    with transaction.atomic():
        row = Board.objects.select_for_update().filter(key=key).first() or Board(key=key, salt=secrets.token_hex(16))
        fresh = row.pk is None
        for name, value in fields.items():
            setattr(row, name, value)
        row.version = 1 if fresh else row.version + 1
        try:
            row.full_clean()
        except ValidationError as error:
            raise Refused("invalid_board", "; ".join(error.messages)) from error
        row.save()
        BoardPlace.objects.filter(board=row).delete()
    return row


def reckon(board: Board, *, now: datetime) -> int:
    """Write the board anew, all at once; returns how many people are on it."""
    levels = [level for level in LEVELS if reaches(level, board.circle)]
    group = _GROUPS[board.cohort if board.circle == Level.PUBLIC else Level(board.circle)]
    with transaction.atomic():
        Board.objects.select_for_update().get(pk=board.pk)
        BoardPlace.objects.filter(board=board).delete()
        with connection.cursor() as cursor:
            said: dict[str, Any] = {"board": board.pk, "since": now - timedelta(days=board.days), "now": now, "levels": levels}
            cursor.execute(_RECKON.format(group=group), said)
            return int(cursor.rowcount)


def reckon_all(*, now: datetime) -> int:
    return sum(reckon(board, now=now) for board in Board.objects.filter(live=True).order_by("pk"))


def group_of(board: Board, account: Account) -> str:
    """With whom an account's people are compared on this board."""
    if board.circle == Level.TEAM:
        return f"account:{account.pk}"
    if board.circle == Level.COMPANY:
        return f"company:{account.parent_id or account.pk}"
    return f"{board.cohort}:{getattr(account, board.cohort)}" if board.cohort else "all"


def page(board: Board, *, reader: Contact, after: str = "", limit: int = PAGE) -> Page:
    """What a customer's person reads: those who chose to be seen this far, and their own place, which nobody else is told."""
    seen = visible(board, group_of(board, reader.account))
    count = seen.count()
    own = _own(board, reader, seen)
    if count < board.least:
        return Page(board.name, None, None, None, own, None, board.least)
    order = Order.of(seen, ["-points", "-id"])
    assert order is not None
    start = order.read(after) if after else None
    rows = list(order.beyond(seen, start)[: limit + 1])
    shown = rows[:limit]
    people = _ranked(board, seen, shown, reader.pk)
    following = order.place_of(shown[-1]) if len(rows) > limit else None
    return Page(board.name, shown[0].as_of if shown else None, people, count, own, following, board.least)


def visible(board: Board, group: str) -> QuerySet[BoardPlace]:
    """Looked up by the present choices, not by those at the reckoning."""
    levels = [level for level in LEVELS if reaches(level, board.circle)]
    places = BoardPlace.objects.filter(board=board, group=group, contact__recognition__level__in=levels, contact__departed_on=None)
    return places.select_related("contact__recognition")


def _ranked(board: Board, seen: QuerySet[BoardPlace], rows: list[BoardPlace], reader_id: int) -> list[Place]:
    """Who has the same points has the same rank."""
    found: list[Place] = []
    if not rows:
        return found
    before = seen.filter(Q(points__gt=rows[0].points) | Q(points=rows[0].points, pk__gt=rows[0].pk)).count()
    rank = seen.filter(points__gt=rows[0].points).count() + 1
    for number, row in enumerate(rows):
        if number and row.points != rows[number - 1].points:
            rank = before + number + 1
        found.append(Place(rank, name_on(board, row.contact), row.points, row.contact_id == reader_id))
    return found


def name_on(board: Board, contact: Contact) -> str:
    """Their own name where they chose that, else the board's made-up one."""
    own = contact.recognition.by_name and contact.name
    return contact.name if own else pseudonym(board.salt, contact.pk)


def _own(board: Board, reader: Contact, seen: QuerySet[BoardPlace]) -> Place | None:
    """Among those who are seen, whether or not the reader is; None where their acts brought nothing yet."""
    place = BoardPlace.objects.filter(board=board, contact=reader).first()
    points = place.points if place else _points(board, reader)
    if not points:
        return None
    return Place(seen.exclude(contact=reader).filter(points__gt=points).count() + 1, _self(board, reader), points, mine=True)


def _self(board: Board, reader: Contact) -> str:
    level, by_name = choice_of(reader)
    if not reaches(level, board.circle):
        return ""
    return reader.name if by_name and reader.name else pseudonym(board.salt, reader.pk)


def _points(board: Board, reader: Contact) -> Decimal:
    """As of the board's last reckoning, so that one compares like with like."""
    until = BoardPlace.objects.filter(board=board).values_list("as_of", flat=True).first()
    if until is None:
        return Decimal()
    mine = RewardClaim.objects.filter(contact=reader, state=ClaimState.GRANTED, rule__unit=Unit.POINTS)
    return mine.filter(at__gt=until - timedelta(days=board.days), at__lte=until).aggregate(sum=Sum("amount"))["sum"] or Decimal()
