"""A person's own path as JSON, for the product they work in: by the token of their path or of their inbox, and of nobody else's account."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.api.by_token import ByToken
from apps.core.errors import Refused
from apps.milestones import languages, own_rewards, pages, services, tokens
from apps.milestones.types import Level

_TOKEN = OpenApiParameter("token", str, required=True, description="The signed token of the path or of the inbox, from your server.")
_LANG = OpenApiParameter("lang", str, description="The language of the words (en, de, fr, es, pt); without it the person's own.")


class LineShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    state = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    hint = serializers.CharField()
    told = serializers.CharField(help_text="Where it stands, in a sentence.")
    share = serializers.IntegerField(help_text="How much of what is asked is there, 0 to 100.")


class ItemShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    text = serializers.CharField()
    cost = serializers.CharField()
    may = serializers.BooleanField(help_text="What they have is enough for it.")


class AskedShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    told = serializers.CharField()
    note = serializers.CharField()


class RewardsShown(serializers.Serializer[Any]):
    have = serializers.ListField(child=serializers.CharField())
    set_aside = serializers.ListField(child=serializers.CharField())
    tier = serializers.CharField()
    streak = serializers.CharField()
    badges = serializers.SerializerMethodField()
    items = ItemShown(many=True)
    asked = AskedShown(many=True)

    def get_badges(self, won: own_rewards.Rewards) -> list[str]:
        return [name for name, _ in won.badges]


class PathShown(serializers.Serializer[Any]):
    language = serializers.CharField()
    title = serializers.CharField()
    told = serializers.CharField()
    share = serializers.IntegerField(help_text="How many of 100 milestones of the path are reached.")
    next = LineShown(allow_null=True)
    open = LineShown(many=True)
    later = LineShown(many=True)
    reached = LineShown(many=True)
    rewards = RewardsShown(allow_null=True)
    recognition = serializers.CharField(help_text="How far the person lets their name be seen: none, team, company or public.")
    by_name = serializers.BooleanField()


class Chosen(serializers.Serializer[Any]):
    recognition = serializers.ChoiceField(Level.choices)
    by_name = serializers.BooleanField(default=True)


class Wanted(serializers.Serializer[Any]):
    item = serializers.CharField(max_length=60, help_text="The key of something in `rewards.items`.")
    key = serializers.CharField(max_length=40, help_text="Your own word for this press of a button: the same one again asks once.")


def contact_of(request: Request, *, to_act: bool = False) -> Contact:
    """Whose path this is; 403 without a valid token."""
    found = tokens.contact_of(request.query_params.get("token", ""), now=clock.now(), to_act=to_act)
    if found is None:
        raise exceptions.PermissionDenied("The token is missing, not valid or too old. Ask the server for a fresh one.")
    return found


def shown(request: Request, contact: Contact) -> Response:
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""), request.query_params.get("lang", "")[:12])
    return Response(PathShown(pages.page_of(contact, language)).data)


class OwnPath(ByToken):
    @extend_schema(parameters=[_TOKEN, _LANG], responses=PathShown)
    def get(self, request: Request) -> Response:
        """What they have reached, what they may win now, what opens later and what they have won, in their language."""
        return shown(request, contact_of(request))


class OwnRecognition(ByToken):
    @extend_schema(parameters=[_TOKEN, _LANG], request=Chosen, responses=PathShown)
    def post(self, request: Request) -> Response:
        """How far the person lets their name be seen, from now on and everywhere."""
        contact = contact_of(request, to_act=True)
        given = Chosen(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        actor = Actor.contact(contact.pk)
        services.choose_recognition(contact=contact, level=said["recognition"], by_name=said["by_name"], actor=actor, now=clock.now())
        return shown(request, contact)


class OwnRedemption(ByToken):
    @extend_schema(parameters=[_TOKEN, _LANG], request=Wanted, responses=PathShown)
    def post(self, request: Request) -> Response:
        """Ask for something of the catalogue in the name of the account; 409 says why it cannot be had."""
        contact = contact_of(request, to_act=True)
        given = Wanted(data=request.data)
        given.is_valid(raise_exception=True)
        item = own_rewards.item_offered(given.validated_data["item"])
        if item is None:
            raise Refused("withdrawn", "That is not offered, or not any more.")
        key = f"path:{contact.pk}:{given.validated_data['key']}"
        actor = Actor.contact(contact.pk)
        services.redeem(account=contact.account, item=item, idem_key=key, actor=actor, now=clock.now(), contact=contact)
        return shown(request, contact)
