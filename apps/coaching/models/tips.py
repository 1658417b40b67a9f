from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.core.models import Versioned

from ..definition import Definition, Flaws, read
from ..types import TipState


class Tip(Versioned):
    """Something worth trying that a customer may be told. What it says stands in its versions."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120, help_text="For staff; what customers read stands in the definition, by language.")
    state = models.CharField(max_length=8, choices=TipState, default=TipState.DRAFT)
    current = models.ForeignKey("TipVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["key"]
        constraints = [
            # What is live says something.
            models.CheckConstraint(condition=~Q(state="live") | Q(current__isnull=False), name="live_tip_has_words"),
        ]

    def __str__(self) -> str:
        return self.name


class TipVersion(models.Model):
    """What a tip said from some moment on; never changed."""

    tip = models.ForeignKey(Tip, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField(help_text="docs/coaching.md says how it is written.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tip", "number"], name="one_tip_version_per_number")]

    def __str__(self) -> str:
        return f"{self.tip_id} v{self.number}"

    def clean(self) -> None:
        try:
            read(self.definition)
        except Flaws as flaws:
            raise ValidationError({"definition": flaws.message}) from flaws

    @property
    def says(self) -> Definition:
        return read(self.definition)
