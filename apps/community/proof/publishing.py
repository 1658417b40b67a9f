"""Publishing: once a day, one statement after the other, each looked at beside all that was ever shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import Published, Statement
from ..types import Deed, Verdict
from .counting import who_did
from .rules import Shown, rule

_LOCK = "select pg_advisory_xact_lock(hashtext('community.proof'))"


def write_statement(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Statement:
    """Write a statement or change it; its next number comes with the next day's round. Numbers it had before still count against it."""
    with transaction.atomic():
        row = Statement.objects.select_for_update().filter(key=key).first() or Statement(key=key)
        fresh = row.pk is None
        for name, value in fields.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ValidationError as error:
            raise Refused("invalid_statement", "; ".join(error.messages)) from error
        words = row.words
        if not isinstance(words, dict) or "en" not in words or not all(isinstance(one, str) and one.count("{number}") == 1 for one in words.values()):
            raise Refused("invalid_words", 'Words are {"en": "{number} teams …", …}: English at least, {number} once in each.')
        row.version = 1 if fresh else row.version + 1
        row.save()
    return row


def publish_all(*, now: datetime) -> int:
    """The day's numbers of all live statements; what has its number today keeps it. Returns how many are shown."""
    shown = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two rounds at once would each not see what the other shows.
            cursor.execute(_LOCK)
        known = _ever_shown()
        done = set(Published.objects.filter(on=now.date()).values_list("statement_id", flat=True))
        for statement in Statement.objects.filter(live=True).exclude(pk__in=done).order_by("pk"):
            did, others = who_did(statement, now=now)
            ruling = rule(statement.pk, did=did, others=others, is_sum=statement.deed == Deed.SUM, before=known)
            kept = ruling.number is not None
            Published.objects.create(
                statement=statement,
                version=statement.version,
                on=now.date(),
                verdict=Verdict.PUBLISHED if kept else Verdict.SUPPRESSED,
                number=ruling.number,
                why=ruling.why[:250],
                counted=len(ruling.behind),
                others=others,
                behind=sorted(ruling.behind) if kept else [],
            )
            if ruling.number is not None:
                known.append(Shown(statement.pk, statement.key, ruling.number, ruling.behind))
                shown += 1
    return shown


def _ever_shown() -> list[Shown]:
    """Every different number with who was behind it, oldest first; the same for many days is one."""
    rows = Published.objects.filter(verdict=Verdict.PUBLISHED).order_by("on", "id").values_list("statement_id", "statement__key", "number", "behind")
    return list(dict.fromkeys(Shown(statement, key, number or 0, frozenset(behind)) for statement, key, number, behind in rows))
