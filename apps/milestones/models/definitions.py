import json
from functools import lru_cache

from django.db import models
from django.db.models import F, Q

from apps.core.models import Versioned

from ..definition import Definition, read
from ..types import MilestoneState


@lru_cache(maxsize=500)
def understood(said: str) -> Definition:
    """A stored definition, read once: versions are never changed."""
    return read(json.loads(said))


class Milestone(Versioned):
    """A result that a customer reaches with the product. What it says stands in its versions."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, help_text="For staff; what customers read stands in the definition, by language.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the catalogue: the order that holds before anything is learned.")
    state = models.CharField(max_length=10, choices=MilestoneState, default=MilestoneState.DRAFT)
    current = models.ForeignKey(
        "MilestoneVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="The version that accounts are judged by."
    )
    live_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it is live: what was reached before is taken in silently."
    )
    # Copied from the current version, so that boards and customers' pages need not read every definition.
    visible = models.BooleanField("shown to the customer", default=True, editable=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class MilestoneVersion(models.Model):
    """What a milestone said from some moment on; never changed."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField(help_text="docs/milestones.md says how it is written.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["milestone", "number"], name="one_milestone_version_per_number")]

    def __str__(self) -> str:
        return f"{self.milestone.name} v{self.number}"

    @property
    def says(self) -> Definition:
        """The definition, typed."""
        return understood(json.dumps(self.definition, sort_keys=True))


class Need(models.Model):
    """What must be reached before: the graph of the current versions, without cycles (the service that writes it sees to it)."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="needs", db_index=False)
    needed = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="opens")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["milestone", "needed"], name="one_need_per_pair"),
            models.CheckConstraint(condition=~Q(milestone=F("needed")), name="nothing_needs_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} needs {self.needed_id}"
