"""The staff socket: it carries hints and never data, so what it may say does not depend on who listens."""

import asyncio
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user

from .hub import Slot, hub

NOT_SIGNED_IN = 4401
CHECK_EVERY = 60.0


def still_welcome(session_key: str | None) -> bool:
    """Whether this session still belongs to an active member of staff."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    return bool(user.is_authenticated and user.is_active and user.is_staff)


class LiveConsumer(AsyncWebsocketConsumer):
    """Hints for one open page."""

    check_every = CHECK_EVERY
    _slot: Slot | None = None
    _tasks: tuple[asyncio.Task[None], ...] = ()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Deliberately not AsyncConsumer's: that one subscribes every socket to the layer, the hub subscribes once for all.
        self.scope, self.base_send, self.channel_layer = scope, send, None
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            return
        finally:
            self._leave()

    async def connect(self) -> None:
        await self.accept()
        session = self.scope.get("session")
        self._session_key = session.session_key if session is not None else None
        if not await database_sync_to_async(still_welcome)(self._session_key):
            await self.close(NOT_SIGNED_IN)
            return
        self._slot = hub().join()
        self._tasks = (asyncio.create_task(self._write(self._slot)), asyncio.create_task(self._watch()))

    def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._slot is not None:
            hub().leave(self._slot)
            self._slot = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages have nothing to say here."""

    async def _write(self, slot: Slot) -> None:
        while True:
            await self.send(text_data=await slot.take())

    async def _watch(self) -> None:
        """A session that ended, or a right that was taken, ends the socket within a minute."""
        while True:
            await asyncio.sleep(self.check_every)
            if not await database_sync_to_async(still_welcome)(self._session_key):
                await self.close(NOT_SIGNED_IN)
                return
