"""What customers and visitors read of a statement, and how it is made, in words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from ..models import Published, Statement
from ..types import Deed, Verdict
from .rules import STEP, K

# A number that no round has looked at for two days is told no more.
_FRESH = timedelta(days=2)
_ENGLISH: dict[str, str] = {
    "title": "How we know",
    Deed.FIRST_DAYS: "We count accounts that did “{what}” at least once in their first {days} days, of those whose first {days} days are over.",
    Deed.LATELY: "We count accounts that did “{what}” at least once in the last {days} days.",
    Deed.MILESTONE: "We count accounts that reached “{what}”.",
    Deed.SUM: "We add up how often “{what}” was done in the last {days} days.",
    "everybody": "Among all present customers.",
    "cohort": "Among present customers of the {kind} “{value}”.",
    "rule": (
        "Accounts where anybody asked not to be counted are left out. The number is rounded down to a step of {step} or more and made once a day. "
        "It is shown only while at least {k} accounts did it and at least {k} comparable ones did not, and never where two numbers together would "
        "tell of fewer than {k}. For sums, no account may make up half."
    ),
    "as_of": "As of {day}.",
    "plan": "plan",
    "segment": "segment",
    "tier": "service tier",
}
_GERMAN: dict[str, str] = {
    "title": "Woher wir das wissen",
    Deed.FIRST_DAYS: "Wir zählen Kunden, die „{what}“ in ihren ersten {days} Tagen mindestens einmal getan haben, sofern diese um sind.",
    Deed.LATELY: "Wir zählen Kunden, die „{what}“ in den letzten {days} Tagen mindestens einmal getan haben.",
    Deed.MILESTONE: "Wir zählen Kunden, die „{what}“ erreicht haben.",
    Deed.SUM: "Wir zählen zusammen, wie oft „{what}“ in den letzten {days} Tagen getan wurde.",
    "everybody": "Unter allen jetzigen Kunden.",
    "cohort": "Unter jetzigen Kunden, {kind} „{value}“.",
    "rule": (
        "Kunden, bei denen jemand nicht mitgezählt werden will, bleiben außen vor. Die Zahl wird auf Schritte von {step} oder mehr abgerundet und "
        "einmal am Tag gebildet. Sie wird nur gezeigt, solange mindestens {k} Kunden es getan haben und mindestens {k} vergleichbare nicht, und "
        "nie, wo zwei Zahlen zusammen etwas über weniger als {k} verraten würden. Bei Summen darf kein Kunde die Hälfte ausmachen."
    ),
    "as_of": "Stand: {day}.",
    "plan": "Tarif",
    "segment": "Segment",
    "tier": "Servicestufe",
}
_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}


@dataclass(frozen=True)
class Told:
    """A statement as it may be shown, and how it is made."""

    key: str
    sentence: str
    number: int
    on: date
    title: str
    how: list[str]


def told(statement: Statement, language: str, *, now: datetime) -> Told | None:
    """None while its newest number is suppressed or too old."""
    newest = Published.objects.filter(statement=statement, on__lte=now.date(), on__gt=(now - _FRESH).date()).order_by("-on").first()
    if not statement.live or newest is None or newest.verdict != Verdict.PUBLISHED or newest.number is None:
        return None
    return Told(statement.key, sentence(statement, newest.number, language), newest.number, newest.on, *_how(statement, language, newest.on))


def with_number(statements: QuerySet[Statement], *, now: datetime) -> QuerySet[Statement]:
    """Each with the `number` that its newest round lets be shown; empty where it is suppressed or too old."""
    rounds = Published.objects.filter(statement=OuterRef("pk"), on__lte=now.date(), on__gt=(now - _FRESH).date()).order_by("-on")
    return statements.annotate(number=Subquery(rounds.values("number")[:1]))


def sentence(statement: Statement, number: int, language: str) -> str:
    figure = f"{number:,}" if language == "en" else f"{number:,}".replace(",", ".")
    return str(statement.words.get(language) or statement.words["en"]).replace("{number}", figure)


def _how(statement: Statement, language: str, on: date) -> tuple[str, list[str]]:
    said: dict[str, Any] = _LANGUAGES[language]
    what = statement.milestone.name if statement.milestone else statement.activity
    whom = said["cohort"].format(kind=said[statement.cohort], value=statement.cohort_value) if statement.cohort else said["everybody"]
    lines = [
        said[statement.deed].format(what=what, days=statement.days),
        whom,
        said["rule"].format(k=K, step=STEP),
        said["as_of"].format(day=on.isoformat()),
    ]
    return str(said["title"]), lines
