from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import Team, User
from apps.accounts.types import Role

from ..types import Audience


class DashboardQuerySet(models.QuerySet["Dashboard"]):
    def for_user(self, user: Any) -> "DashboardQuerySet":
        """Own ones, those of the own team, and those for everybody. A program with a key has no own ones."""
        if not user.is_active:
            return self.none()
        seen = Q(sees=Audience.EVERYBODY)
        if isinstance(user, User):
            seen |= Q(owner=user)
            if user.team_id:
                seen |= Q(sees=Audience.TEAM, team=user.team_id)
        return self.filter(seen)

    def in_use(self) -> "DashboardQuerySet":
        return self.filter(archived_at=None)


class Dashboard(models.Model):
    """A page of widgets that somebody arranged. What each widget shows is always the reader's own book."""

    key = models.SlugField(max_length=40, null=True, blank=True, unique=True, help_text="Of a shipped one; others have none.")
    name = models.CharField(max_length=80)
    why = models.CharField(max_length=200, blank=True, help_text="Which question it answers.")
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="dashboards", help_text="Empty: the house's; administrators change it."
    )
    sees = models.CharField("who sees it", max_length=10, choices=Audience, default=Audience.OWNER)
    edits = models.CharField("who changes it", max_length=10, choices=Audience, default=Audience.OWNER)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Whose it is, where it is a team's.")
    current = models.ForeignKey("DashboardVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = DashboardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sees="team") | Q(team__isnull=False), name="team_board_has_a_team"),
        ]
        indexes = [
            # Read by the list of dashboards: what is for everybody, and what is a team's.
            models.Index(fields=["sees", "team"], condition=Q(archived_at=None), name="board_seen_by"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> int:
        """The number of the version in force, 0 before the first."""
        return self.current.number if self.current else 0

    def may_be_changed_by(self, user: Any) -> bool:
        """Whoever sees it and may act, as its owner said; an administrator also changes what is for everybody."""
        if not getattr(user, "may_act", False) or not isinstance(user, User):
            return False
        if self.owner_id == user.pk:
            return True
        seen = self.sees == Audience.EVERYBODY or (self.sees == Audience.TEAM and self.team_id == user.team_id)
        if self.edits == Audience.EVERYBODY and seen:
            return True
        if self.edits == Audience.TEAM and seen and self.team_id is not None and self.team_id == user.team_id:
            return True
        return seen and (user.is_superuser or Role.ADMINISTRATOR in user.roles)


class DashboardVersion(models.Model):
    """What a dashboard looked like from one save to the next; never changed afterwards."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    says = models.JSONField(help_text="name, why and the widgets with their places.")
    note = models.CharField(max_length=200, blank=True, help_text="What changed, in words.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dashboard", "number"], name="one_board_version_per_number")]

    def __str__(self) -> str:
        return f"version {self.number} of dashboard {self.dashboard_id}"


class DashboardDraft(models.Model):
    """How far somebody got with an edit; nobody else sees it, and it stays until it is saved or thrown away."""

    dashboard = models.ForeignKey(
        Dashboard, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts", db_index=False, help_text="Empty: it does not exist yet."
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    says = models.JSONField()
    seen = models.PositiveIntegerField(default=0, help_text="The number of the version that it began with.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dashboard", "user"], nulls_distinct=False, name="one_board_draft_each"),
        ]

    def __str__(self) -> str:
        return f"draft of user {self.user_id}"


class ShareLink(models.Model):
    """A door for staff to one dashboard: signed, for a time, and closed by one click. Whoever comes through sees their own book and no more."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="links")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened = models.PositiveIntegerField(default=0, help_text="How often it was opened.")
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="link_lasts_a_while")]

    def __str__(self) -> str:
        return f"link {self.pk} to dashboard {self.dashboard_id}"
