"""Who may be asked, counted, ranked or named; and what they read of it."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from apps.accounts.models import Contact

from ..models import NamedConsent, SharingChoice
from ..types import STANDARD_CHOICES, Standing, Surface

# The newest word counts, else the standard. Who left their company takes part in nothing.
_MAY = """
select c.id from accounts_contact c where c.id = any(%(people)s) and c.departed_on is null and coalesce(
    (select s.allowed from community_sharingchoice s where s.contact_id = c.id and s.surface = %(surface)s order by s.id desc limit 1), %(standard)s)
"""


def may(contact_ids: Collection[int], surface: str) -> set[int]:
    """Those of these people who take part in the surface now; one statement."""
    if not contact_ids:
        return set()
    said: dict[str, Any] = {"people": list(contact_ids), "surface": Surface(surface).value, "standard": STANDARD_CHOICES[Surface(surface)]}
    with connection.cursor() as cursor:
        cursor.execute(_MAY, said)
        return {key for (key,) in cursor.fetchall()}


def may_name(contact_ids: Collection[int], item: str) -> set[int]:
    """Those whose name this very thing may show: a yes to it that stands, of people who may be named at all."""
    agreed = set(NamedConsent.objects.filter(contact__in=contact_ids, item=item, allowed=True).values_list("contact_id", flat=True))
    return may(agreed, Surface.NAMED)


def standings(contact: Contact) -> list[Standing]:
    """Their word on every surface, in the order of a page."""
    newest = SharingChoice.objects.filter(contact=contact).order_by("surface", "-id").distinct("surface")
    said = {row.surface: row for row in newest}
    return [standing(surface, said.get(surface)) for surface in Surface]


def standing(surface: Surface, row: SharingChoice | None) -> Standing:
    return Standing(surface, row.allowed, row.at, row.source) if row else Standing(surface, STANDARD_CHOICES[surface])
