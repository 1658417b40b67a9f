"""Erasing a person, or an account with all its people: their words go everywhere, the counts stay.

Rows that lead to the person are emptied or masked as the policies say; the person's name and addresses are taken out of every other text. What was
counted (activity, rollups, messages, answers) stays a row, so that no statistic moves. The address stays as a fingerprint, so that nobody writes to
the person again when an old list is imported.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from apps.accounts import services as accounts
from apps.accounts.imports import uploads
from apps.accounts.models import Account, Contact, Field
from apps.community import services as community
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import AccountErased, PersonErased
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.milestones import services as milestones

from .paths import our_models, paths_to, rows_of, text_columns
from .policies import policy_of

GONE = "erased"
_GUARDS = {"accounts_arrmovement": "ledger_is_append_only", "milestones_rewardmovement": "rewards_are_append_only"}
# Shorter ids occur in other people's words by chance; they are only taken out where they stand alone.
_DISTINCT = 8
_NAMED_CHANGES = """
update events_change set before = null, after = null, salt = null, erased_at = %(now)s,
    field = case when field ~* %(inside)s then 'traits.erased' else field end
where erased_at is null and (before::text ~* %(inside)s or after::text ~* %(inside)s or field ~* %(inside)s
    or subject = %(account)s and (%(alone)s::jsonb @> before or %(alone)s::jsonb @> after))
"""


@dataclass(frozen=True)
class Told:
    """What to look for in text and in JSON (or lists), whose form must survive, and what stands there afterwards."""

    text: str
    structured: str
    instead: str
    instead_structured: str


@dataclass(frozen=True)
class Words:
    """By what somebody is named: `addresses` and long words anywhere in a text, short ids and first names only where they stand alone."""

    addresses: list[str]
    anywhere: list[str]
    alone: list[str]

    def __add__(self, others: "Words") -> "Words":
        return Words(self.addresses + others.addresses, self.anywhere + others.anywhere, self.alone + others.alone)

    @property
    def told_anywhere(self) -> Told:
        return _anywhere(self.anywhere)

    @property
    def told_by_address(self) -> str:
        return _anywhere(self.addresses).text

    @property
    def told_alone(self) -> Told:
        text = _any(f"^{_escaped(word)}$" for word in self.alone)
        return Told(text, _any(f'"{_escaped(word)}"' for word in _in_json(self.alone)), GONE, f'"{GONE}"')


@dataclass
class Erased:
    """What was, or would be, emptied, by table."""

    rows: dict[str, int] = field(default_factory=dict)
    mails: int = 0

    @property
    def in_words(self) -> str:
        return ", ".join(f"{count:,} of {label}" for label, count in self.rows.items() if count) or "nothing"


def preview(root: Contact | Account) -> Erased:
    """The numbers before anybody asks for it."""
    return Erased({str(model._meta.verbose_name_plural).lower(): rows_of(model, root).count() for model in paths_to(type(root)) if _touched(model)})


def erase_person(person: Contact, *, actor: Actor, now: datetime) -> Erased:
    """Everywhere and for good. One transaction; mails and uploads go after it."""
    with transaction.atomic():
        words = _words(person)
        done, subjects = _empty_person(person, actor=actor, now=now)
        _clean(words, person.account_id)
        own = [person.name] if person.name else []
        _rewrite(Account.objects.filter(pk=person.account_id), set(policy_of(Account).own), _anywhere([*words.anywhere, *own]))
        _forget_history(subjects, words, person.account_id, now=now)
        events.publish(PersonErased(account_id=person.account_id, contact_id=person.pk), actor=actor, now=now)
    done.mails = messaging.forget_mails(words.anywhere)
    _forget_uploads()
    return done


def erase_account(account: Account, *, actor: Actor, now: datetime) -> Erased:
    """The account's own words and those of all its people; its numbers and dates stay."""
    with transaction.atomic():
        words, subjects = _told_by([account.domain, *account.domains], [account.external_id, account.name]), [f"account:{account.pk}"]
        for person in account.contacts.all():
            words += _words(person)
            subjects += _empty_person(person, actor=actor, now=now)[1]
        done = _empty(account)
        Account.objects.filter(pk=account.pk).update(name=f"{GONE} {account.pk}", domain="", domains=[], tags=[], tier="", segment="", locale="")
        _clean(words, account.pk)
        _forget_history(subjects, words, account.pk, now=now)
        events.publish(AccountErased(account_id=account.pk), actor=actor, now=now)
    done.mails = messaging.forget_mails(words.anywhere)
    _forget_uploads()
    return done


def _empty_person(person: Contact, *, actor: Actor, now: datetime) -> tuple[Erased, list[str]]:
    """What leads to them: nothing more is sent, and their words go. Returns also what their rows are called in the history."""
    waiting = list(Message.objects.filter(contact=person).values_list("pk", flat=True))
    messaging.cancel_waiting(message_ids=waiting, reason="The recipient was erased.", actor=actor, now=now)
    messaging.suppress_for_good([person.email, *Message.objects.filter(contact=person, guest="").values_list("address", flat=True)], now=now)
    community.forget_sharing(contact=person, actor=actor, now=now)
    milestones.forget_recognition(contact=person, actor=actor, now=now)
    subjects = [f"{model._meta.model_name}:{key}" for model in paths_to(Contact) for key in rows_of(model, person).values_list("pk", flat=True)]
    return _empty(person), subjects


def _words(person: Contact) -> Words:
    words = _told_by([person.email, person.phone], [person.external_id])
    if " " in person.name.strip() and person.name != person.account.name:
        words.anywhere.append(person.name)
    elif person.name:
        words.alone.append(person.name)
    return words


def _told_by(addresses: Iterable[str], ids: Iterable[str]) -> Words:
    """Ids that are short or plain numbers occur in other people's words by chance, and a plain number may be anybody's key."""
    sure = [word for word in addresses if len(word) >= 5]
    long = [word for word in ids if len(word) >= _DISTINCT and not _is_number(word)]
    numbers = [word for word in sure if _is_number(word)]
    return Words([word for word in sure if word not in numbers], [*sure, *long], [*numbers, *(word for word in ids if word and word not in long)])


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"[\d.]+([eE][+-]?\d+)?", word))


def _touched(model: type[models.Model]) -> bool:
    return bool(policy_of(model).forget or policy_of(model).mask)


def _empty(root: Contact | Account) -> Erased:
    """Rows that lead to the person: words emptied, keys masked. Deeper rows first, because they are found through the others."""
    done = Erased()
    found = paths_to(type(root))
    for model in sorted(found, key=lambda one: -max(path.count("__") + bool(path) for path in found[one])):
        policy = policy_of(model)
        if not (policy.forget or policy.mask):
            continue
        rows = rows_of(model, root)
        values: dict[str, Any] = {name: _nothing(model._meta.get_field(name)) for name in policy.forget}
        values |= {name: _masked() for name in policy.mask}
        done.rows[str(model._meta.verbose_name_plural).lower()] = rows.update(**values)
    return done


def _nothing(field: Any) -> Any:
    if field.null:
        return None
    kind = field.get_internal_type()
    return (
        []
        if kind == "ArrayField"
        else type(field.get_default())()
        if kind == "JSONField" and field.has_default()
        else {}
        if kind == "JSONField"
        else ""
    )


def _clean(words: Words, account_id: int) -> None:
    """Take somebody out of every other text: one statement per table, only for rows that name them.

    What stands alone is taken only out of words that others sent, and where those belong to accounts, only of this one: "support" may be a first
    name to one and a department to another.
    """
    everything: list[type[models.Model]] = [*our_models(), LogEntry]
    account = Account(pk=account_id)
    for model in everything:
        policy, rows = policy_of(model), model._base_manager.all()
        _rewrite(rows, {*policy.forget, *policy.clean, *policy.ours}, words.told_anywhere, keys=dict.fromkeys(policy.mask, words.told_by_address))
        if words.alone:
            _rewrite(rows_of(model, account) if model in paths_to(Account) else rows, {*policy.forget, *policy.clean}, words.told_alone)
    if words.anywhere:
        accounts.forget_names(words.told_anywhere.text, instead=GONE)
        Field.objects.filter(name__iregex=words.told_anywhere.text).delete()


def _rewrite(rows: models.QuerySet[Any], names: set[str], told: Told, *, keys: Mapping[str, str] = MappingProxyType({})) -> None:
    """Texts named `names`, and the keys in which a pattern is found; one look at the table when nobody is named."""
    named, values = models.Q(), dict[str, Any]()
    for key, pattern in keys.items():
        named |= models.Q(**{f"{key}__iregex": pattern})
        values[key] = models.Case(models.When(**{f"{key}__iregex": pattern}, then=_masked()), default=models.F(key))
    for one in text_columns(rows.model):
        if one.name in names:
            structured = one.get_internal_type() in ("JSONField", "ArrayField")
            pattern, instead = (told.structured, told.instead_structured) if structured else (told.text, told.instead)
            text = Cast(one.name, models.TextField())
            rows = rows.alias(**{f"{one.name}_in_words": text})
            named |= models.Q(**{f"{one.name}_in_words__iregex": pattern})
            rewritten = models.Func(text, *map(models.Value, (pattern, instead, "gi")), function="regexp_replace", output_field=models.TextField())
            values[one.name] = Cast(rewritten, one)
    if values and rows.filter(named).exists():
        with _opened(rows.model._meta.db_table):
            rows.filter(named).update(**values)


@contextmanager
def _opened(table: str) -> Iterator[None]:
    """The ledger refuses every rewriting; only its free text is cleaned here, behind a lock that is held until the commit."""
    trigger = _GUARDS.get(table)
    with connection.cursor() as cursor:
        if trigger:
            cursor.execute(f"alter table {table} disable trigger {trigger}")
        yield
        if trigger:
            cursor.execute(f"alter table {table} enable trigger {trigger}")


def _masked() -> models.functions.Concat:
    return models.functions.Concat(models.Value(f"{GONE}-"), models.F("pk"), output_field=models.CharField())


def _anywhere(words: list[str]) -> Told:
    return Told(_any(map(_pattern, words)), _any(map(_pattern_in_json, _in_json(words))), GONE, GONE)


def _any(patterns: Iterable[str]) -> str:
    """One pattern for all; one that fits nothing when there is none."""
    return "|".join(patterns) or "$."


def _escaped(word: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", word)


def _pattern(word: str) -> str:
    return rf"(?<![[:alnum:]]){_escaped(word)}(?![[:alnum:]])"


def _pattern_in_json(word: str) -> str:
    """A number there is a number, unless it stands in a sentence: after a letter and a space."""
    return rf"(?<=[[:alpha:]]:? ){_escaped(word)}(?![[:alnum:]])" if _is_number(word) else _pattern(word)


def _in_json(words: list[str]) -> list[str]:
    return [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]


def _forget_history(subjects: list[str], words: Words, account_id: int, *, now: datetime) -> None:
    """The history of fields keeps that they changed, when and by whom; what they held goes, and the seals still hold."""
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"inside": words.told_anywhere.structured, "alone": json.dumps(words.alone), "account": f"account:{account_id}"}
        cursor.execute(_NAMED_CHANGES, {**told, "now": now})
    events.erase_values(subjects, now=now)


def _forget_uploads() -> None:
    """Files that wait for their import may name the person, and cannot be cleaned: who sent them can send them again."""
    uploads.forget_all()
