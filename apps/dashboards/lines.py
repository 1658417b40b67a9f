"""One open socket, and sending to it in a way that never makes another wait."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from .tickets import Pass
from .wire import Frame

if TYPE_CHECKING:
    from .audiences import Audience

Event = dict[str, Any]
Send = Callable[[Event], Awaitable[None]]


def event_of(frame: Frame) -> Event:
    """A frame as it is handed to every socket that hears it: written out once."""
    return {"type": "websocket.send", "text": json.dumps(frame, separators=(",", ":"))}


class Line:
    """A socket as the hub knows it. While its reader is too slow to take a frame it is parked, and of what comes meanwhile only the newest is kept:
    the number of the one before then shows its page that something is missing, and the page fetches anew."""

    __slots__ = ("who", "topics", "audience", "since", "due", "parked_at", "gone", "words_left", "said_at", "_send", "_owed", "_task")

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
        self._owed: dict[str, Event] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_parked(self) -> bool:
        return self._owed is not None

    def offer(self, event: Event, place: str = "frame") -> None:
        """Send without waiting. A parked socket keeps the newest event of each place."""
        if self._owed is not None:
            self._owed[place] = event
            return
        if self.gone:
            return
        step: Coroutine[Any, Any, None] = self._send(event)  # type: ignore[assignment]
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
                await self._send(self._owed.pop(place))
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
            self.offer({"type": "websocket.close", "code": code})
            self.gone = True

    def cut(self) -> None:
        """End the connection without waiting for its reader: a polite close would stand behind what the reader does not take."""
        self.gone = True
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
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
