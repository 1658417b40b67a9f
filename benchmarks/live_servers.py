"""What our hub is measured against: how fast sockets can be written to at all, and how the tutorials of Channels do it.

`python -m benchmarks.live_servers PORT` is the limit: plain epoll, one prepared frame, `send` to every socket. `naive` is an ASGI application.
"""

import base64
import hashlib
import os
import re
import select
import socket
import sys
from typing import Any

import redis

CHANNEL = "bench.limit"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    return bytes((0x81, 126)) + size.to_bytes(2, "big") + payload


def limit(port: int) -> None:
    """Handshakes, then nothing but the system's own cost of sending."""
    listening = redis.Redis.from_url(os.environ["VALKEY_URL"]).pubsub()
    listening.subscribe(CHANNEL)
    listening.get_message(timeout=1)
    told = listening.connection._sock.fileno()
    door = socket.create_server(("127.0.0.1", port), backlog=4096)
    door.setblocking(False)
    poll = select.epoll()
    poll.register(door, select.EPOLLIN)
    poll.register(told, select.EPOLLIN)
    ready: dict[int, socket.socket] = {}
    new: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number == door.fileno():
                _let_in(door, poll, new)
            elif number == told:
                message = listening.get_message(ignore_subscribe_messages=True)
                if message:
                    prepared = frame(message["data"])
                    for one in ready.values():
                        try:
                            one.send(prepared)
                        except OSError:
                            continue
            elif number in new:
                peer = new.pop(number)
                found = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.recv(8192))
                if found is None:
                    poll.unregister(number)
                    peer.close()
                    continue
                answer = base64.b64encode(hashlib.sha1(found[1] + _GUID).digest())
                words = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + answer
                peer.send(words + b"\r\n\r\n" + frame(b'{"type":"hello"}'))
                ready[number] = peer
            else:
                try:
                    heard = ready[number].recv(4096)
                except OSError:
                    heard = b""
                if not heard:
                    poll.unregister(number)
                    ready.pop(number).close()


def _let_in(door: socket.socket, poll: select.epoll, new: dict[int, socket.socket]) -> None:
    while True:
        try:
            peer, _ = door.accept()
        except BlockingIOError:
            return
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        new[peer.fileno()] = peer
        poll.register(peer, select.EPOLLIN)


def tutorial() -> Any:
    """A consumer that joins a group in Valkey and passes on what the group is told, as the tutorial has it."""
    from django.core.asgi import get_asgi_application

    get_asgi_application()
    from channels.auth import AuthMiddlewareStack
    from channels.generic.websocket import AsyncJsonWebsocketConsumer
    from channels.layers import channel_layers
    from django.conf import settings

    # redis-py's own timeout of 5 s would end each consumer that hears nothing for as long as that.
    hosts = [{"address": settings.VALKEY_URL, "socket_timeout": None}]
    channel_layers.set(
        "default",
        __import__("channels_redis.core", fromlist=["RedisChannelLayer"]).RedisChannelLayer(hosts=hosts, prefix="bench.naive", capacity=1000),
    )

    class Consumer(AsyncJsonWebsocketConsumer):
        async def connect(self) -> None:
            await self.channel_layer.group_add("bench", self.channel_name)
            await self.accept()
            await self.send_json({"type": "hello"})

        async def disconnect(self, code: int) -> None:
            await self.channel_layer.group_discard("bench", self.channel_name)

        async def bench_update(self, event: dict[str, Any]) -> None:
            await self.send_json(event["said"])

    return AuthMiddlewareStack(Consumer.as_asgi())


def __getattr__(name: str) -> Any:
    if name == "naive":
        globals()["naive"] = made = tutorial()
        return made
    raise AttributeError(name)


if __name__ == "__main__":
    limit(int(sys.argv[1]))
