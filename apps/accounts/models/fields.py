from django.db import models

from ..types import FieldKind


class Field(models.Model):
    """A fact kept of accounts and people: a trait with its registered type, or one of our own fields with its source of truth."""

    name = models.CharField(max_length=180, primary_key=True, help_text="account.arr, contact.email; traits as account.traits.NAME.")
    kind = models.CharField(
        max_length=8, choices=FieldKind, default=FieldKind.TEXT, help_text="What a trait holds; other values are left out and told."
    )
    truth = models.CharField(
        "source of truth",
        max_length=60,
        blank=True,
        db_default="",
        help_text="The source whose word counts once it has spoken (staff, or a source's name). Empty: the latest word counts.",
    )
    words = models.CharField("meaning", max_length=250, blank=True, db_default="", help_text="What it means, for people.")
    first_source = models.CharField(max_length=60, blank=True, db_default="")
    first_seen_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
