from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import QueryDict

from apps.core import clock

from . import live, tokens


class PathConsumer(AsyncJsonWebsocketConsumer):
    """A customer's open path: hints that it moved. Whose account it is, is read once, when the page opens."""

    group = ""

    async def connect(self) -> None:
        token = QueryDict(self.scope["query_string"]).get("token", "")
        contact = await database_sync_to_async(tokens.contact_of)(token, now=clock.now())
        if contact is None:
            await self.close(code=4403)
            return
        self.group = live.group_of(contact.account_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """The page only listens; what it does goes through HTTP."""

    async def path_hint(self, event: dict[str, Any]) -> None:
        await self.send_json({"kind": event["kind"]})
