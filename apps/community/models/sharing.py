from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from apps.accounts.models import Contact, User

from ..types import Surface

_ANSWERED = Q(allowed__isnull=False, answered_at__isnull=False)


class OfContactQuerySet(models.QuerySet[Any]):
    """Rows of a person are seen by whoever sees their account."""

    def for_user(self, user: "User | AnonymousUser") -> "OfContactQuerySet":
        if not isinstance(user, AnonymousUser) and user.is_active and user.sees_everything:
            return self
        return self.filter(contact__in=Contact.objects.for_user(user))


class SharingChoice(models.Model):
    """A person's word on one surface of the community; the newest row counts, older ones are the evidence."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="sharing_choices", db_index=False)
    surface = models.CharField(max_length=10, choices=Surface)
    allowed = models.BooleanField()
    source = models.CharField(max_length=40, help_text="Where they said it: preferences, api, csm.")
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    objects = OfContactQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by every surface before it asks, counts or shows somebody.
            models.Index(fields=["contact", "surface", "-id"], name="sharing_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.surface}: {'yes' if self.allowed else 'no'}"


class NamedConsent(models.Model):
    """One thing that would name a person, the words they were shown, and their answer to it. Without a yes of its own nothing names anybody."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="named_consents", db_index=False)
    item = models.CharField(max_length=80, help_text="What would name them: ask:12, case:riverside.")
    words = models.TextField(help_text="What would be shown, as they read it before they answered.")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    allowed = models.BooleanField(null=True, blank=True, help_text="Empty until they answered.")
    answered_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True, db_default="", help_text="Where they answered.")

    objects = OfContactQuerySet.as_manager()

    class Meta:
        constraints = [
            # A yes belongs to one thing; to ask again for other words is to forget the yes to the former ones.
            models.UniqueConstraint(fields=["contact", "item"], name="one_named_consent_per_item"),
            models.CheckConstraint(condition=Q(allowed=None, answered_at=None) | _ANSWERED, name="named_answer_has_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.contact_id}"
