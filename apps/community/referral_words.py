"""The words of referrals."""

from django.db.models import TextChoices

# Accounts that the offer is hidden from, so that it can be said what it brings (apps/experiments).
REFERRALS_HOLDOUT = "referrals"


class ProgramState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    PAUSED = "paused", "paused"
    ENDED = "ended", "ended"


# A paused program takes no new advocates, invites and sign-ups; what is under way goes on.
PROGRAM_TURNS: dict[str, tuple[ProgramState, ...]] = {
    ProgramState.DRAFT: (ProgramState.LIVE,),
    ProgramState.LIVE: (ProgramState.PAUSED, ProgramState.ENDED),
    ProgramState.PAUSED: (ProgramState.LIVE, ProgramState.ENDED),
    ProgramState.ENDED: (),
}


class AdvocateState(TextChoices):
    ACTIVE = "active", "active"
    STOPPED = "stopped", "stopped"


class ReferralVia(TextChoices):
    """How a sign-up came to be somebody's. A recovered one was told without a code and found by the invite."""

    LINK = "link", "by their link"
    CODE = "code", "by their code"
    INVITE = "invite", "by an invitation"
    RECOVERED = "recovered", "recovered from an invitation"


class ReferralState(TextChoices):
    PENDING = "pending", "waits for the first value"
    FLAGGED = "flagged", "waits for a decision"
    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused"
    VOIDED = "voided", "void"


# The only moves a referral may make; moving.py is the only one that makes them.
REFERRAL_TURNS: dict[str, tuple[ReferralState, ...]] = {
    ReferralState.PENDING: (ReferralState.FLAGGED, ReferralState.APPROVED, ReferralState.REFUSED, ReferralState.VOIDED),
    ReferralState.FLAGGED: (ReferralState.PENDING, ReferralState.REFUSED, ReferralState.VOIDED),
    ReferralState.APPROVED: (ReferralState.VOIDED,),
    ReferralState.REFUSED: (),
    ReferralState.VOIDED: (),
}
# What may still become a reward.
OPEN = (ReferralState.PENDING, ReferralState.FLAGGED)


class Side(TextChoices):
    ADVOCATE = "advocate", "who recommends"
    FRIEND = "friend", "who was recommended to"


class ReferralRewardState(TextChoices):
    DUE = "due", "due"
    ISSUED = "issued", "given"
    CAPPED = "capped", "over the cap"
    REVERSED = "reversed", "taken back"


class FraudSign(TextChoices):
    """What speaks against a referral."""

    SELF = "self", "the same person"
    EXISTING = "existing", "a customer already"
    ALREADY = "already", "referred already"
    DISPOSABLE = "disposable", "a throw-away address"
    LATE = "late", "outside the window"
    ORGANISATION = "organisation", "the same organisation"
    PAYER = "payer", "the same payer"
    VELOCITY = "velocity", "many in a short time"
    NETWORK = "network", "many from one network"
    RECIPROCAL = "reciprocal", "each refers the other"
    RING = "ring", "a ring"
    COUPON = "coupon", "a coupon that goes round"


# These are facts and not suspicions: refused at once, never shown to a person as a doubt.
HARD = (FraudSign.SELF, FraudSign.EXISTING, FraudSign.ALREADY, FraudSign.DISPOSABLE, FraudSign.LATE)
# How much a doubt weighs; the sum, at most 100, is the score. docs/referrals.md gives the reasons.
WEIGHTS: dict[str, int] = {
    FraudSign.PAYER: 70,
    FraudSign.ORGANISATION: 60,
    FraudSign.RING: 60,
    FraudSign.RECIPROCAL: 50,
    FraudSign.COUPON: 40,
    FraudSign.VELOCITY: 30,
    FraudSign.NETWORK: 30,
}
