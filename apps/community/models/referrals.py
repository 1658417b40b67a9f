"""Referrals: a sign-up that is somebody's, what speaks against it, who decided what, and what each side gets."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.milestones.models import RewardClaim

from ..types import ReferralRewardState, ReferralState, ReferralVia, Side
from .advocates import Advocate, Invite, ReferralClick, ReferralProgram, ReferralProgramVersion


class Referral(models.Model):
    """Somebody signed up because of an advocate. `account` is the advocate's; of the friend a keyed hash is kept until they are a customer."""

    program = models.ForeignKey(ReferralProgram, on_delete=models.PROTECT, related_name="referrals")
    version = models.ForeignKey(ReferralProgramVersion, on_delete=models.PROTECT, related_name="+")
    advocate = models.ForeignKey(Advocate, on_delete=models.CASCADE, related_name="referrals", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="referrals")
    key = models.CharField(max_length=160, unique=True, help_text="Names the sign-up, so that telling it twice counts once.")
    via = models.CharField(max_length=10, choices=ReferralVia)
    invite = models.ForeignKey(Invite, null=True, blank=True, on_delete=models.SET_NULL, related_name="referrals")
    click = models.ForeignKey(ReferralClick, null=True, blank=True, on_delete=models.SET_NULL, related_name="referrals")
    friend = models.CharField(max_length=80, blank=True, help_text="Keyed hash of the address that signed up.")
    friend_external_id = models.CharField(max_length=120, blank=True, help_text="The account's id in your own systems.")
    friend_account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="referred_by")
    payer = models.CharField(max_length=80, blank=True, help_text="Keyed hash of what the billing side knows the payer by.")
    coupon = models.CharField(max_length=80, blank=True, help_text="Keyed hash of a coupon used at the sign-up.")
    network = models.CharField(max_length=80, blank=True, help_text="Keyed hash of the network it came from, for 30 days.")
    state = models.CharField(max_length=8, choices=ReferralState)
    score = models.PositiveSmallIntegerField(default=0)
    signs = models.JSONField(default=list, help_text="What speaks against it: sign, weight and words.")
    cleared = models.BooleanField(default=False, help_text="A person looked and let it through.")
    reason = models.CharField(max_length=250, blank=True)
    signed_up_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    valued_at = models.DateTimeField(null=True, blank=True, help_text="When the friend's account first got value.")
    hold_until = models.DateTimeField(null=True, blank=True, help_text="Recovered ones wait so long for somebody to object.")
    approved_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A friend is referred once per program, whoever else claims them; who was refused may come back by a right way.
            models.UniqueConstraint(fields=["program", "friend"], condition=~Q(state="refused") & ~Q(friend=""), name="one_referral_per_friend"),
            models.UniqueConstraint(
                fields=["program", "friend_external_id"],
                condition=~Q(state="refused") & ~Q(friend_external_id=""),
                name="one_referral_per_friends_account",
            ),
            models.CheckConstraint(condition=Q(score__lte=100), name="fraud_score_is_of_100"),
            # Nothing is approved before it brought value.
            models.CheckConstraint(condition=~Q(state="approved") | Q(valued_at__isnull=False), name="approved_after_value"),
        ]
        indexes = [
            models.Index(fields=["advocate", "-signed_up_at"], name="referral_by_advocate"),
            # Read by what matures, and the queue.
            models.Index(fields=["state", "id"], condition=Q(state__in=["pending", "flagged"]), name="referral_open"),
            # Read by the graph of who referred whom.
            models.Index(fields=["account", "friend_account"], condition=~Q(state="refused"), name="referral_edge"),
            models.Index(fields=["network", "signed_up_at"], condition=~Q(network=""), name="referral_by_network"),
        ]

    def __str__(self) -> str:
        return f"referral {self.pk}"


class ReferralReward(models.Model):
    """What one side of a referral gets. The value itself stands in the ledger of rewards, under its claim."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="rewards", db_index=False)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="referral_rewards")
    side = models.CharField(max_length=8, choices=Side)
    unit = models.CharField(max_length=8)
    currency = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    state = models.CharField(max_length=8, choices=ReferralRewardState, default=ReferralRewardState.DUE)
    reason = models.CharField(max_length=250, blank=True, help_text="Why it waits, was left out or taken back.")
    claim = models.OneToOneField(RewardClaim, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Each side gets it once, however often the referral is looked at.
            models.UniqueConstraint(fields=["referral", "side"], name="one_reward_per_side"),
            models.CheckConstraint(condition=~Q(state="issued") | Q(claim__isnull=False), name="issued_stands_in_the_ledger"),
        ]
        indexes = [
            # Read by the job that gives what waited for a budget.
            models.Index(fields=["due_at"], condition=Q(state="due"), name="referral_reward_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.amount} {self.currency or self.unit}"


class ReferralDecision(models.Model):
    """One step of a referral: what was decided, why and by whom; a judgement keeps what spoke against it then."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=ReferralState)
    score = models.PositiveSmallIntegerField(default=0)
    signs = models.JSONField(default=list)
    reason = models.CharField(max_length=250, blank=True)
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["referral", "-id"], name="referral_decisions")]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: referral {self.referral_id}"
