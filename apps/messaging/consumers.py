from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import QueryDict

from . import live, selectors


class InboxConsumer(AsyncJsonWebsocketConsumer):
    """A contact's open inbox: hints that something arrived. The token is checked by its signature, so no query is needed here."""

    group = ""

    async def connect(self) -> None:
        contact_id = selectors.contact_id_of_inbox(QueryDict(self.scope["query_string"]).get("token", ""))
        if contact_id is None:
            await self.close(code=4403)
            return
        self.group = live.group_of(contact_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """The inbox only listens; reading and answering go through HTTP."""

    async def inbox_hint(self, event: dict[str, Any]) -> None:
        await self.send_json({"kind": event["kind"], "id": event["id"]})
