"""One open socket, and sending to it in a way that never makes another wait."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .tickets import Pass
from .wire import Frame

if TYPE_CHECKING:
    from .audiences import Audience

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Event(NamedTuple):
    """What a socket is handed: the server's message, and the same as bytes on the wire."""

    message: dict[str, Any]
    wire: bytes = b""


def event_of(frame: Frame) -> Event:
    """A frame as it is handed to every socket that hears it: written out once, also for the wire."""
    text = json.dumps(frame, separators=(",", ":"))
    return Event({"type": "websocket.send", "text": text}, _on_the_wire(text.encode()))


def _on_the_wire(body: bytes) -> bytes:
    """One text message of RFC 6455 from a server: whole, and not masked."""
    size = len(body)
    if size < 126:
        return bytes((0x81, size)) + body
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + body
    return b"\x81\x7f" + size.to_bytes(8, "big") + body


class Line:
    """A socket as the hub knows it. While its reader is too slow to take a frame it is parked, and of what comes meanwhile only the newest is kept:
    the number of the one before then shows its page that something is missing, and the page fetches anew."""

    __slots__ = ("who", "topics", "audience", "since", "due", "parked_at", "gone", "words_left", "said_at", "_send", "_server", "_owed", "_task")
    # Events that sockets of this process were not sent, because a newer one took their place.
    skipped: ClassVar[int] = 0

    def __init__(self, send: Send, who: Pass) -> None:
        self.who = who
        self.topics: frozenset[str] = frozenset()
        self.audience: Audience | None = None
        self.since = ""
        # When to ask the database about it next.
        self.due = 0.0
        self.parked_at = 0.0
        self.gone = False
        self.words_left, self.said_at = 0.0, 0.0
        self._send = send
        server = getattr(send, "__self__", None)
        self._server = server if isinstance(server, WebSocketsSansIOProtocol) else None
        self._owed: dict[str, Event] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_parked(self) -> bool:
        return self._owed is not None

    def offer(self, event: Event, place: str = "frame") -> None:
        """Send without waiting. A parked socket keeps the newest event of each place."""
        if self._owed is not None:
            Line.skipped += place in self._owed
            self._owed[place] = event
            return
        if self.gone:
            return
        server = self._server
        if server is not None and event.wire and server.writable.is_set() and not (server.close_sent or server.transport.is_closing()):
            # What the server would do itself, without making the same frame again for each of its sockets: that was half of the cost.
            server.transport.write(event.wire)
            return
        step: Coroutine[Any, Any, None] = self._send(event.message)  # type: ignore[assignment]
        try:
            # Stepped by hand: a socket that can take the frame has taken it when this returns, without a task of its own.
            waits_for = step.send(None)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001
            # The server's word for a socket that is closed; its reader ends by itself.
            self.gone = True
            return
        self._owed = {}
        self.parked_at = asyncio.get_running_loop().time()
        self._task = asyncio.ensure_future(self._finish(step, waits_for))

    async def _finish(self, step: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _Rest(step, waits_for)
            while self._owed:
                place = next(iter(self._owed))
                await self._send(self._owed.pop(place).message)
        except Exception:  # noqa: BLE001
            self.gone = True
        finally:
            self._owed = None
            self._task = None

    def close(self, code: int) -> None:
        """Say goodbye with a reason; a socket that takes nothing is cut."""
        if self._owed is not None:
            self.cut()
        elif not self.gone:
            self.offer(Event({"type": "websocket.close", "code": code}))
            self.gone = True

    def cut(self) -> None:
        """End the connection without waiting for its reader: a polite close would stand behind what the reader does not take."""
        self.gone = True
        if self._server is not None:
            self._server.transport.abort()
        elif self._task is not None:
            self._task.cancel()

    def may_speak(self, now: float, *, burst: float, per_second: float) -> bool:
        """Pages say little: a socket that says more than its allowance is ended."""
        self.words_left = min(burst, self.words_left + (now - self.said_at) * per_second) if self.said_at else burst
        self.said_at = now
        self.words_left -= 1
        return self.words_left >= 0


class _Rest:
    """What is left of a coroutine whose first step was made by hand."""

    def __init__(self, step: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._step, self._waits_for = step, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        with contextlib.closing(self._step):
            while True:
                try:
                    value = yield waits_for
                except BaseException as error:  # noqa: BLE001
                    resume: Callable[[], Any] = _thrower(self._step, error)
                else:
                    resume = _sender(self._step, value)
                try:
                    waits_for = resume()
                except StopIteration:
                    return


def _thrower(step: Coroutine[Any, Any, None], error: BaseException) -> Callable[[], Any]:
    return lambda: step.throw(error)


def _sender(step: Coroutine[Any, Any, None], value: Any) -> Callable[[], Any]:
    return lambda: step.send(value)
