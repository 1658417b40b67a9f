"""A person's own path as JSON, for the product they work in: by the token of their path or of their inbox, and of nobody else's account."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api.by_token import ByToken
from apps.milestones import languages, pages, tokens

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


class PathShown(serializers.Serializer[Any]):
    language = serializers.CharField()
    title = serializers.CharField()
    told = serializers.CharField()
    share = serializers.IntegerField(help_text="How many of 100 milestones of the path are reached.")
    next = LineShown(allow_null=True)
    open = LineShown(many=True)
    later = LineShown(many=True)
    reached = LineShown(many=True)


def contact_of(request: Request) -> Contact:
    """Whose path this is; 403 without a valid token."""
    found = tokens.contact_of(request.query_params.get("token", ""), now=clock.now())
    if found is None:
        raise exceptions.PermissionDenied("The token is missing, not valid or too old. Ask the server for a fresh one.")
    return found


class OwnPath(ByToken):
    @extend_schema(parameters=[_TOKEN, _LANG], responses=PathShown)
    def get(self, request: Request) -> Response:
        """What they have reached, what they may win now and what opens later, in their language."""
        contact = contact_of(request)
        language = languages.for_page(contact, request.headers.get("Accept-Language", ""), request.query_params.get("lang", "")[:12])
        return Response(PathShown(pages.page_of(contact, language)).data)
