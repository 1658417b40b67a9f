from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, User
from apps.core.actor import Actor
from apps.events.models import Event

from .types import WebhookState


class Source(models.Model):
    """A place activity comes from, with its write key. The key itself is shown once and kept only as a SHA-256."""

    name = models.SlugField(max_length=60, unique=True)
    key_start = models.CharField(max_length=20, help_text="The first characters, to tell keys apart.")
    key_hash = models.CharField(max_length=64, unique=True)
    is_open = models.BooleanField(default=True, help_text="Off refuses everything sent with this key.")
    requests_per_minute = models.PositiveIntegerField(default=6_000, help_text="More than this is answered with 429 and sent again later.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Rejection(models.Model):
    """One message that a source sent and that could not be stored, with the reason; it can be replayed once the reason is mended."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="rejections")
    received_at = models.DateTimeField()
    message_id = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=250)
    raw = models.JSONField(help_text="The message as it came, its time already corrected.")
    waits_for = models.CharField(max_length=120, blank=True, help_text="The person whose account is unknown: replayed as soon as it is known.")
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # A client that sends a bad message again and again is told each time and listed once.
            models.UniqueConstraint(fields=["source", "message_id"], condition=~Q(message_id=""), name="one_rejection_per_message"),
        ]
        indexes = [
            # Read by the list of what waits for mending.
            models.Index(fields=["source", "-id"], condition=Q(replayed_at__isnull=True), name="rejection_waiting"),
            # Read when a person's account becomes known.
            models.Index(fields=["source", "waits_for"], condition=Q(replayed_at__isnull=True) & ~Q(waits_for=""), name="rejection_for_person"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.reason}"


class ApiKey(models.Model):
    """A key to the API for a program: what it may do (scopes) and whose accounts it sees. Only hashes of its secrets are kept."""

    name = models.SlugField(max_length=60, unique=True, help_text="Signs every change made with it, as key:NAME.")
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="None: it may do nothing yet.")
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys", help_text="It sees this person's book. Empty: every account."
    )
    prefix = models.CharField(max_length=8, unique=True)
    secret_hash = models.CharField(max_length=64)
    old_prefix = models.CharField(max_length=8, blank=True)
    old_hash = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(null=True, blank=True, help_text="Until then the secret from before the rotation works too.")
    requests_per_minute = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        constraints = [
            # Found by prefix, so two keys never share one; also not with a key that is being rotated.
            models.UniqueConstraint(fields=["old_prefix"], condition=~Q(old_prefix=""), name="one_key_per_old_prefix"),
            # An old secret without an end would live for ever.
            models.CheckConstraint(condition=Q(old_prefix="", old_until__isnull=True) | Q(old_until__isnull=False), name="old_secret_has_an_end"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        return Actor.of_key(self.name)


class ApiCall(models.Model):
    """A POST with an Idempotency-Key and how it was answered: sent again, it gets the same answer and does nothing."""

    caller = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the method, the address and the body.")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "API call"
        constraints = [
            # The second of two calls at once waits here for the first, and then finds its answer.
            models.UniqueConstraint(fields=["caller", "key"], name="one_call_per_key"),
        ]
        indexes = [
            # Read when old answers are forgotten.
            models.Index(fields=["at"], name="call_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"


class Webhook(models.Model):
    """An address of somebody else's that is told of events. Its secret is made of `salt` whenever it is needed and stands nowhere (ADR 14)."""

    url = models.CharField("address", max_length=500, help_text="https://... Redirects are not followed.")
    description = models.CharField(max_length=120, blank=True, help_text="What it is for.")
    events = ArrayField(models.CharField(max_length=60), help_text="The events it wants.")
    bands = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="Only risks that arrive in one of these. None: all.")
    definitions = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Only risks by these churn definitions, by name. None: all."
    )
    segments = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="Only who enters or leaves these segments, by key. None: all."
    )
    is_active = models.BooleanField("on", default=True)
    off_reason = models.CharField(max_length=250, blank=True)
    salt = models.CharField(max_length=40)
    secret_hash = models.CharField(max_length=64)
    old_salt = models.CharField(max_length=40, blank=True)
    old_hash = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(null=True, blank=True, help_text="Until then the secret from before the rotation signs too.")
    failures = models.PositiveIntegerField(default=0, help_text="Attempts in a row that failed.")
    failing_since = models.DateTimeField(null=True, blank=True)
    rest_until = models.DateTimeField(null=True, blank=True, help_text="A receiver that fails is left alone until then.")
    last_ok_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            # A webhook that wants nothing would be silent for ever, and nobody would know why.
            models.CheckConstraint(condition=Q(events__len__gt=0), name="webhook_wants_something"),
            # An old secret without an end would live for ever.
            models.CheckConstraint(condition=Q(old_salt="", old_until__isnull=True) | Q(old_until__isnull=False), name="old_signature_has_an_end"),
        ]

    def __str__(self) -> str:
        return self.description or self.host

    @property
    def host(self) -> str:
        """The address without its path, which may be a secret of the receiver's."""
        return self.url.split("://", 1)[-1].split("/", 1)[0]


class WebhookDelivery(models.Model):
    """One event for one webhook. The row is the queue; the same `message_id` goes with every attempt, so that the receiver can tell a repeat."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: a test.")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=60)
    data = models.JSONField(default=dict, help_text="What the receiver is told; emptied when the account is erased, and then not sent any more.")
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=WebhookState, default=WebhookState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Attempts since it was queued, or sent again by a person.")
    attempt = models.PositiveIntegerField(default=0, help_text="Attempts ever: the fence against a worker that comes back late.")
    due_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the last answer; empty: there was none.")
    answer = models.CharField(max_length=250, blank=True, help_text="What went wrong, or how the last answer began.")
    seconds = models.FloatField(null=True, blank=True, help_text="How long the last attempt took.")

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            # An event is told to a webhook once, however often its handler runs.
            models.UniqueConstraint(fields=["webhook", "event"], name="one_delivery_per_webhook"),
        ]
        indexes = [
            # Read by the sender: the next of each webhook.
            models.Index(fields=["webhook", "due_at"], condition=Q(state="waiting"), name="webhook_waiting"),
            # Read by the sweep, and to count what is under way to a webhook.
            models.Index(fields=["webhook", "lease_until"], condition=Q(state="sending"), name="webhook_sending"),
            # Read by the lists of a webhook, newest first.
            models.Index(fields=["webhook", "-id"], name="webhook_newest"),
            # Read when old deliveries are forgotten.
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="webhook_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.webhook_id}"
