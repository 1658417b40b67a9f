"""Exchange rates into the workspace's currency: entered by staff, never fetched, never guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from .models import ExchangeRate

_MOST_LINES = 5_000


@dataclass(frozen=True)
class Rate:
    """One unit of `currency` is worth `rate` of the workspace's from that day on."""

    currency: str
    valid_from: date
    rate: Decimal


def workspace() -> str:
    """The currency in which reports of several currencies are written."""
    return str(settings.WORKSPACE_CURRENCY)


def read(text: str) -> list[Rate]:
    """Lines such as `EUR 2026-01-01 1.0832`, parted by space, tab, comma or semicolon, perhaps under a head line. Refused says which is wrong."""
    found, problems = [], []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        raise Refused("too_many_lines", f"{len(lines)} lines are more than {_MOST_LINES}. Nothing was entered. Split them.")
    for place, (number, line) in enumerate(lines):
        words = [word for word in re.split(r"[\s,;]+", line) if word]
        if place == 0 and "currency" in line.lower():
            continue
        try:
            currency, day, rate = words
            found.append(fit(currency, date.fromisoformat(day), rate))
        except ValueError as error:
            words_of_it = "expected currency, day and rate, such as EUR 2026-01-01 1.0832" if len(words) != 3 else str(error)
            problems.append(f"line {number}: {words_of_it}")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise Refused("rates_unreadable", f"Nothing was entered. {'; '.join(problems[:5])}{more}.")
    if not found:
        raise Refused("no_rates", "There is no rate in it. Write one per line, such as EUR 2026-01-01 1.0832.")
    return found


def fit(currency: str, valid_from: date, rate: str) -> Rate:
    """Raises ValueError saying what is wrong with it."""
    return Rate(_currency(currency), valid_from, _positive(rate))


def enter(rates: Sequence[Rate], *, source: str, actor: Actor, now: datetime) -> list[ExchangeRate]:
    """Store the rates that say something new; who says a known rate again adds nothing. Two statements, whatever the number."""
    into = workspace()
    with transaction.atomic():
        stored = ExchangeRate.objects.filter(into=into, currency__in={rate.currency for rate in rates}).order_by("recorded_at")
        known = {(row.currency, row.valid_from): row.rate for row in stored}
        news = {(rate.currency, rate.valid_from): rate for rate in rates if known.get((rate.currency, rate.valid_from)) != rate.rate}
        return ExchangeRate.objects.bulk_create(
            [ExchangeRate(**rate.__dict__, into=into, recorded_at=now, source=source, actor=str(actor)) for rate in news.values()]
        )


def _currency(word: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", word):
        raise ValueError(f"{word!r} is no currency: three letters, such as EUR")
    if word.upper() == workspace():
        raise ValueError(f"{word.upper()} is the workspace's own currency and needs no rate")
    return word.upper()


def _positive(word: str) -> Decimal:
    try:
        rate = Decimal(word)
    except InvalidOperation as error:
        raise ValueError(f"{word!r} is no number: write 1.0832") from error
    if not rate.is_finite() or not Decimal("1e-9") < rate < Decimal("1e9"):
        raise ValueError(f"{word} is no rate: it must be above zero")
    return rate.quantize(Decimal("1e-10"))
