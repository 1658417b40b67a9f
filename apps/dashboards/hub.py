"""One subscription per process, and a local fan-out in which no socket waits for another."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterable

import redis
from django.conf import settings
from redis import asyncio as aioredis

from . import live
from .wire import GROUP, MOST_SUBJECTS, Frame, Hint

log = logging.getLogger(__name__)

WINDOW = 0.25
BEAT = 10.0
# How long our own message may take to come back before the line counts as dead.
ECHO = 5.0


class Slot:
    """What one socket still has to send: only the newest frame, because a skipped one shows as a gap and the page refetches."""

    def __init__(self) -> None:
        self._text: str | None = None
        self._ready = asyncio.Event()

    def put(self, text: str) -> None:
        self._text = text
        self._ready.set()

    async def take(self) -> str:
        await self._ready.wait()
        self._ready.clear()
        text, self._text = self._text, None
        assert text is not None
        return text


class Gathered:
    """Hints of one window on their way to becoming one frame."""

    def __init__(self) -> None:
        self.epoch = ""
        self.first = self.last = 0
        self.kinds: set[str] = set()
        self.subjects: set[str] = set()

    def add(self, hint: Hint) -> None:
        self.epoch = self.epoch or hint["epoch"]
        self.first = self.first or hint["seq"]
        self.last = hint["seq"]
        self.kinds.add(hint["kind"])
        self.subjects.update(hint["subjects"])

    def frame(self) -> Frame:
        subjects = sorted(self.subjects) if len(self.subjects) <= MOST_SUBJECTS else None
        return {"type": "change", "epoch": self.epoch, "first": self.first, "last": self.last, "kinds": sorted(self.kinds), "subjects": subjects}


class Hub:
    """Lives in one event loop, from the first socket to the last."""

    def __init__(self, *, window: float = WINDOW, beat: float = BEAT, echo: float = ECHO) -> None:
        self.window, self.beat, self.echo = window, beat, echo
        self.slots: set[Slot] = set()
        self.subscriptions = 0
        self._gathered = Gathered()
        self._flush: asyncio.TimerHandle | None = None
        self._quiet_until = 0.0
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._echoed = asyncio.Event()
        self._seen, self._seen_epoch = 0, ""

    def join(self) -> Slot:
        slot = Slot()
        self.slots.add(slot)
        if self._task is None:
            self._stop = asyncio.Event()
            self._task = asyncio.create_task(self._supervise(self._stop))
        return slot

    def leave(self, slot: Slot) -> None:
        self.slots.discard(slot)
        if not self.slots:
            # Asked, not cancelled: the Valkey client can swallow a cancellation, and the task would live on.
            self._stop.set()
            self._task = None

    def receive(self, hint: Hint) -> None:
        """Leading edge at once, then at most one frame per window."""
        if self._gathered.epoch and self._gathered.epoch != hint["epoch"]:
            self._send()
        self._gathered.add(hint)
        self._seen = hint["seq"]
        loop = asyncio.get_running_loop()
        if self._flush is None:
            self._flush = loop.call_at(max(loop.time(), self._quiet_until), self._send)

    def _send(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if not self._gathered.kinds:
            return
        frame, self._gathered = self._gathered.frame(), Gathered()
        self._quiet_until = asyncio.get_running_loop().time() + self.window
        self._fan_out(frame, self.slots)

    def _fan_out(self, frame: Frame, slots: Iterable[Slot]) -> None:
        text = json.dumps(frame, separators=(",", ":"))
        for slot in slots:
            slot.put(text)

    async def _supervise(self, stop: asyncio.Event) -> None:
        """Listen until asked to stop: whatever ends the reader, a new layer with a new subscription takes over."""
        pause = 0.2
        while not stop.is_set():
            layer, began = live.fresh_layer(), asyncio.get_running_loop().time()
            try:
                await self._listen(layer, stop)
            except (TimeoutError, OSError, redis.RedisError) as error:
                log.warning("live line lost (%r); subscribing again", error)
            finally:
                # The connection may be half dead: closing it must not keep us.
                with contextlib.suppress(TimeoutError, OSError, redis.RedisError):
                    async with asyncio.timeout(2):
                        await layer.flush()
            calm = asyncio.get_running_loop().time() - began > self.beat
            pause = 0.2 if calm else min(pause * 2, 5.0)
            await _unless(stop, pause)

    async def _listen(self, layer: live.RedisPubSubChannelLayer, stop: asyncio.Event) -> None:
        """Subscribe once and pass hints on; a message to ourselves proves the line before every beat."""
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        self.subscriptions += 1
        reader = asyncio.create_task(self._read(layer, channel))
        try:
            while not stop.is_set():
                self._echoed.clear()
                await layer.send(channel, {"type": "live.echo"})
                async with asyncio.timeout(self.echo):
                    await self._echoed.wait()
                await self._tell_position()
                await _unless(stop, self.beat)
        finally:
            # Its channel is given back before the layer is closed: afterwards it would open the layer's connection again.
            reader.cancel()
            await asyncio.wait([reader], timeout=2)

    async def _read(self, layer: live.RedisPubSubChannelLayer, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message["type"] == "live.hint":
                self.receive(message)
            else:
                self._echoed.set()

    async def _tell_position(self) -> None:
        """Tell every page where the counter is. Raises while Valkey is away: then pages hear nothing and say `stale`."""
        client = aioredis.Redis.from_url(settings.VALKEY_URL, socket_timeout=2, socket_connect_timeout=2)
        try:
            found = await client.eval(live.POSITION, 2, *live.keys(), live.new_epoch())
        finally:
            await client.aclose()
        epoch, last = found[0].decode(), int(found[1])
        if last > self._seen:
            # The newest hints may still be on their way to us; without this pause each would look like a gap.
            await asyncio.sleep(self.window)
        self._send()
        self._seen = max(last, self._seen) if self._seen_epoch == epoch else last
        self._seen_epoch = epoch
        self._fan_out({"type": "beat", "epoch": epoch, "first": last + 1, "last": last}, self.slots)


async def _unless(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but wake at once when asked to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    for other in [known for known in _hubs if known.is_closed()]:
        del _hubs[other]
    return _hubs.setdefault(loop, Hub())
