from django.db import models
from django.db.models import F

from ..types import ImportState


class ImportRun(models.Model):
    """One file brought in: what it did, how far it is, and what it could not read."""

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.RUNNING)
    options = models.JSONField(default=dict)
    actor = models.CharField(max_length=120)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_created = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)
    rows_same = models.PositiveBigIntegerField(default=0)
    rows_refused = models.PositiveBigIntegerField(default=0)
    upload = models.CharField(max_length=200, blank=True, db_default="", help_text="The file while it is needed, in the folder of uploads.")
    told = models.JSONField(null=True, blank=True, help_text="What the check found, or what taking the run back did.")
    slices_done = models.PositiveIntegerField(default=0, help_text="How far an interrupted run came; the next run goes on from here.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(F("started_at").desc(), name="import_newest_first")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class ImportMapping(models.Model):
    """What somebody said the columns of such a file are; the next file with the same header is read the same way."""

    kind = models.CharField(max_length=20)
    signature = models.CharField(max_length=64, help_text="SHA-256 of the header's names, whatever their order.")
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The last word on a header counts.
            models.UniqueConstraint(fields=["kind", "signature"], name="one_mapping_per_header"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.signature[:8]}"


class ImportProblem(models.Model):
    """A row, or a column, of a file that was refused, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveBigIntegerField(null=True, blank=True, help_text="Row in the file, the header being row 1; empty for the whole file.")
    column = models.CharField(max_length=160, blank=True)
    problem = models.TextField()
    raw = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"row {self.row}: {self.problem}"
