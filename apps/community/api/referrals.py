"""Referrals: programs and their figures, advocates, invitations, sign-ups, decisions, rewards. docs/viral-guide.md walks through."""

from typing import Annotated, Any, Literal

import django_filters
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, Contact
from apps.community import selectors, services
from apps.community.models import Advocate, Invite, Referral, ReferralDecision, ReferralProgram, ReferralReward
from apps.community.types import AdvocateState, ProgramState, ReferralRewardState, ReferralState, ReferralVia, Side
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Email, Item, Misfit, Moment
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button

from .referral_figures import FiguresRow, told

referrals = services.referrals
Key = Annotated[str, Meta(min_length=1, max_length=60, pattern="^[-a-zA-Z0-9_]+$")]


class ProgramRow(Rows):
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True, help_text="The version in force.")
    definition = serializers.JSONField(source="current.definition", read_only=True, allow_null=True, help_text="docs/referrals.md")
    select = ("current",)

    class Meta:
        model = ReferralProgram
        fields = ["id", "key", "name", "state", "live_at", "number", "definition"]


class ProgramFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=ProgramState.choices)


class Written(Item):
    """A new program, as a draft."""

    key: Key
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    definition: dict[str, Any]


class NextVersion(Item):
    definition: dict[str, Any]
    note: Annotated[str, Meta(max_length=250)] = ""


class Turn(Item):
    state: Literal["live", "paused", "ended"]


class Nothing(Item):
    """The button says it all."""


class Reason(Item):
    reason: Annotated[str, Meta(min_length=1, max_length=250)]


class ProgramViews(SharedViews, CreateViews, ActViews):
    """What we offer to those who recommend us."""

    scope = "community"
    queryset = ReferralProgram.objects.all()
    serializer_class = ProgramRow
    filterset_class = ProgramFilters
    item = Written

    def make(self, item: Written) -> ReferralProgram:
        actor, now = actor_of(self.request), clock.now()
        try:
            return referrals.create(key=item.key, name=item.name, says=item.definition, actor=actor, now=now)
        except selectors.referrals.Flaws as flaws:
            raise _misfit(flaws) from flaws

    @button(NextVersion)
    def write(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The next version, for sign-ups from now on."""

        def do(row: ReferralProgram, said: NextVersion) -> None:
            try:
                referrals.save_version(row, says=said.definition, note=said.note, actor=actor_of(request), now=clock.now())
            except selectors.referrals.Flaws as flaws:
                raise _misfit(flaws) from flaws

        return self.act(request, NextVersion, do)

    @button(Turn)
    def turn(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put it live, pause or end it."""
        return self.act(request, Turn, lambda row, said: referrals.turn(row, said.state, actor=actor_of(request), now=clock.now()))

    @extend_schema(responses={200: FiguresRow}, filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def analytics(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it brings: the funnel, K by cohort and generation with intervals, cycle time, what is incremental, staying, cost and payback."""
        program, now = self.get_object(), clock.now()
        return Response(told(selectors.referrals.analytics(program, now=now), now))


def _misfit(flaws: Any) -> Misfit:
    place, words = flaws.flaws[0]
    return Misfit(f"definition.{place}".rstrip("."), words)


class AdvocateRow(OfAccount):
    program_key = serializers.CharField(source="program.key", read_only=True)
    link = serializers.SerializerMethodField(help_text="The page of their recommendation.")
    select = ("account", "program")

    class Meta:
        model = Advocate
        fields = ["id", "program", "program_key", "account", "account_external_id", "contact", "code", "link", "state", "joined_at"]

    def get_link(self, row: Advocate) -> str:
        return selectors.referrals.link(row.code)


class OfProgramFilters(OfAccountFilters):
    program = IdFilter(field_name="program_id")
    program_key = django_filters.CharFilter(field_name="program__key")


class AdvocateFilters(OfProgramFilters):
    contact = IdFilter(field_name="contact_id")
    code = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=AdvocateState.choices)


class Shown(Item):
    """The offer is shown to somebody of a customer; shown again it is the same code."""

    program: Key
    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class AdvocateViews(CreateViews, ActViews):
    """Who was shown an offer, with their code and link."""

    scope = "community"
    queryset = Advocate.objects.all()
    serializer_class = AdvocateRow
    filterset_class = AdvocateFilters
    orderings = ("pk", "-pk")
    item = Shown

    def make(self, item: Shown) -> Advocate:
        contact = Contact.objects.filter(account__in=Account.objects.for_user(self.caller), pk=item.contact).select_related("account").first()
        if contact is None:
            raise Misfit("contact", "There is no such person in your book.")
        return referrals.join(_program(item.program), contact=contact, actor=actor_of(self.request), now=clock.now())

    @button(Nothing)
    def stop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Their code brings nothing new from now on."""
        return self.act(request, Nothing, lambda row, _: referrals.stop(row, actor=actor_of(request), now=clock.now()))


def _program(key: str) -> ReferralProgram:
    program = ReferralProgram.objects.select_related("current").filter(key=key).first()
    if program is None:
        raise Misfit("program", "There is no program with this key.")
    return program


class InviteRow(OfAccount):
    program_key = serializers.CharField(source="program.key", read_only=True)
    state = serializers.CharField(source="message.state", read_only=True, default=None, allow_null=True, help_text="Of its message.")
    reason = serializers.CharField(source="message.reason", read_only=True, default=None, allow_null=True, help_text="Why it waits or did not leave.")
    select = ("account", "program", "message")

    class Meta:
        model = Invite
        fields = ["id", "program", "program_key", "advocate", "account", "account_external_id", "locale", "message", "state", "reason", "at"]


class InviteFilters(OfProgramFilters):
    advocate = IdFilter(field_name="advocate_id")
    since, until = during("at").values()


class Invited(Item):
    """Write to somebody once in the advocate's name. The address is forgotten when the mail has left."""

    emails = ("email",)
    advocate: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    email: Email
    locale: Annotated[str, Meta(max_length=12)] = ""


class InviteViews(CreateViews):
    """Invitations that we were asked to send; of the people invited nothing is told, because nothing is kept."""

    scope = "community"
    queryset = Invite.objects.all()
    serializer_class = InviteRow
    filterset_class = InviteFilters
    orderings = ("pk", "-pk")
    item = Invited

    def make(self, item: Invited) -> Invite:
        advocate = Advocate.objects.for_user(self.caller).filter(pk=item.advocate).first()
        if advocate is None:
            raise Misfit("advocate", "There is no such advocate in your book.")
        return referrals.invite(advocate, address=item.email, locale=item.locale, actor=actor_of(self.request), now=clock.now())


class SignUpRow(OfAccount):
    program_key = serializers.CharField(source="program.key", read_only=True)
    rewards = serializers.SerializerMethodField()
    select = ("account", "program")
    prefetch = ("rewards",)

    class Meta:
        model = Referral
        fields = [
            *("id", "program", "program_key", "version", "advocate", "account", "account_external_id", "via", "invite", "friend_external_id"),
            *(
                "friend_account",
                "state",
                "score",
                "signs",
                "reason",
                "cleared",
                "signed_up_at",
                "valued_at",
                "hold_until",
                "approved_at",
                "voided_at",
            ),
            "rewards",
        ]

    @extend_schema(responses={"type": "object"})
    def get_rewards(self, row: Referral) -> dict[str, str]:
        return {reward.side: reward.state for reward in row.rewards.all()}


class SignUpFilters(OfProgramFilters):
    advocate = IdFilter(field_name="advocate_id")
    state = django_filters.ChoiceFilter(choices=ReferralState.choices)
    via = django_filters.ChoiceFilter(choices=ReferralVia.choices)
    friend_external_id = django_filters.CharFilter()
    since, until = during("signed_up_at").values()


class SignedUp(Item):
    """Somebody signed up. `message_id` names it: told again it is the same. `code` is the code, the link, or the `ref` that our page passed on.
    Without it an invitation is looked for. Of email, payer, coupon and ip only keyed hashes are kept."""

    emails = ("email",)
    program: Key
    message_id: Annotated[str, Meta(min_length=1, max_length=120)]
    code: Annotated[str, Meta(max_length=300)] = ""
    email: Email = ""
    account_external_id: Annotated[str, Meta(max_length=120)] = ""
    payer: Annotated[str, Meta(max_length=200)] = ""
    coupon: Annotated[str, Meta(max_length=120)] = ""
    ip: Annotated[str, Meta(max_length=45)] = ""
    at: Moment | None = None


class Refund(Item):
    reason: Annotated[str, Meta(max_length=250)] = "Refunded"
    at: Moment | None = None


class SignUpViews(CreateViews, ActViews):
    """Sign-ups that are somebody's: what speaks against each, and what became of it."""

    scope = "community"
    queryset = Referral.objects.all()
    serializer_class = SignUpRow
    filterset_class = SignUpFilters
    orderings = ("pk", "-pk")
    item = SignedUp

    def make(self, item: SignedUp) -> Referral:
        now = clock.now()
        program = _program(item.program)
        if item.at is not None and item.at > now:
            raise Misfit("at", "It lies ahead.")
        said = referrals.SignUp(
            key=item.message_id,
            at=item.at or now,
            code=item.code,
            email=item.email,
            external_id=item.account_external_id,
            payer=item.payer,
            coupon=item.coupon,
            address=item.ip,
        )
        row = referrals.sign_up(program, said, actor=actor_of(self.request), now=now)
        if not Referral.objects.for_user(self.caller).filter(pk=row.pk).exists():
            raise Misfit("code", "The advocate is in another book.")
        referrals.look([row.pk], actor=actor_of(self.request), now=now)
        return row

    @button(Refund)
    def refund(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The friend got their money back: within the program's days the referral is void, and rewards are taken back. Told again it is the same."""

        def do(row: Referral, said: Refund) -> None:
            now = clock.now()
            referrals.void(row, reason=said.reason or "Refunded", at=said.at or now, actor=actor_of(request), now=now)

        return self.act(request, Refund, do)

    @button(Reason)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Somebody looked at what speaks against it, and it is right."""
        return self.act(request, Reason, lambda row, said: referrals.approve(row, reason=said.reason, actor=actor_of(request), now=clock.now()))

    @button(Reason)
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It does not count, and why."""
        return self.act(request, Reason, lambda row, said: referrals.refuse(row, reason=said.reason, actor=actor_of(request), now=clock.now()))


class ReferralDecisionRow(OfAccount):
    class Meta:
        model = ReferralDecision
        fields = ["id", "referral", "account", "account_external_id", "state", "score", "signs", "reason", "actor", "at"]


class DecisionFilters(OfAccountFilters):
    referral = IdFilter(field_name="referral_id")
    state = django_filters.ChoiceFilter(choices=ReferralState.choices)
    since, until = during("at").values()


class DecisionViews(ReadViews):
    """What was decided about sign-ups, by rules and by people, each with its reason; rows are only ever added."""

    scope = "community"
    queryset = ReferralDecision.objects.all()
    serializer_class = ReferralDecisionRow
    filterset_class = DecisionFilters
    orderings = ("pk", "-pk")


class ReferralRewardRow(OfAccount):
    class Meta:
        model = ReferralReward
        fields = [
            *("id", "referral", "account", "account_external_id", "side", "unit", "currency", "amount", "state", "reason", "claim"),
            *("due_at", "issued_at", "reversed_at"),
        ]


class ReferralRewardFilters(OfAccountFilters):
    referral = IdFilter(field_name="referral_id")
    side = django_filters.ChoiceFilter(choices=Side.choices)
    state = django_filters.ChoiceFilter(choices=ReferralRewardState.choices)


class ReferralRewardViews(ReadViews):
    """What each side of a referral gets, once; the value itself is in the ledger of rewards, under the claim."""

    scope = "community"
    queryset = ReferralReward.objects.filter(account__isnull=False)
    serializer_class = ReferralRewardRow
    filterset_class = ReferralRewardFilters
    orderings = ("pk", "-pk")


ROUTES: dict[str, Any] = {
    "referral-programs": ProgramViews,
    "referral-advocates": AdvocateViews,
    "referral-invites": InviteViews,
    "referral-signups": SignUpViews,
    "referral-decisions": DecisionViews,
    "referral-rewards": ReferralRewardViews,
}
