from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from .types import ContactRole, ImportState, Meaning, Role, Stage


class Team(models.Model):
    """Success managers who share a lead."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff; signs in with the email address."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    time_zone = models.CharField(max_length=60, default="UTC")
    is_staff = models.BooleanField("may sign in", default=True)
    is_active = models.BooleanField("active", default=True)
    last_visit_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [
            # Two spellings of one address are one person.
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def sees_everything(self) -> bool:
        return self.is_superuser or bool(self.roles & {Role.ADMINISTRATOR, Role.VIEWER})

    @property
    def may_act(self) -> bool:
        """Viewers look; everyone else in a role may press buttons."""
        return self.is_superuser or bool(self.roles - {Role.VIEWER})

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] or self.email


class AccountQuerySet(models.QuerySet["Account"]):
    def for_user(self, user: "User | AnonymousUser") -> "AccountQuerySet":
        """The book of accounts this person may see: own, the team's, or all."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        if Role.TEAM_LEAD in user.roles and user.team_id:
            return self.filter(owner__team=user.team_id)
        return self.filter(owner=user)

    def at_risk(self) -> "AccountQuerySet":
        """Customers who can still leave."""
        return self.exclude(stage=Stage.CHURNED)


class Account(models.Model):
    """A customer: the company that pays."""

    external_id = models.CharField(max_length=120, unique=True, help_text="The id your own systems use.")
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=120, blank=True)
    plan = models.CharField(max_length=80, blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.ACTIVE)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="accounts")
    time_zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    arr = models.DecimalField("ARR", max_digits=14, decimal_places=2, default=0, help_text="Yearly recurring revenue in the account's currency.")
    seats = models.PositiveIntegerField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    renews_on = models.DateField(null=True, blank=True)
    churned_on = models.DateField(null=True, blank=True)
    traits = models.JSONField(default=dict, blank=True, help_text="Everything else that is known, by name.")
    synthetic = models.BooleanField(default=False, help_text="Made by the demo's generator; labelled wherever it is shown.")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(arr__gte=0), name="arr_not_negative"),
            # A date of leaving and a stage that says "still here" cannot both be true.
            models.CheckConstraint(condition=Q(churned_on__isnull=True) | Q(stage=Stage.CHURNED), name="churned_on_needs_stage"),
        ]
        indexes = [
            # Read by for_user of success managers.
            models.Index(fields=["owner", "stage"], name="account_by_owner"),
            models.Index(fields=["name", "id"], name="account_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OfAccountQuerySet(models.QuerySet[Any]):
    """Rows that belong to an account are seen by whoever sees the account."""

    def for_user(self, user: "User | AnonymousUser") -> "OfAccountQuerySet":
        if not isinstance(user, AnonymousUser) and user.is_active and user.sees_everything:
            return self
        return self.filter(account__in=Account.objects.for_user(user))


class Contact(models.Model):
    """A person at an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=12, choices=ContactRole, default=ContactRole.USER)
    time_zone = models.CharField(max_length=60, blank=True, help_text="Empty: the account's.")
    locale = models.CharField(max_length=12, blank=True)
    departed_on = models.DateField(null=True, blank=True)
    traits = models.JSONField(default=dict, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A person is known by one id; people without an id are told apart by their row.
            models.UniqueConstraint(fields=["external_id"], condition=~Q(external_id=""), name="one_contact_per_external_id"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id

    @property
    def zone(self) -> str:
        return self.time_zone or self.account.time_zone


class EventName(models.Model):
    """The catalogue of activity event names; a new name appears by itself and waits for a meaning."""

    name = models.CharField(max_length=160, primary_key=True)
    meaning = models.CharField(max_length=12, choices=Meaning, default=Meaning.OTHER)
    first_seen_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        verbose_name = "activity name"

    def __str__(self) -> str:
        return self.name


class ActivityEvent(models.Model):
    """Something a customer did in the product, paid, or asked of support."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="activity")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="activity")
    source = models.CharField(max_length=60)
    message_id = models.CharField(max_length=100)
    name = models.CharField(max_length=160)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField(default=1.0)
    properties = models.JSONField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A source may send the same message again after a lost reply: it counts once.
            models.UniqueConstraint(fields=["source", "message_id"], name="one_activity_per_message"),
        ]
        indexes = [
            # Read by the account's timeline and by single-account features.
            models.Index(fields=["account", "-at"], name="activity_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id}"


class DailyRollup(models.Model):
    """Activity of one account per day (UTC) and event name, kept in the transaction that stores the events."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rollups")
    day = models.DateField()
    name = models.CharField(max_length=160)
    count = models.PositiveIntegerField()
    value = models.FloatField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # The upsert that keeps the rollup aims at this key; features read it by account and day.
            models.UniqueConstraint(fields=["account", "day", "name"], name="one_rollup_per_account_day_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id} on {self.day}"


class ImportRun(models.Model):
    """One file brought in: what it did, how far it is, and what it could not read."""

    kind = models.CharField(max_length=12)
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
    slices_done = models.PositiveIntegerField(default=0, help_text="How far an interrupted run came; the next run goes on from here.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(F("started_at").desc(), name="import_newest_first")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class ImportProblem(models.Model):
    """A row, or a column, of a file that was refused, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveBigIntegerField(null=True, blank=True, help_text="Row in the file, the header being row 1; empty for the whole file.")
    column = models.CharField(max_length=160, blank=True)
    problem = models.TextField()
    raw = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"row {self.row}: {self.problem}"
