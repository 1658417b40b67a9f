"""One Segment message: checked, its time corrected, and read as what it says about accounts, people and activity."""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.accounts.types import AccountFacts, ActivityItem, ContactFacts

from .types import ACTIVITY, KINDS, MAX_AHEAD, MAX_DEPTH, MAX_MESSAGE

Id = str | int | None
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_ACCOUNT_FIELDS = ("name", "domain", "website", "plan", "currency")


class Context(msgspec.Struct, frozen=True):
    """What a client tells beside the message."""

    groupId: Any = None
    traits: Any = None


class Message(msgspec.Struct, frozen=True, rename={"message_id": "messageId"}):
    """The parts of the wire format that are read; everything else in a message is ignored, as SDKs add keys of their own."""

    type: str = ""
    message_id: Id = None
    userId: Id = None
    anonymousId: Id = None
    groupId: Id = None
    previousId: Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    traits: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    context: Context | None = None
    timestamp: str | None = None
    originalTimestamp: str | None = None


_MESSAGES = msgspec.json.Decoder(Message)


class Flawed(Exception):
    """This message cannot be stored: the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Same(NamedTuple):
    """The first id is another name of the second's person."""

    other: str
    own: str


Said = ActivityItem | AccountFacts | ContactFacts | Same


def message_id(raw: bytes, message: Message | None) -> str:
    """The client's id; a message without one is known by its content, so that sending it again still counts once."""
    if message is None or message.message_id is None or message.message_id == "":
        return f"md5-{hashlib.md5(raw, usedforsecurity=False).hexdigest()}"
    return str(message.message_id)


def parse(raw: bytes) -> Message:
    """Raises Flawed for anything that is no message of ours or that a database could not hold."""
    if len(raw) > MAX_MESSAGE:
        raise Flawed("", f"The message is larger than {MAX_MESSAGE // 1024} kB.")
    try:
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH or b"\\u0000" in raw:
            _check_nesting_and_text(msgspec.json.decode(raw))
        return _MESSAGES.decode(raw)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise Flawed(path.strip("`.") or "message", f"{reason}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Flawed("", f"The message is no JSON text: {error}.") from error
    except RecursionError as error:
        raise Flawed("", f"The message is nested more than {MAX_DEPTH} deep.") from error


def _check_nesting_and_text(value: Any) -> None:
    waiting = [("", value, 1)]
    while waiting:
        path, here, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Flawed(path.split(".")[1] if "." in path else path, f"The message is nested more than {MAX_DEPTH} deep.")
        if isinstance(here, str) and "\0" in here:
            raise Flawed(path.lstrip(".") or "message", "The text holds a NUL character.")
        if isinstance(here, dict):
            if any("\0" in key for key in here):
                raise Flawed(path.lstrip(".") or "message", "A key holds a NUL character.")
            waiting.extend((f"{path}.{key}", child, depth + 1) for key, child in here.items())
        elif isinstance(here, list):
            waiting.extend((f"{path}.{place}", child, depth + 1) for place, child in enumerate(here))


def moment(message: Message, *, skew: timedelta, now: datetime) -> datetime:
    """When it happened by our clock: a client whose clock is wrong is corrected by the time at which it says it sent the batch."""
    words = message.timestamp or message.originalTimestamp
    if not words:
        return now
    at = read_time(words)
    if at is None:
        raise Flawed("timestamp", f"{words[:40]!r} is no ISO 8601 time.")
    try:
        at += skew
    except OverflowError as error:
        raise Flawed("timestamp", "The time is out of range.") from error
    if at > now + MAX_AHEAD:
        raise Flawed("timestamp", f"The time lies more than {MAX_AHEAD // timedelta(hours=1)} hours ahead.")
    if at < _EARLIEST:
        raise Flawed("timestamp", "The time lies before 1970.")
    return at


def read_time(words: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(words)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def said(message: Message, *, key: str, at: datetime) -> tuple[Said, ...]:
    """What the message says, in the words of the accounts app. Raises Flawed naming the field that is missing or wrong."""
    if message.type not in KINDS:
        raise Flawed("type", f"{message.type[:40]!r} is none of {', '.join(KINDS)}.")
    if len(key) > 100:
        raise Flawed("messageId", "It is longer than 100 characters.")
    user, visitor = _word("userId", message.userId, 120), _word("anonymousId", message.anonymousId, 120)
    who = user or visitor
    if message.type in ACTIVITY:
        return (_activity(message, who, key, at),)
    if message.type == "identify":
        person = _person(message, _needed("userId", who))
        return (person, Same(visitor, user)) if user and visitor else (person,)
    if message.type == "group":
        group = _needed("groupId", _word("groupId", message.groupId, 120))
        account = _account(message, group)
        return (account, ContactFacts(external_id=who, account=group)) if who else (account,)
    return (Same(_needed("previousId", _word("previousId", message.previousId, 120) or visitor), _needed("userId", user)),)


def _activity(message: Message, user: str, key: str, at: datetime) -> ActivityItem:
    properties = message.properties or {}
    if message.type == "track":
        name = _needed("event", _word("event", message.event, 160))
    else:
        name = f"Viewed {message.type}"
        properties = properties | {field: value for field, value in (("name", message.name), ("category", message.category)) if value}
    account = _group(message) or _word("properties.account_id", _either(properties, "account_id", "accountId"), 120)
    if not account and not user:
        raise Flawed("userId", "Nobody is named: send userId or anonymousId, or the account in context.groupId or properties.account_id.")
    value = _number(properties.get("value"))
    if value is None:
        value = _number(properties.get("quantity"))
    return ActivityItem(key, name, at, account or None, user or None, 1.0 if value is None else value, properties or None)


def _person(message: Message, user: str) -> ContactFacts:
    given = message.context.traits if message.context else None
    traits = {**(given if isinstance(given, dict) else {}), **(message.traits or {})}
    email = _word("traits.email", traits.get("email"), 254)
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Flawed("traits.email", f"{email[:60]!r} is no email address.") from error
    full = " ".join(part for part in (_text(traits.get("firstName")), _text(traits.get("lastName"))) if part)
    company = traits.get("company")
    account = _group(message) or _word("traits.company.id", company.get("id") if isinstance(company, dict) else None, 120)
    account = account or _word("traits.account_id", _either(traits, "account_id", "accountId"), 120)
    rest = {name: value for name, value in traits.items() if name not in {"email", "name", "firstName", "lastName"}}
    name = _word("traits.name", _text(traits.get("name")) or full, 160)
    return ContactFacts(external_id=user, account=account, name=name or None, email=email or None, traits=rest)


def _account(message: Message, group: str) -> AccountFacts:
    traits = dict(message.traits or {})
    name = _word("traits.name", traits.get("name"), 200)
    plan = _word("traits.plan", traits.get("plan"), 80)
    domain = _word("traits.domain", _either(traits, "domain", "website"), 120)
    rest = {field: value for field, value in traits.items() if field not in _ACCOUNT_FIELDS}
    currency = _word("traits.currency", traits.get("currency"), 3).upper()
    return AccountFacts(
        external_id=group, name=name or None, plan=plan or None, domain=domain or None, currency=currency if len(currency) == 3 else None, traits=rest
    )


def _group(message: Message) -> str:
    return _word("context.groupId", message.context.groupId if message.context else None, 120)


def _either(values: dict[str, Any], first: str, second: str) -> Any:
    given = values.get(first)
    return values.get(second) if given is None or given == "" else given


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _word(field: str, value: Any, longest: int) -> str:
    """An id or a name as text; numbers are taken as ids are often numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int):
            raise Flawed(field, "It must be text.")
        value = str(value)
    word: str = value.strip()
    if len(word) > longest:
        raise Flawed(field, f"It is longer than {longest} characters.")
    return word


def _needed(field: str, word: str) -> str:
    if not word:
        raise Flawed(field, "It is missing.")
    return word


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
