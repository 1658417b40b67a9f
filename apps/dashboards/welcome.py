"""Whether open sockets may stay open and hear what they ask for, answered for many of them in a few statements."""

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.accounts.models import Account, User

from .tickets import Pass, mark

_TOPIC = re.compile(r"\*|[a-z_]{1,40}|[a-z_]{1,20}:[A-Za-z0-9_.\-]{1,80}")
# Subjects that any member of staff may listen to: a hint says that something moved, never what it is now.
OPEN = frozenset({"metric", "segment", "campaign", "play", "milestone", "import", "dashboard", "alert", "story", "system"})


class Verdict(NamedTuple):
    """What the database says of one socket: whether it may stay, and the accounts that are not in its reader's book."""

    stays: bool
    refused: frozenset[str]


def enter(session_key: str) -> Pass | None:
    """The door for a page whose ticket is missing or too old: the whole check of a request, in the database."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key or None)
    user: Any = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return None
    return Pass(user.pk, session_key, mark(store.get(HASH_SESSION_KEY, "")))


def look(asked: Iterable[tuple[Pass, frozenset[str]]]) -> list[Verdict]:
    """Sessions that ended, people who may no longer sign in or changed their password, and accounts outside the book; in the order asked."""
    asked = list(asked)
    keys = {who.session for who, _ in asked}
    # Expiry is counted by the session engine's clock, not by the house's, which a demo may shift.
    alive = set(Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("session_key", flat=True))
    people = {user.pk: user for user in User.objects.filter(pk__in={who.user_id for who, _ in asked}, is_active=True, is_staff=True)}
    marks = {pk: mark(user.get_session_auth_hash()) for pk, user in people.items()}
    stays = [who.session in alive and marks.get(who.user_id) == who.auth for who, _ in asked]
    wanted: dict[int, set[int]] = {}
    for (who, topics), staying in zip(asked, stays, strict=True):
        if staying and (accounts := _accounts(topics)):
            wanted.setdefault(who.user_id, set()).update(accounts)
    books = {pk: set(Account.objects.for_user(people[pk]).filter(pk__in=ids).values_list("pk", flat=True)) for pk, ids in wanted.items()}
    return [Verdict(staying, _outside(topics, books.get(who.user_id, set()))) for (who, topics), staying in zip(asked, stays, strict=True)]


def heard(topics: Iterable[object]) -> tuple[frozenset[str], frozenset[str]]:
    """What a page asks for, split into what can be listened to at all and what cannot."""
    words = [topic for topic in topics if isinstance(topic, str)]
    good = {topic for topic in words if _TOPIC.fullmatch(topic) and (":" not in topic or topic.split(":")[0] in OPEN or _accounts([topic]))}
    return frozenset(good), frozenset(words) - good


def _accounts(topics: Iterable[str]) -> Mapping[int, str]:
    """Accounts named by topics, with the topic that names each."""
    found = {}
    for topic in topics:
        prefix, _, key = topic.partition(":")
        if prefix == "account" and key.isascii() and key.isdigit() and len(key) < 18:
            found[int(key)] = topic
    return found


def _outside(topics: Iterable[str], book: set[int]) -> frozenset[str]:
    return frozenset(topic for key, topic in _accounts(topics).items() if key not in book)
