from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.events.models import Event

from . import standard
from .locales import house
from .types import WAITING, Channel, HookKind, Lane, MessageState, Outcome, Told, WhenCapped


class Template(models.Model):
    """What a message says; Liquid text with {{ contact.first_name }}, {{ account.name }}, {{ csm.name }} and the play's own values."""

    key = models.SlugField(max_length=80, db_index=False)
    channel = models.CharField(max_length=12, choices=Channel)
    locale = models.CharField(max_length=12, default=house, db_default="en", help_text="The language of the words: pt, or pt-BR where it matters.")
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    topic = models.CharField(max_length=40, default="success", help_text="What the recipient can unsubscribe from.")
    content_sid = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        help_text="WhatsApp: the approved template at the provider (HX...), without which nobody may be written to who has not written in 24 hours.",
    )
    content_variables = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text='Its variables as Liquid: {"1": "{{ contact.first_name }}"}.',
    )
    examples = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text='Its own values, which whoever sends it passes, each with an example: {"news": {"title": "Exports are here"}}.',
    )
    created_at = models.DateTimeField(null=True, blank=True, help_text="Empty: before this was written down.")
    created_by = models.CharField(max_length=80, blank=True, db_default="")

    class Meta:
        constraints = [
            # A message keeps the version it was written with, so a version never changes its words.
            models.UniqueConstraint(fields=["key", "channel", "locale", "version"], name="one_version_per_locale"),
        ]
        ordering = ["key", "channel", "locale", "-version"]

    def __str__(self) -> str:
        language = "" if self.locale == house() else f" {self.locale}"
        return f"{self.key} {self.channel}{language} v{self.version}"


class ContactPolicy(models.Model):
    """One version of how often, when and for how much money customers may be written to; the newest counts. policy.py reads it."""

    SAID: ClassVar[tuple[str, ...]] = (
        *("caps", "hours", "when_capped", "currency", "budgets", "prices", "digest_lanes", "digest_minutes", "confirmed_topics"),
    )
    version = models.PositiveIntegerField(unique=True)
    caps = models.JSONField(
        default=standard.caps,
        blank=True,
        help_text='At most so many in any window of so many hours: [{"channel": "email", "most": 3, "hours": 168}]. A channel of "" counts all '
        'together, "loud" all but the inbox.',
    )
    hours = models.JSONField(
        default=standard.hours,
        help_text="When each kind of channel (email, phone, push, in_app) is quiet on the recipient's own clock; days that are not named are quiet "
        "as a whole (1: Monday). phone (SMS, WhatsApp, calls) is quiet at least from 21:00 to 08:00. urgent_waits: transactional messages wait too.",
    )
    when_capped = models.CharField(max_length=8, choices=WhenCapped, default=WhenCapped.HOLD, help_text="What becomes of a message over a cap.")
    currency = models.CharField(max_length=3, default="USD", help_text="Of budgets and prices.")
    budgets = models.JSONField(
        default=dict, blank=True, help_text='Money per calendar month (UTC), by channel; "" is all together: {"": "500", "sms": "200"}.'
    )
    prices = models.JSONField(
        default=dict,
        blank=True,
        help_text='What one part of a message costs, by channel and country prefix; "" is everywhere else: {"sms": {"1": "0.0083", "": "0.08"}}.',
    )
    digest_lanes = models.JSONField(
        default=list, blank=True, help_text='Which lanes (nurture, broadcast) gather into digests, by email and in the inbox: ["broadcast"].'
    )
    digest_minutes = models.PositiveIntegerField(default=1440, help_text="How long a digest gathers, from its first message on.")
    confirmed_topics = models.JSONField(
        default=list, blank=True, help_text='Topics that nobody gets before they have confirmed by a link: ["newsletter"].'
    )
    note = models.CharField(max_length=250, blank=True, help_text="Why it was changed.")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "contact policy"
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"contact policy v{self.version}"


class Digest(models.Model):
    """A window that gathers messages of one kind to one contact on one channel; when it closes they leave as one message."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="digests")
    channel = models.CharField(max_length=12, choices=Channel)
    key = models.CharField(max_length=125)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "channel", "key"], condition=Q(closed_at=None), name="one_open_digest"),
        ]
        # Read by the closer.
        indexes = [models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="digest_open")]

    def __str__(self) -> str:
        return f"{self.key} to {self.contact}"


class MessageQuerySet(OfAccountQuerySet):
    def due_now(self, channel: str, now: datetime) -> "MessageQuerySet":
        """Read by the claim: what may leave on this channel, most important lane first."""
        return self.filter(channel=channel, state__in=WAITING, due_at__lte=now).order_by("lane_rank", "due_at", "id")


class Message(models.Model):
    """One message to one person on one channel. The row is the queue: whatever dies, the row says what is left to do."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="messages", db_index=False)
    channel = models.CharField(max_length=12, choices=Channel)
    lane = models.CharField(max_length=14, choices=Lane, default=Lane.NURTURE)
    lane_rank = models.PositiveSmallIntegerField(default=2, editable=False)
    topic = models.CharField(max_length=40, default="success")
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.PROTECT)
    locale = models.CharField(max_length=12, blank=True, db_default="", help_text="The language it was written in.")
    address = models.CharField(max_length=254, blank=True)
    guest = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="Set where it goes to a stranger in the contact's name: a keyed hash of their address, by which caps and their no are found. The "
        "address itself is forgotten once the message has left, or never will.",
    )
    subject = models.CharField(max_length=250)
    body = models.TextField()
    idem_key = models.CharField(max_length=200, unique=True, help_text="Names the cause of this message: the same cause never makes a second one.")
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.QUEUED)
    reason = models.CharField(max_length=250, blank=True, help_text="Why it is held, was not sent, or failed.")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    owner = models.CharField(max_length=80, blank=True, help_text="The worker that has it now.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Also the fence: only the worker of this attempt may record its result.")
    forgiven = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Attempts up to this one no longer count: somebody requeued it.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True)
    provider = models.CharField(max_length=20, blank=True, db_default="", help_text="Who took it, or tried last.")
    provider_message_id = models.CharField(max_length=250, blank=True)
    content_variables = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    parts = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How many messages the carrier counts it as.")
    delivered_at = models.DateTimeField(null=True, blank=True)
    reply_token = models.CharField(max_length=40, unique=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Who may stop it before it leaves."
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=80, blank=True, db_default="")
    digest = models.ForeignKey(Digest, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    cost_estimate = models.DecimalField(max_digits=12, decimal_places=5, null=True, blank=True, help_text="By the policy's prices, before it left.")
    cost_actual = models.DecimalField(max_digits=12, decimal_places=5, null=True, blank=True, help_text="As the provider told afterwards.")
    currency = models.CharField(max_length=3, blank=True, db_default="")
    promotion = models.BooleanField(default=False, db_default=False, help_text="It sells: never while a save play runs or an urgent ticket is open.")
    series = models.CharField(max_length=60, blank=True, db_default="", help_text="What it is one of many of, such as campaign:12; held as one.")
    priced_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was last asked for the price.")
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by the claim.
            models.Index(fields=["channel", "lane_rank", "due_at"], condition=Q(state__in=["queued", "held"]), name="message_due"),
            # Read by the sweep for dead workers.
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="message_leased"),
            # Read by the frequency caps.
            models.Index(fields=["contact", "claimed_at"], name="message_by_contact"),
            models.Index(fields=["account", "-id"], name="message_by_account"),
            # Read by what a provider calls back for, and by the reconciler.
            models.Index(fields=["provider_message_id"], condition=~Q(provider_message_id=""), name="message_by_provider_id"),
            models.Index(fields=["claimed_at"], condition=Q(state="unknown"), name="message_unknown"),
            # Read when somebody writes from a telephone.
            models.Index(fields=["address", "-claimed_at"], condition=Q(channel__in=["sms", "whatsapp", "voice"]), name="message_by_number"),
            # Read by the caps of somebody who is no contact, and by their no.
            models.Index(fields=["guest", "claimed_at"], condition=~Q(guest=""), name="message_by_guest"),
            # Read by the auction for a slot.
            models.Index(fields=["contact", "lane_rank"], condition=Q(state__in=["queued", "held"]), name="message_rivals"),
            # Read by the closer of digests.
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="message_in_digest"),
            # Read by the budget: what this month cost.
            models.Index(fields=["claimed_at"], condition=Q(cost_estimate__isnull=False), name="message_priced"),
            # Read by the page of channels.
            models.Index(fields=["claimed_at"], condition=Q(claimed_at__isnull=False), name="message_claimed"),
            # Read by the brakes and the budget of a campaign, and by whoever takes it back.
            models.Index(fields=["series", "state"], condition=~Q(series=""), name="message_by_series"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address or self.contact_id}"

    @property
    def whom(self) -> int | str:
        """Whom it reaches, and whose caps it counts against: the contact, or the stranger it goes to in their name."""
        return self.guest or self.contact_id

    @property
    def is_draft(self) -> bool:
        """Whether it leaves at its hour unless its approver stops it before."""
        return self.state == MessageState.HELD and self.approver_id is not None and self.approved_at is None


class MessageAttempt(models.Model):
    """One call to the provider, written before the call: a started attempt without an end is an ambiguous one."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=20, blank=True, db_default="")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    code = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Two workers can never both start the same attempt.
            models.UniqueConstraint(fields=["message", "number"], name="one_row_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of message {self.message_id}"


class Decision(models.Model):
    """One step in the life of a message: what was decided, why, by whom. Written by states.py with every move; equal holds in a row are one."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=MessageState)
    reason = models.CharField(max_length=250, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it is asked again.")
    actor = models.CharField(max_length=120, help_text="Who decided: user:3, job:messaging.dispatch, contact:12, source:twilio.")
    at = models.DateTimeField()
    last_at = models.DateTimeField(help_text="When the same was decided last.")
    times = models.PositiveIntegerField(default=1, help_text="How often the same was decided in a row.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read with every move (the line before), and by the inspector: of a message, a book, a state.
            models.Index(fields=["message", "-id"], name="decision_by_message"),
            models.Index(fields=["account", "-id"], name="decision_by_account"),
            models.Index(fields=["state", "-id"], name="decision_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: message {self.message_id}"


class Hold(models.Model):
    """Something for which messages stay, read by every claim: promotions to an account while a save play runs there, or all of a series that was
    paused. Lifted by deleting it; what it did stands in the log of the messages."""

    source = models.CharField(max_length=60, unique=True, help_text="Who holds, and lifts: enrolment:12, campaign:3.")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="holds")
    series = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            # Promotions to one account, or everything of one series.
            models.CheckConstraint(condition=Q(account__isnull=True) ^ Q(series=""), name="hold_of_account_or_series"),
        ]
        # Read by the claim.
        indexes = [models.Index(fields=["series"], condition=~Q(series=""), name="hold_by_series")]

    def __str__(self) -> str:
        return self.reason


class Consent(models.Model):
    """A contact's word on a topic and channel; the newest row counts, older ones are the evidence."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents", db_index=False)
    channel = models.CharField(max_length=12, choices=Channel)
    topic = models.CharField(max_length=40, default="success")
    allowed = models.BooleanField()
    source = models.CharField(max_length=120, help_text="Where the word was given: one-click, preferences page, import, staff.")
    wording = models.CharField(max_length=500, blank=True, db_default="", help_text="What they were asked, in the words they read.")
    actor = models.CharField(max_length=80, blank=True, db_default="", help_text="Who gave it, or wrote it down.")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "channel", "topic", "-at", "-id"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{'yes' if self.allowed else 'no'} to {self.topic} by {self.channel}"


class Suppression(models.Model):
    """An address that must not be written to, whatever anyone consents to: it bounced for good or complained."""

    channel = models.CharField(max_length=12, choices=Channel)
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=120)
    actor = models.CharField(max_length=80, blank=True, db_default="", help_text="Who barred it, where somebody did by hand.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="one_suppression_per_address")]

    def __str__(self) -> str:
        return self.address


class ProviderEvent(models.Model):
    """What a provider called us for, kept before anything is made of it; the same call again is the same row."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=HookKind)
    channel = models.CharField(max_length=12, choices=Channel, blank=True, db_default="")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="provider_events")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="provider_events")
    told = models.CharField(max_length=10, choices=Told, blank=True)
    detail = models.CharField(max_length=250, blank=True)
    raw = models.JSONField(default=dict)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="one_provider_event")]
        # Read by the governor: when somebody last wrote.
        indexes = [models.Index(fields=["contact", "-received_at"], condition=Q(kind="inbound"), name="provider_event_inbound")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class ProviderHealth(models.Model):
    """How a provider does: after several troubles in a row it rests, and others of its channel carry."""

    provider = models.CharField(max_length=20, unique=True)
    failures = models.PositiveIntegerField(default=0, help_text="Troubles in a row.")
    rests_until = models.DateTimeField(null=True, blank=True)
    last_trouble = models.CharField(max_length=250, blank=True)
    last_trouble_at = models.DateTimeField(null=True, blank=True)
    refused_calls = models.PositiveIntegerField(default=0, help_text="Calls to us in a row whose signature was wrong.")
    last_call_at = models.DateTimeField(null=True, blank=True, help_text="When it last called us with a right signature.")
    silent_since = models.DateTimeField(null=True, blank=True, help_text="It takes messages and has told nothing of them since.")

    class Meta:
        verbose_name_plural = "provider health"

    def __str__(self) -> str:
        return self.provider


class PushSubscription(models.Model):
    """One browser that agreed to be pushed to; ended when its push service says that it is gone."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=500, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"push to {self.contact}"
