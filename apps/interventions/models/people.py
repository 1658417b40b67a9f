from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Team, User

from .. import public_holidays


def weekdays() -> list[int]:
    return [0, 1, 2, 3, 4]


def known_region(region: str) -> None:
    if not public_holidays.is_known(region):
        raise ValidationError(f"{region!r} is no country or part of one whose holidays are known. Use one such as DE, DE-BY or US-CA.")


class WorkingTime(models.Model):
    """When somebody of ours works, in their own zone (User.time_zone), and how many minutes of a day are free for tasks."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="working_time")
    days = ArrayField(models.PositiveSmallIntegerField(), default=weekdays, help_text="0 is Monday.")
    begins = models.TimeField(default=time(9))
    ends = models.TimeField(default=time(17))
    capacity_minutes = models.PositiveSmallIntegerField(
        default=300, help_text="Minutes of a day that are free for tasks; the rest goes to meetings and mail."
    )

    region = models.CharField(
        max_length=12,
        blank=True,
        validators=[known_region],
        help_text="Whose public holidays are free: a country or a part of it, such as DE-BY or US-CA. Empty: those of HOLIDAYS_REGION.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(begins__lt=F("ends")), name="working_day_has_a_length"),
            # Nobody would ever be asked otherwise.
            models.CheckConstraint(condition=Q(days__len__gte=1), name="working_week_has_a_day"),
            models.CheckConstraint(condition=Q(capacity_minutes__lte=960), name="capacity_at_most_a_long_day"),
        ]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M} to {self.ends:%H:%M}"


class Holiday(models.Model):
    """A day on which nobody of a team works, or nobody at all."""

    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="holidays", db_index=False, help_text="Empty: everybody."
    )
    day = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day"], nulls_distinct=False, name="one_holiday_per_team_and_day")]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"
