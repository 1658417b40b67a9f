"""The staff socket: it carries hints and never data. A bare ASGI application, for Channels' consumers go through a thread for every message."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings

from . import tickets, welcome
from .hub import hub
from .lines import Line
from .wire import NOT_SIGNED_IN, TOO_LONG, TOO_MANY_SOCKETS, TOO_MUCH_SAID

MOST_CHARACTERS = 8192
# A page names its topics when it opens and when its parts change.
BURST, PER_SECOND = 30.0, 2.0
_COOKIE = re.compile(rf"(?:^|;\s*){re.escape(settings.SESSION_COOKIE_NAME)}=([^;\s]*)".encode())


async def live_socket(scope: Any, receive: Any, send: Any) -> None:
    """Hints for one open page, from its handshake to its end."""
    await receive()
    await send({"type": "websocket.accept"})
    session = _session_key(scope)
    given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("ticket", [""])[0]
    who = tickets.read(given, session) if given else None
    if who is None:
        who = await database_sync_to_async(welcome.enter)(session) if session else None
    if who is None:
        return await _part(receive, send, NOT_SIGNED_IN)
    line = Line(send, who)
    if not hub().join(line):
        return await _part(receive, send, TOO_MANY_SOCKETS)
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            if code := await _hear(line, message):
                line.close(code)
    finally:
        line.gone = True
        hub().leave(line)
    return None


async def _part(receive: Any, send: Any, code: int) -> None:
    """Close with a reason, and wait until the browser has taken it."""
    await send({"type": "websocket.close", "code": code})
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _hear(line: Line, message: Any) -> int:
    """What a page says: its topics. Anything else is ignored; too much or too long of it ends the socket (the code why)."""
    if line.gone:
        return 0
    if not line.may_speak(asyncio.get_running_loop().time(), burst=BURST, per_second=PER_SECOND):
        return TOO_MUCH_SAID
    text = message.get("text")
    if len(text or message.get("bytes") or "") > MOST_CHARACTERS:
        return TOO_LONG
    try:
        said = json.loads(text or "")
    except ValueError:
        return 0
    if isinstance(said, dict) and isinstance(topics := said.get("topics"), list):
        since = said.get("since")
        await hub().subscribe(line, topics, since if isinstance(since, str) else "")
    return 0


def _session_key(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie" and (found := _COOKIE.search(value)):
            return found[1].decode("latin-1")
    return ""
