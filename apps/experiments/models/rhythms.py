from django.db import models
from django.db.models import Q


class SegmentRhythm(models.Model):
    """When customers of a segment are active: 168 counts by hour of the week in their own zones, Monday 0 h first. The empty segment is everybody."""

    segment = models.CharField(max_length=60, unique=True, blank=True)
    hours = models.JSONField()
    people = models.PositiveIntegerField()
    events = models.PositiveIntegerField()
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            # A row of nobody would lead everybody astray.
            models.CheckConstraint(condition=Q(events__gt=0), name="rhythm_has_events"),
        ]

    def __str__(self) -> str:
        return f"{self.segment or 'everybody'}: {self.events:,} events"
