from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, User
from apps.milestones.models import Milestone


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_user(self, user: User) -> "SavedViewQuerySet":
        """Own views, and those that others share."""
        return self.filter(Q(owner=user) | Q(shared=True))


class SavedView(models.Model):
    """How somebody looks at the portfolio: filters, columns in their order and width, and the order of rows."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    name = models.CharField(max_length=60)
    shared = models.BooleanField(default=False, help_text="Everybody may open it; only its owner changes it.")
    is_home = models.BooleanField(default=False, help_text="The owner's own layout, which opens when no view is asked for.")
    filters = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(
        default=list, blank=True, help_text='[{"key": "arr", "width": 110}] in their order; a column that is not named is hidden.'
    )
    sort = models.CharField(max_length=30, blank=True)
    changed_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_per_name"),
            # Opening the portfolio without a name opens one layout.
            models.UniqueConstraint(fields=["owner"], condition=Q(is_home=True), name="one_home_per_owner"),
        ]
        indexes = [
            # Read by the list of views: what others share.
            models.Index(fields=["name"], condition=Q(shared=True), name="view_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountVisit(models.Model):
    """When somebody last looked at an account: what changed since then is shown first."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(help_text="The newest look.")
    before = models.DateTimeField(null=True, blank=True, help_text="The visit before that one: looks within half an hour are one visit.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "account"], name="one_visit_row_per_account")]

    def __str__(self) -> str:
        return f"user {self.user_id} at account {self.account_id}"


class PathDraft(models.Model):
    """A milestone as somebody left it on the form, complete or not: nobody is judged by it until it is published."""

    milestone = models.OneToOneField(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="draft", help_text="None: it does not exist yet."
    )
    key = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120, blank=True)
    says = models.JSONField(default=dict, help_text="The definition as far as it is written.")
    note = models.CharField(max_length=250, blank=True, help_text="What changes, and why.")
    seen = models.PositiveIntegerField(default=0, help_text="The number of the version that it began with.")
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return self.name or self.key or f"draft {self.pk}"
