"""Erasing a person, or an account with all its people: their words go everywhere, the counts stay.

Rows that lead to the person are emptied or masked as the policies say; the person's name and addresses are taken out of every other text. What was
counted (activity, rollups, messages, answers) stays a row, so that no statistic moves. The address stays as a fingerprint, so that nobody writes to
the person again when an old list is imported.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, models, transaction

from apps.accounts.imports import uploads
from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import AccountErased, PersonErased
from apps.messaging import services as messaging
from apps.messaging.models import Message

from .paths import our_models, paths_to, rows_of, text_columns
from .policies import policy_of

GONE = "erased"
_GUARDS = {"accounts_arrmovement": "ledger_is_append_only"}
# Shorter ids occur in other people's words by chance; they are only taken out where they stand alone.
_DISTINCT = 8


_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
_NAMED_CHANGES = """
update events_change set before = null, after = null, salt = null, erased_at = %(now)s
where erased_at is null and (before::text ilike any(%(words)s) or after::text ilike any(%(words)s))
"""


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
        done = _erase_person(person, actor=actor, now=now)
        events.publish(PersonErased(account_id=person.account_id, contact_id=person.pk), actor=actor, now=now)
    done.mails = messaging.forget_mails(_words(person)["anywhere"])
    _forget_uploads()
    return done


def erase_account(account: Account, *, actor: Actor, now: datetime) -> Erased:
    """The account's own words and those of all its people; its numbers and dates stay."""
    with transaction.atomic():
        words: list[str] = []
        for person in account.contacts.all():
            words += _words(person)["anywhere"]
            _erase_person(person, actor=actor, now=now)
        anywhere, alone = _distinct([account.domain, *account.domains], [account.external_id, account.name])
        done = _empty(account)
        Account.objects.filter(pk=account.pk).update(name=f"{GONE} {account.pk}", domain="", domains=[], tags=[], tier="", segment="", locale="")
        _clean(anywhere, alone)
        _forget_history([f"account:{account.pk}"], anywhere + alone, now=now)
        events.publish(AccountErased(account_id=account.pk), actor=actor, now=now)
    done.mails = messaging.forget_mails([*words, *anywhere])
    _forget_uploads()
    return done


def _erase_person(person: Contact, *, actor: Actor, now: datetime) -> Erased:
    words = _words(person)
    waiting = list(Message.objects.filter(contact=person).values_list("pk", flat=True))
    messaging.cancel_waiting(message_ids=waiting, reason="The recipient was erased.", actor=actor, now=now)
    messaging.suppress_for_good([person.email, *Message.objects.filter(contact=person).values_list("address", flat=True)], now=now)
    subjects = [f"{model._meta.model_name}:{key}" for model in paths_to(Contact) for key in rows_of(model, person).values_list("pk", flat=True)]
    done = _empty(person)
    _clean(words["anywhere"], words["alone"])
    _forget_history(subjects, words["anywhere"] + words["alone"], now=now)
    return done


def _words(person: Contact) -> dict[str, list[str]]:
    """By what a text names the person: anywhere in it, or only where the word stands alone."""
    anywhere, alone = _distinct([person.email, person.phone], [person.external_id])
    if " " in person.name.strip() and person.name != person.account.name:
        anywhere.append(person.name)
    elif person.name:
        alone.append(person.name)
    return {"anywhere": anywhere, "alone": alone}


def _distinct(sure: Iterable[str], unsure: Iterable[str]) -> tuple[list[str], list[str]]:
    anywhere = [word for word in sure if len(word) >= 5]
    alone: list[str] = []
    for word in filter(None, unsure):
        (anywhere if len(word) >= _DISTINCT and not word.isdigit() else alone).append(word)
    return anywhere, alone


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
        values |= {name: models.functions.Concat(models.Value(f"{GONE}-"), models.F("pk"), output_field=models.CharField()) for name in policy.mask}
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


def _clean(anywhere: list[str], alone: list[str]) -> None:
    """Take the person out of every other text: one statement per table, only for rows that name them."""
    if not anywhere and not alone:
        return
    tables: list[type[models.Model]] = [*our_models(), LogEntry]
    for model in tables:
        policy = policy_of(model)
        columns = [one for one in text_columns(model) if one.name in {*policy.forget, *policy.clean}]
        if columns:
            _clean_table(model, columns, anywhere, alone)


def _clean_table(model: type[models.Model], columns: list[Any], anywhere: list[str], alone: list[str]) -> None:
    """Also inside JSON and lists, whose text keeps its form: a word in quotes becomes another word in quotes."""
    values = {
        "inside": _any(map(_pattern, anywhere)),
        "whole": _any(f"^{_escaped(word)}$" for word in alone),
        "json_inside": _any(map(_pattern, _in_json(anywhere))),
        "json_whole": _any(f'"{_escaped(word)}"' for word in _in_json(alone)),
    }
    sets, tests = [], []
    for one in columns:
        column = f'"{one.column}"'
        text, cast, kind = column, "", ""
        if one.get_internal_type() in ("JSONField", "ArrayField"):
            text, cast, kind = f"{column}::text", f"::{one.db_type(connection)}", "json_"
        gone = f"'\"{GONE}\"'" if kind else f"'{GONE}'"
        sets.append(f"{column} = regexp_replace(regexp_replace({text}, %({kind}inside)s, '{GONE}', 'gi'), %({kind}whole)s, {gone}, 'gi'){cast}")
        tests.append(f"{text} ~* %({kind}inside)s or {text} ~* %({kind}whole)s")
    table, named = model._meta.db_table, " or ".join(tests)
    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select from {table} where {named})", values)  # noqa: S608 (names of our own tables)
        if not cursor.fetchone()[0]:
            return
        with _opened(cursor, table):
            cursor.execute(f"update {table} set {', '.join(sets)} where {named}", values)  # noqa: S608


@contextmanager
def _opened(cursor: Any, table: str) -> Iterator[None]:
    """The ledger refuses every rewriting; only its free text is cleaned here, behind a lock that is held until the commit."""
    trigger = _GUARDS.get(table)
    if trigger:
        cursor.execute(f"alter table {table} disable trigger {trigger}")
    yield
    if trigger:
        cursor.execute(f"alter table {table} enable trigger {trigger}")


def _any(patterns: Iterable[str]) -> str:
    """One pattern for all; one that fits nothing when there is none."""
    return "|".join(patterns) or "$."


def _escaped(word: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", word)


def _pattern(word: str) -> str:
    return rf"(?<![[:alnum:]]){_escaped(word)}(?![[:alnum:]])"


def _in_json(words: list[str]) -> list[str]:
    return [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]


def _forget_history(subjects: list[str], words: list[str], *, now: datetime) -> None:
    """The history of fields keeps that they changed, when and by whom; what they held goes, and the seals still hold."""
    events.erase_values(subjects, now=now)
    if words:
        named = [f"%{_in_json([word])[0].translate(_LIKE)}%" for word in words]
        with connection.cursor() as cursor:
            cursor.execute(_NAMED_CHANGES, {"words": named, "now": now})


def _forget_uploads() -> None:
    """Files that wait for their import may name the person, and cannot be cleaned: who sent them can send them again."""
    uploads.forget_all()
