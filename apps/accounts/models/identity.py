from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from .customers import Contact, OfAccountQuerySet
from .staff import User


class IdentityQuerySet(OfAccountQuerySet):
    def for_user(self, user: "User | AnonymousUser") -> "IdentityQuerySet":
        """Identities are seen by whoever sees the person."""
        return self.filter(contact__in=Contact.objects.for_user(user))


class Identity(models.Model):
    """Another id under which a person is known: an anonymous visitor's, a former one, or that of somebody who turned out to be the same person.

    Everything that changed with it is kept here, so that it can be taken back.
    """

    external_id = models.CharField(max_length=120)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    merged = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="merges",
        help_text="The row that turned out to be this person.",
    )
    moved = models.JSONField(default=dict, blank=True, help_text="Rows that were given to the person, by kind, and what the merged row said before.")
    source = models.CharField(max_length=60)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            # An id names one person at a time; what was taken back may be said again.
            models.UniqueConstraint(fields=["external_id"], condition=Q(undone_at__isnull=True), name="one_person_per_identity"),
            models.CheckConstraint(condition=Q(merged__isnull=True) | ~Q(merged=F("contact")), name="merged_with_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} is {self.contact_id}"
