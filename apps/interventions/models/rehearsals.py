from django.db import models
from django.db.models import Q

from ..foretold import Foretold, from_json
from ..types import RehearsalState
from .plays import Play


class Rehearsal(models.Model):
    """A dry run of a play over past days: asked for, worked on, stopped, begun again after its worker died, ended with what it found."""

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="rehearsals", db_index=False)
    definition = models.JSONField(help_text="What was tried; it may be a draft that was never saved.")
    state = models.CharField(max_length=10, choices=RehearsalState, default=RehearsalState.ASKED)
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="Of what `done` counts; 0 while nobody knows.")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    beat_at = models.DateTimeField(null=True, blank=True, help_text="The last sign of life of its worker.")
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict, blank=True, help_text="What it found, as foretold.py writes it.")
    error = models.TextField(blank=True, help_text="Why it ended without a result, in words.")

    class Meta:
        constraints = [
            # Two at once of one play would only wait for each other; whoever asks twice gets the one that is open.
            models.UniqueConstraint(fields=["play"], condition=Q(state__in=["asked", "running"]), name="one_open_rehearsal"),
            models.CheckConstraint(condition=Q(since__lt=models.F("until")), name="rehearsal_has_days"),
        ]
        indexes = [models.Index(fields=["play", "-id"], name="rehearsal_by_play")]

    def __str__(self) -> str:
        return f"dry run of play {self.play_id}, {self.state}"

    @property
    def found(self) -> Foretold | None:
        return from_json(self.result) if self.state == RehearsalState.DONE else None

    @property
    def is_open(self) -> bool:
        return self.state in (RehearsalState.ASKED, RehearsalState.RUNNING)
