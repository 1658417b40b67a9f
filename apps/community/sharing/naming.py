"""Naming somebody: each thing is asked for by itself, with the very words that would be shown."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import NamingAnswered

from ..models import NamedConsent
from ..types import Surface
from .reading import may


def ask_to_name(*, contact: Contact, item: str, words: str, actor: Actor, now: datetime) -> NamedConsent:
    """Put the question on the person's page. Other words than those they answered are another question: the former answer no longer counts."""
    if not words.strip():
        raise Refused("no_words", "Say what would be shown; nobody can agree to nothing.")
    with transaction.atomic():
        if contact.pk not in may([contact.pk], Surface.NAMED):
            raise Refused("may_not_name", f"{contact} does not want to be named; only they can change that, on their own page.")
        row = NamedConsent.objects.select_for_update().filter(contact=contact, item=item).first()
        if row is not None and row.words == words:
            return row
        fresh = {"words": words, "asked_at": now, "asked_by": str(actor)[:120], "allowed": None, "answered_at": None, "source": ""}
        return NamedConsent.objects.update_or_create(contact=contact, item=item, defaults=fresh)[0]


def answer_naming(*, consent: NamedConsent, allowed: bool, source: str, actor: Actor, now: datetime) -> bool:
    """Their word on this one thing; a yes can be taken back at any time. True when it changed anything."""
    with transaction.atomic():
        row = NamedConsent.objects.select_for_update().select_related("contact").get(pk=consent.pk)
        if row.allowed == allowed:
            return False
        row.allowed, row.answered_at, row.source = allowed, now, source[:40]
        row.save(update_fields=["allowed", "answered_at", "source"])
        said = NamingAnswered(account_id=row.contact.account_id, contact_id=row.contact_id, item=row.item, allowed=allowed)
        events.publish(said, actor=actor, now=now)
    return True
