"""The demo company's word of mouth: who takes part in what, right moments of today, a challenge that runs, and statements of the last days."""

from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Account, Contact
from apps.community import services as community
from apps.community.models import AskRules
from apps.core.actor import Actor
from apps.core.shares import position

ACTOR = Actor.job("demo_world")
# Of the people: who said no to being asked, and who takes part in challenges.
_NOT_ASKED, _IN_CHALLENGES = 0.01, 0.02
# At most so many join, so that the load stays short.
_MOST_JOIN = 16
_STATEMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "first-week-invoice",
        {
            "words": {
                "en": "{number} teams sent their first invoice in their first week",
                "de": "{number} Teams haben in ihrer ersten Woche die erste Rechnung gesendet",
            },
            "deed": "first_days",
            "activity": "invoice.sent",
            "days": 7,
        },
    ),
    (
        "weekly-report",
        {
            "words": {
                "en": "{number} teams looked at their report in the last week",
                "de": "{number} Teams haben letzte Woche den Bericht angesehen",
            },
            "deed": "lately",
            "activity": "report.viewed",
            "days": 7,
        },
    ),
    (
        "exports",
        {
            "words": {"en": "{number} exports ran in the last four weeks", "de": "{number} Exporte liefen in den letzten vier Wochen"},
            "deed": "sum",
            "activity": "export.run",
            "days": 28,
        },
    ),
    (
        "everybody-logs-in",
        {"words": {"en": "{number} teams logged in this month", "de": "{number} Teams waren diesen Monat da"}, "deed": "lately", "activity": "login"},
    ),
)


def write(*, now: datetime) -> None:
    """Through the services, as staff and customers would have done it; a tenth of the customers is held out from asks."""
    AskRules.objects.update_or_create(pk=1, defaults={"review_url": "https://reviews.example.com/write"})
    community.ensure_holdout(actor=ACTOR, now=now - timedelta(days=30))
    willing = _choices(now)
    _challenge(willing, now)
    _statements(now)
    _favours(now)
    community.find_all(now=now, actor=ACTOR)


def _choices(now: datetime) -> list[Contact]:
    willing: list[Contact] = []
    for person in Contact.objects.filter(departed_on=None).exclude(account__stage="churned").select_related("account").order_by("pk"):
        share = position("community", person.external_id)
        actor = Actor.contact(person.pk)
        if share < _NOT_ASKED:
            community.choose(person, {"referral": False}, source="sharing page", actor=actor, now=now - timedelta(days=20))
        elif share < _NOT_ASKED + _IN_CHALLENGES and len(willing) < _MOST_JOIN:
            community.choose(person, {"boards": True, "named": share < _NOT_ASKED + 0.01}, source="sharing page", actor=actor, now=now)
            willing.append(person)
    return willing


def _challenge(willing: list[Contact], now: datetime) -> None:
    words = {
        "en": {"name": "Five reports in two weeks", "text": "Look at your report five times in two weeks. Whoever gets there has won."},
        "de": {"name": "Fünf Berichte in zwei Wochen", "text": "Sehen Sie in zwei Wochen fünfmal in Ihren Bericht. Wer es schafft, hat gewonnen."},
    }
    days = {"first_day": (now - timedelta(days=9)).date(), "last_day": (now + timedelta(days=4)).date()}
    says = {"name": words["en"]["name"], "words": words, "counts": "activity", "activity": "report.viewed", "target": 5, "team": True}
    row = community.write_challenge(key="five-reports", fields={**says, **days, "zone": "Europe/Berlin"}, actor=ACTOR, now=now)
    community.open_challenge(row, actor=ACTOR, now=now)
    row.refresh_from_db()
    for person in willing:
        community.join(challenge=row, contact=person, actor=Actor.contact(person.pk), now=now)


def _statements(now: datetime) -> None:
    for key, fields in _STATEMENTS:
        community.write_statement(key=key, fields={**fields, "live": True}, actor=ACTOR, now=now)
    for day in (now - timedelta(days=1), now):
        community.publish_all(now=day)


def _favours(now: datetime) -> None:
    """What three customers did for us lately, one of them thanked."""
    for place, account in enumerate(Account.objects.at_risk().filter(contacts__departed_on=None).distinct().order_by("-arr", "pk")[:3]):
        contact = account.contacts.filter(departed_on=None).order_by("pk").first()
        kind, at = ("reference", "review", "case")[place], now - timedelta(days=6 + 9 * place)
        said: dict[str, Any] = {"account": account, "contact": contact, "kind": kind, "key": f"demo:{place}", "at": at, "source": "demo"}
        favour = community.record_favour(**said, actor=ACTOR, now=now)
        if place == 2:
            community.thank(favour=favour, actor=ACTOR, now=now)
