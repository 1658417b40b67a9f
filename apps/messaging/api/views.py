"""A contact's inbox, for the customer's own product to show. The signed token is the only key, so any origin may ask."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api.by_token import ByToken
from apps.messaging import selectors, services
from apps.messaging.models import Message

_PAGE = 50


class InboxMessage(serializers.ModelSerializer[Message]):
    at = serializers.DateTimeField(source="sent_at")

    class Meta:
        model = Message
        fields = ["id", "subject", "body", "at", "read_at", "replied_at"]


class ReplyInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=5_000)


_TOKEN = OpenApiParameter("token", str, required=True, description="The signed token of the inbox, from your server.")


class InboxView(ByToken):
    def contact(self, request: Request) -> Contact:
        """Whose inbox this is; 403 without a valid token."""
        found = selectors.contact_of_inbox(request.query_params.get("token", ""), now=clock.now())
        if found is None:
            raise exceptions.PermissionDenied("The inbox token is missing or not valid. Ask the server for a fresh one.")
        return found

    def message(self, request: Request, message_id: int) -> Message:
        """One message of this inbox; someone else's is simply not found."""
        found = selectors.inbox(self.contact(request)).filter(pk=message_id).first()
        if found is None:
            raise exceptions.NotFound("There is no such message in this inbox.")
        return found


class InboxPage(serializers.Serializer[Any]):
    unread = serializers.IntegerField()
    messages = InboxMessage(many=True)


class Inbox(InboxView):
    @extend_schema(parameters=[_TOKEN], responses=InboxPage)
    def get(self, request: Request) -> Response:
        mine = selectors.inbox(self.contact(request))
        return Response({"unread": mine.filter(read_at=None).count(), "messages": InboxMessage(mine[:_PAGE], many=True).data})


class Read(InboxView):
    @extend_schema(parameters=[_TOKEN], request=None, responses=InboxMessage)
    def post(self, request: Request, message_id: int) -> Response:
        message = self.message(request, message_id)
        services.mark_read(message=message, now=clock.now())
        return Response(InboxMessage(message).data)


class Reply(InboxView):
    @extend_schema(parameters=[_TOKEN], request=ReplyInput, responses=InboxMessage)
    def post(self, request: Request, message_id: int) -> Response:
        message = self.message(request, message_id)
        given = ReplyInput(data=request.data)
        given.is_valid(raise_exception=True)
        replied = services.record_reply(token=message.reply_token, text=given.validated_data["text"], now=clock.now())
        return Response(InboxMessage(replied).data)


class PushKey(serializers.Serializer[Any]):
    public_key = serializers.CharField(help_text="The applicationServerKey for PushManager.subscribe().")


class PushKeys(serializers.Serializer[Any]):
    p256dh = serializers.CharField(max_length=120)
    auth = serializers.CharField(max_length=60)


class PushInput(serializers.Serializer[Any]):
    endpoint = serializers.CharField(max_length=500)
    keys = PushKeys()


class PushGone(serializers.Serializer[Any]):
    endpoint = serializers.CharField(max_length=500)


class Push(InboxView):
    """A browser of this contact that agreed to be pushed to."""

    @extend_schema(parameters=[_TOKEN], responses=PushKey)
    def get(self, request: Request) -> Response:
        """The key to subscribe with; 404 where push is not set up."""
        self.contact(request)
        key = services.browsers.public_key()
        if not key:
            raise exceptions.NotFound("Push is not set up here.")
        return Response({"public_key": key})

    @extend_schema(parameters=[_TOKEN], request=PushInput, responses={201: PushGone})
    def post(self, request: Request) -> Response:
        """Subscribe this browser: the body is PushSubscription.toJSON()."""
        contact = self.contact(request)
        given = PushInput(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        kept = services.browsers.subscribe(contact, endpoint=told["endpoint"], **told["keys"], now=clock.now())
        return Response({"endpoint": kept.endpoint}, status=201)

    @extend_schema(parameters=[_TOKEN], request=PushGone, responses={204: None})
    def delete(self, request: Request) -> Response:
        """This browser is pushed to no more; once more changes nothing."""
        contact = self.contact(request)
        given = PushGone(data=request.data)
        given.is_valid(raise_exception=True)
        services.browsers.unsubscribe(contact, endpoint=given.validated_data["endpoint"], now=clock.now())
        return Response(status=204)
