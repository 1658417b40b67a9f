from datetime import time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Team, User


def known_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"{zone!r} is no time zone. Use one such as Europe/Berlin.") from error


class DutyRota(models.Model):
    """Who is on duty when: people in turn, handed over at a time of the day in the rota's own zone."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: the whole house.")
    zone = models.CharField(max_length=60, default="UTC", validators=[known_zone])
    starts_on = models.DateField(help_text="The first turn begins on this day.")
    handover_at = models.TimeField(default=time(9))
    turn_days = models.PositiveSmallIntegerField(default=7, help_text="How long one person's turn is, in days.")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(turn_days__gte=1) & Q(turn_days__lte=28), name="turn_is_a_day_to_four_weeks")]

    def __str__(self) -> str:
        return self.name


class DutyMember(models.Model):
    """A person's place in the order of a rota."""

    rota = models.ForeignKey(DutyRota, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duties")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["rota", "user"], name="one_place_per_person"),
            models.UniqueConstraint(fields=["rota", "position"], name="one_person_per_place", deferrable=models.Deferrable.DEFERRED),
        ]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.user}"


class DutyOverride(models.Model):
    """Somebody stands in on a rota for a while; the one written last counts."""

    rota = models.ForeignKey(DutyRota, on_delete=models.CASCADE, related_name="overrides", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    why = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="override_has_a_length")]
        indexes = [models.Index(fields=["rota", "ends_at"], name="override_by_rota")]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at:%-d %b %H:%M}"
