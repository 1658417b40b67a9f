"""A contact's inbox, for the customer's own product to show. The signed token is the only key; no staff session is looked at."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Contact
from apps.core import clock
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


class InboxView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

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
