"""The book of accounts as a list without pages: filtered, searched, ordered, and read in blocks by the same few queries at any size."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.churn.types import Band
from apps.core.reading import Reading, Rows, gather

from ..models import SavedView
from . import cells, orders, past
from .columns import arranged
from .orders import Place

BLOCK = 50
MOST_IN_BLOCK = 500
RENEWAL_DAYS = (30, 60, 90, 180)
# Long texts that no cell shows are not read.
JOINED, LEFT_OUT = ("risk", "owner"), ("traits", "risk__reasons")
# So many accounts with the words are all read and put in order; of more, the order is walked until a block is full.
_FEW = 5_000
# Accounts without a value are looked for so many ids at a time: that they are few must not cost a walk over all.
_REACH = 20_000


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see; anything nonsensical in the address means "no filter"."""

    words: str = ""
    band: str = ""
    stage: str = ""
    owner: str = ""
    renewal: str = ""
    tier: str = ""
    segment: str = ""
    tag: str = ""
    sort: str = orders.DEFAULT
    as_of: date | None = None

    @classmethod
    def read(cls, query: Any, *, today: date | None = None) -> "Asked":
        """A day that is not over yet is no past."""

        def text(name: str, most: int) -> str:
            return str(query.get(name) or "").replace("\x00", "").strip()[:most]

        stage, band, owner, renewal, sort = (text(name, 30) for name in ("stage", "band", "owner", "renewal", "sort"))
        return cls(
            words=text("q", 100),
            band=band if band in Band.values else "",
            stage=stage if stage in Stage.values else "",
            owner=owner if owner == "none" or (owner.isascii() and owner.isdigit() and len(owner) < 10) else "",
            renewal=renewal if renewal in map(str, RENEWAL_DAYS) else "",
            tier=text("tier", 40),
            segment=text("segment", 60),
            tag=text("tag", 60),
            sort=sort if sort.removeprefix("-") in orders.ORDERS else orders.DEFAULT,
            as_of=past.day_of(text("as_of", 10), today),
        )

    @property
    def filters(self) -> dict[str, str]:
        """As they stand in an address and in a saved view."""
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in {"words", "sort", "as_of"}}
        return {name: value for name, value in {"q": self.words, **named}.items() if value}

    @property
    def narrowed(self) -> bool:
        return bool(self.filters)


@dataclass(frozen=True)
class Block:
    """Some rows in their order, as the grid shows them, and the word to ask for the next ones with (empty at the end)."""

    rows: list[dict[str, Any]]
    more: str


def block(user: Any, asked: Asked, *, now: datetime, shown: set[str], after: str = "", limit: int = BLOCK) -> Reading[Block]:
    """The rows behind the place that `after` names; a block may be short, or empty, although more follows."""
    accounts, more = yield from _next(user, asked, now, after, limit, few=_with_words_are_few(asked.words))
    return Block((yield from _rows(accounts, asked, now, shown)), more)


def first_block(user: Any, asked: Asked, view: Reading[SavedView | None], *, now: datetime) -> Reading[tuple[SavedView | None, Block]]:
    """What the page opens with, in the columns of a view: the first block, filled up from the next where it came out short."""
    few = _with_words_are_few(asked.words)
    opened, (accounts, more) = yield from gather(view, _next(user, asked, now, "", BLOCK, few=few))
    if more and len(accounts) < BLOCK:
        following, more = yield from _next(user, asked, now, more, BLOCK, few=few)
        accounts += following
    shown = {column.key for column in arranged(opened.columns if opened else None)}
    return opened, Block((yield from _rows(accounts, asked, now, shown)), more)


def _next(user: Any, asked: Asked, now: datetime, after: str, limit: int, *, few: bool) -> Reading[tuple[list[Account], str]]:
    """The accounts behind a place, and the word to ask for the next ones with. `few`: those with the words are few."""
    order = orders.ORDERS[asked.sort.removeprefix("-")]
    place = Place.read(after, order) if after else None
    found = orders.walk(filtered(user, asked, now), asked.sort, place, few=few).select_related(*JOINED).defer(*LEFT_OUT)
    if order.path.startswith("health__"):
        found = found.select_related("health").defer("health__parts", *LEFT_OUT)
    reach = place.id + _REACH if place is not None and place.rest and "__" in order.path and user.sees_everything else None
    if reach is not None:
        found = found.filter(pk__lte=reach)
    found = found[:limit]
    beyond = Account.objects.none() if reach is None else Account.objects.filter(pk__gt=reach).only("pk")[:1]
    yield found, beyond
    accounts = list(found)
    rest = place is not None and place.rest
    if len(accounts) == limit:
        return accounts, (Place(id=accounts[-1].pk, rest=True) if rest else orders.place_of(accounts[-1], asked.sort)).word()
    if not rest:
        return accounts, Place(rest=True).word() if order.nullable else ""
    return accounts, Place(id=reach, rest=True).word() if reach is not None and (accounts or beyond) else ""


def _rows(accounts: list[Account], asked: Asked, now: datetime, shown: set[str]) -> Reading[list[dict[str, Any]]]:
    """The list stands in the order of today's values, also where the rows tell of a past day."""
    moment = now if asked.as_of is None else past.end_of(asked.as_of, now)
    return cells.rows(accounts, now=moment, shown=shown, past=asked.as_of is not None)


def these(user: Any, ids: Sequence[int], *, now: datetime, shown: set[str]) -> Reading[list[dict[str, Any]]]:
    """Named accounts of this person's book as rows."""
    found = Account.objects.for_user(user).filter(pk__in=ids).select_related(*JOINED).defer(*LEFT_OUT)
    yield found
    return (yield from cells.rows(list(found), now=now, shown=shown))


def filtered(user: Any, asked: Asked, now: datetime) -> QuerySet[Account]:
    """The accounts of this person's book that fit; customers who left appear only when asked for by stage."""
    accounts = Account.objects.for_user(user)
    if asked.as_of is not None:
        accounts = past.customers_then(accounts, asked.as_of)
    else:
        accounts = accounts.filter(stage=asked.stage) if asked.stage else accounts.at_risk()
    if asked.words:
        accounts = accounts.filter(_holds(asked.words))
    if asked.band:
        accounts = accounts.filter(risk__band=asked.band, risk__probability__isnull=False)
    if asked.owner:
        accounts = accounts.filter(owner__isnull=True) if asked.owner == "none" else accounts.filter(owner=int(asked.owner))
    if asked.renewal:
        accounts = accounts.filter(renews_on__gte=now.date(), renews_on__lte=now.date() + timedelta(days=int(asked.renewal)))
    if asked.tier:
        accounts = accounts.filter(tier=asked.tier)
    if asked.segment:
        accounts = accounts.filter(segment=asked.segment)
    if asked.tag:
        accounts = accounts.filter(tags__contains=[asked.tag])
    return accounts


def _holds(words: str) -> Q:
    # Ids by their own index: they share their beginnings, and the index of parts walks all that share a part.
    return Q(name__icontains=words) | Q(domain__icontains=words) | Q(external_id__in={words, words.lower(), words.upper()})


def _with_words_are_few(words: str) -> bool:
    """Whether all that hold the words are to be read and put in order. The server, told an order and a limit, would gamble on its own guess, and
    where that is a little too high walk the whole book for fifty rows."""
    if not words:
        return False
    found = Account.objects.filter(_holds(words)).order_by().values_list("pk")
    (plan,) = json.loads(found.explain(format="json"))
    guess = int(plan["Plan"]["Plan Rows"])
    if guess <= _FEW:
        return True
    # A guess hangs on the rows that the last ANALYZE drew and may be ten times too high: where it can be wrong, it is looked.
    return guess <= 10 * _FEW and len(found[: _FEW + 1]) <= _FEW


def owners(user: Any) -> Reading[list[tuple[int, str]]]:
    """Who owns accounts in this person's view; a single owner is no choice."""
    # One step along the index for each person; asked as EXISTS it is at times answered by reading every account's owner.
    first = Account.objects.filter(owner=OuterRef("pk")).order_by("stage").values("pk")[:1]
    owning = User.objects.alias(first=Subquery(first)).filter(first__isnull=False)
    if not user.sees_everything:
        owning = owning.filter(pk__in=Account.objects.for_user(user).values("owner"))
    owning = owning.order_by("full_name", "email")
    yield owning
    return [(person.pk, str(person)) for person in owning]


# One step along the index per word, instead of reading every account for the few words there are.
_WORDS_IN_USE = """
with recursive word as (
    (select {column} as w from accounts_account where {column} > '' order by {column} limit 1)
    union all
    select (select {column} from accounts_account where {column} > word.w order by {column} limit 1) from word where word.w is not null
)
select w from word where w is not null limit 60
"""


def editing() -> Reading[dict[str, Any]]:
    """What facts can be typed over with: whom an account can be handed to, stages, and the tiers and segments in use, in alphabetical order."""
    people = User.objects.filter(is_active=True, is_staff=True).order_by("full_name", "email")[:500]
    words = {column: Rows(_WORDS_IN_USE.format(column=column), {}) for column in ("tier", "segment")}
    yield people, *words.values()
    return {
        "choices": {
            "owner_id": [[None, "nobody"], *((person.pk, str(person)) for person in people)],
            # Leaving is more than a word.
            "stage": [choice for choice in Stage.choices if choice[0] != Stage.CHURNED],
        },
        "words": {column: [word for (word,) in rows] for column, rows in words.items()},
    }
