"""The line between a hub and Valkey: supervised, proven before every beat, and taken up anew whatever ends it."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from typing import Protocol

import redis
from django.conf import settings
from redis import asyncio as aioredis

from . import live
from .wire import GROUP, Hint, Look

log = logging.getLogger(__name__)


class Listener(Protocol):
    """What a link needs of its hub."""

    def receive(self, hint: Hint) -> None: ...
    async def look_again(self, look: Look) -> None: ...
    def stand_at(self, epoch: str, last: int) -> None: ...
    def count(self) -> Counter[int]: ...
    def knows(self) -> tuple[str, int]: ...


class Link:
    """One subscription. `is_up` says that it is proven and the position of the counter known; a hint that comes before is kept until then."""

    def __init__(self, listener: Listener, *, beat: float, echo: float, pause: float) -> None:
        self.listener = listener
        self.beat, self.echo, self.pause = beat, echo, pause
        self.name = secrets.token_hex(4)
        self.is_up = False
        self.subscriptions = 0
        # Seconds that the last message to ourselves took through Valkey and back; None while the line is not proven.
        self.lag: float | None = None
        # Sockets of each person in the other processes, as they last said.
        self.elsewhere: Counter[int] = Counter()
        self.count_again = asyncio.Event()
        self._echoed = asyncio.Event()

    async def keep(self, stop: asyncio.Event) -> None:
        """Listen until asked to stop: whatever ends the reader, a new layer with a new subscription takes over."""
        pause = 0.2
        while not stop.is_set():
            layer, began = live.fresh_layer(), asyncio.get_running_loop().time()
            try:
                await self._listen(layer, stop)
            except (TimeoutError, OSError, redis.RedisError) as error:
                log.warning("live line lost (%r); subscribing again", error)
            finally:
                self.lag = None
                if not stop.is_set():
                    self.is_up = False
                # The connection may be half dead: closing it must not keep us.
                with contextlib.suppress(TimeoutError, OSError, redis.RedisError):
                    async with asyncio.timeout(2):
                        await layer.flush()
            calm = asyncio.get_running_loop().time() - began > self.beat
            pause = 0.2 if calm else min(pause * 2, 5.0)
            await unless(stop, pause)
        # What is gone must not count against those who come back, perhaps to the process that follows us.
        with contextlib.suppress(TimeoutError, OSError, redis.RedisError):
            async with _valkey() as client:
                await client.delete(self._record(self.name))

    async def _listen(self, layer: live.RedisPubSubChannelLayer, stop: asyncio.Event) -> None:
        """Subscribe once and pass messages on; one to ourselves proves the line before every beat."""
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        self.subscriptions += 1
        reader = asyncio.create_task(self._read(layer, channel))
        try:
            while not stop.is_set():
                self._echoed.clear()
                said_at = asyncio.get_running_loop().time()
                await layer.send(channel, {"type": "live.echo"})
                async with asyncio.timeout(self.echo):
                    await self._echoed.wait()
                self.lag = asyncio.get_running_loop().time() - said_at
                async with _valkey() as client:
                    epoch, last = await self._position(client)
                    await self._count(client)
                self.listener.stand_at(epoch, last)
                await self._until_next(stop)
        finally:
            # Its channel is given back before the layer is closed: afterwards it would open the layer's connection again.
            reader.cancel()
            await asyncio.wait([reader], timeout=2)

    async def _read(self, layer: live.RedisPubSubChannelLayer, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message["type"] == "live.hint":
                self.listener.receive(message)
            elif message["type"] == "live.look":
                await self.listener.look_again(message)
            else:
                self._echoed.set()

    async def _position(self, client: "aioredis.Redis") -> tuple[str, int]:
        known, floor = self.listener.knows()
        found = await client.eval(live.POSITION, 2, *live.keys(), live.new_epoch())
        epoch, last = found[0].decode(), int(found[1])
        if epoch == known and last < floor:
            # Valkey came back with an older copy of its data: numbers would be given twice.
            epoch = live.new_epoch()
            await client.set(live.keys()[0], epoch)
        return epoch, last

    async def _until_next(self, stop: asyncio.Event) -> None:
        """Until the next beat. Where somebody opens many sockets the other processes hear of it at once."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.beat
        while not stop.is_set() and loop.time() < until:
            await unless(stop, min(self.pause, max(0.0, until - loop.time())))
            if self.count_again.is_set() and not stop.is_set():
                self.count_again.clear()
                async with _valkey() as client:
                    await self._count(client)

    def _record(self, name: str) -> str:
        return f"{settings.VALKEY_PREFIX}:live:hub:{name}"

    async def _count(self, client: "aioredis.Redis") -> None:
        """Tell the other processes how many sockets are here and whose, and hear the same of them."""
        room = f"{settings.VALKEY_PREFIX}:live:hubs"
        at, lives = (await client.time())[0], int(3 * self.beat) + 1
        here = self.listener.count()
        many = {str(user): count for user, count in here.items() if count > 1}
        async with client.pipeline(transaction=False) as pipe:
            pipe.set(self._record(self.name), json.dumps({"sockets": here.total(), "of": many}), ex=lives)
            pipe.zadd(room, {self.name: at})
            pipe.zremrangebyscore(room, 0, at - lives)
            pipe.zrange(room, 0, -1)
            *_, names = await pipe.execute()
        others = [self._record(name.decode()) for name in names if name.decode() != self.name]
        said = [json.loads(one) for one in await client.mget(others) if one] if others else []
        self.elsewhere = Counter()
        for one in said:
            self.elsewhere.update({int(user): count for user, count in one["of"].items()})


@contextlib.asynccontextmanager
async def _valkey() -> AsyncIterator["aioredis.Redis"]:
    client = aioredis.Redis.from_url(settings.VALKEY_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        yield client
    finally:
        await client.aclose()


async def unless(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but wake at once when asked to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
