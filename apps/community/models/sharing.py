from django.db import models

from apps.accounts.models import Contact

from ..types import Surface


class SharingChoice(models.Model):
    """A person's word on one surface of the community; the newest row counts, older ones are the evidence."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="sharing_choices", db_index=False)
    surface = models.CharField(max_length=10, choices=Surface)
    allowed = models.BooleanField()
    source = models.CharField(max_length=40, help_text="Where they said it: preferences, api, csm.")
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # Read by every surface before it asks, counts or shows somebody.
            models.Index(fields=["contact", "surface", "-id"], name="sharing_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.surface}: {'yes' if self.allowed else 'no'}"
