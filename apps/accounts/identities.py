"""Who is who: the ids under which a person is known, two rows that turn out to be one person, and taking that back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ContactsMerged

from .models import ActivityEvent, Contact, Identity, SurveyResponse, Ticket

# What a merge gives to the other row. Messages and consents stay with the row and address that they were about.
_MOVED = {"activity": ActivityEvent, "tickets": Ticket, "answers": SurveyResponse}


def known_as(external_ids: Collection[str]) -> dict[str, str]:
    """The ids among these that are other names of somebody, with the person's own id."""
    rows = Identity.objects.filter(external_id__in=external_ids, undone_at=None).exclude(contact__external_id="")
    return dict(rows.values_list("external_id", "contact__external_id"))


def link(pairs: Sequence[tuple[str, str]], *, source: str, actor: Actor, now: datetime) -> set[str]:
    """These ids (other, own) name the same person each; returns the other ids that are known now. Who is not known yet is left out.

    A person known by the other id alone is from now on known by both.
    """
    known = set()
    with transaction.atomic():
        for other, own in dict.fromkeys(pairs):
            if other == own:
                continue
            found = {row.external_id: row for row in Contact.objects.select_for_update().filter(external_id__in=[other, own]).order_by("id")}
            if own not in found and other in found:
                # The same row under its new id; the old one stays a name of it.
                Contact.objects.filter(pk=found[other].pk).update(external_id=own, version=F("version") + 1)
                found[own] = found.pop(other)
                _note(other, found[own], source=source, now=now, renamed_from=other)
            elif own in found and other in found:
                merge(found[own], found[other], source=source, actor=actor, now=now)
            elif own in found:
                _note(other, found[own], source=source, now=now)
            else:
                continue
            known.add(other)
    return known


def _note(other: str, contact: Contact, *, source: str, now: datetime, **moved: Any) -> None:
    Identity.objects.get_or_create(external_id=other, undone_at=None, defaults={"contact": contact, "source": source, "at": now, "moved": moved})


def merge(kept: Contact, gone: Contact, *, source: str, actor: Actor, now: datetime) -> Identity:
    """Two rows are one person: activity, tickets and answers of `gone` become those of `kept`, and its id one more name of `kept`.

    Activity stays with the account it happened at, so daily figures do not change.
    """
    if kept.pk == gone.pk:
        raise Refused("same_person", "Choose two different people.")
    with transaction.atomic():
        rows = {row.pk: row for row in Contact.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("id")}
        kept, gone = rows[kept.pk], rows[gone.pk]
        if gone.merges.filter(undone_at=None).exists():
            raise Refused("already_merged", f"{gone} was merged already.")
        moved: dict[str, Any] = {"external_id": gone.external_id, "departed_on": gone.departed_on.isoformat() if gone.departed_on else None}
        for kind, model in _MOVED.items():
            mine = model._default_manager.filter(contact=gone)
            if ids := list(mine.values_list("pk", flat=True)):
                moved[kind] = ids
                mine.update(contact=kept)
        if ids := list(gone.identities.filter(undone_at=None).values_list("pk", flat=True)):
            moved["identities"] = ids
            Identity.objects.filter(pk__in=ids).update(contact=kept)
        # The row stays for what was sent to it and consented by it, and is written to no more.
        Contact.objects.filter(pk=gone.pk).update(external_id="", departed_on=gone.departed_on or now.date(), version=F("version") + 1)
        identity = Identity.objects.create(
            external_id=gone.external_id or f"row-{gone.pk}", contact=kept, merged=gone, moved=moved, source=source, at=now
        )
        _announce(identity, actor=actor, now=now)
    return identity


def undo(identity: Identity, *, actor: Actor, now: datetime) -> None:
    """Take an identity back: what moved goes home. What came in meanwhile under the other id stays with the person it was given to."""
    with transaction.atomic():
        identity = Identity.objects.select_for_update(of=("self",)).select_related("contact", "merged").get(pk=identity.pk)
        if identity.undone_at:
            raise Refused("already_undone", "This was taken back already.")
        moved = identity.moved
        back = moved.get("external_id") or moved.get("renamed_from") or ""
        if back and Contact.objects.filter(external_id=back).exists():
            raise Refused("id_taken", f"Somebody else has the id {back} now. Give them another one first.")
        if identity.merged:
            for kind, model in _MOVED.items():
                model._default_manager.filter(pk__in=moved.get(kind, ()), contact=identity.contact).update(contact=identity.merged)
            Identity.objects.filter(pk__in=moved.get("identities", ()), contact=identity.contact).update(contact=identity.merged)
            Contact.objects.filter(pk=identity.merged.pk).update(
                external_id=moved["external_id"], departed_on=moved["departed_on"], version=F("version") + 1
            )
        elif back:
            Contact.objects.filter(pk=identity.contact_id).update(external_id=back, version=F("version") + 1)
        identity.undone_at = now
        identity.save(update_fields=["undone_at"])
        _announce(identity, actor=actor, now=now)


def _announce(identity: Identity, *, actor: Actor, now: datetime) -> None:
    said = ContactsMerged(
        account_id=identity.contact.account_id, contact_id=identity.contact_id, identity_id=identity.pk, undone=identity.undone_at is not None
    )
    events.publish(said, actor=actor, now=now)
