from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import User

from ..types import OutsideKind, Pace, Road, SendingState
from .alerts import Alert


class NoticeRoad(models.Model):
    """How somebody of ours wants to be told by one road. Without a row: in the app and by email at once, nothing else."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_roads", db_index=False)
    road = models.CharField(max_length=8, choices=[choice for choice in Road.choices if choice[0] != Road.OUTSIDE])
    is_on = models.BooleanField(default=True)
    pace = models.CharField(max_length=8, choices=Pace, default=Pace.AT_ONCE)
    urgent_only = models.BooleanField(default=False, help_text="Only what is urgent, and then at once.")
    number = models.CharField(max_length=20, blank=True, help_text="For SMS: +15551234567.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "road"], name="one_wish_per_road"),
            models.CheckConstraint(condition=~Q(road="sms") | Q(is_on=False) | ~Q(number=""), name="sms_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_road_display()}"


class OutsideChannel(models.Model):
    """A channel of a team elsewhere: Slack, Teams, PagerDuty or a webhook. Its address is a secret: kept encrypted and never shown again."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=OutsideKind)
    sealed = models.TextField("encrypted address", help_text="Encrypted with SECRET_KEY.")
    shown = models.CharField(max_length=120, help_text="What of the address is no secret: its host.")
    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    last_error = models.CharField(max_length=250, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class StaffBrowser(models.Model):
    """A browser of somebody of ours that agreed to be pushed to; ended when its push service says that it is gone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="browsers")
    endpoint = models.URLField(max_length=500, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"browser of {self.user}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_user(self, user: Any) -> "NoticeQuerySet":
        """One's own, and nobody else's."""
        return self.filter(user=user) if user.pk else self.none()

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """A person of ours, or a channel outside, is told of an alert. For a person the row itself is the telling in the app."""

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="notices", db_index=False)
    outside = models.ForeignKey(OutsideChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=120, help_text="What set it off: the same never tells twice.")
    words = models.CharField(max_length=250, help_text="Why it came to this person.")
    urgent = models.BooleanField()
    in_app = models.BooleanField(default=True, help_text="Shown under the bell.")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) ^ Q(outside__isnull=False), name="notice_is_to_one"),
            # The same cause tells the same receiver once.
            models.UniqueConstraint(fields=["user", "key"], condition=Q(user__isnull=False), name="one_notice_per_person_and_cause"),
            models.UniqueConstraint(fields=["outside", "key"], condition=Q(outside__isnull=False), name="one_notice_per_channel_and_cause"),
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_of_user"),
            # The number at the bell.
            models.Index(fields=["user"], condition=Q(read_at__isnull=True, in_app=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.words


class NoticeSending(models.Model):
    """One way by which a notice leaves the house: claimed, committed, called, recorded."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="sendings", db_index=False)
    road = models.CharField(max_length=8, choices=Road)
    state = models.CharField(max_length=8, choices=SendingState, default=SendingState.WAITING)
    gathered = models.BooleanField(default=False, help_text="Leaves together with everything else that is due to this person by this road.")
    due_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=250, blank=True, help_text="What the other side said last.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "road"], name="one_sending_per_road"),
            models.CheckConstraint(condition=~Q(state="sending") | Q(lease_until__isnull=False), name="notice_being_sent_has_a_lease"),
        ]
        indexes = [
            # Read by what sends.
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notice_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="notice_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.get_road_display()}, {self.get_state_display()}"
