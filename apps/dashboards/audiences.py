"""Sockets that listen to the same topics hear the same frames, each written out once."""

import asyncio
from collections.abc import Callable, Iterator

from .lines import Line
from .wire import MOST_SUBJECTS, Frame, Hint, topics_of

# How many topics the hub remembers the last hint of. Pages made before the oldest that was forgotten fetch anew.
MOST_REMEMBERED = 50_000


class Audience:
    """What its sockets were told so far (`told`) and the hints that become one frame: the first leaves at once, the rest once per window."""

    __slots__ = ("topics", "lines", "told", "subjects", "_hints", "_flush", "_quiet_until", "_window", "_send")

    def __init__(self, topics: frozenset[str], *, told: int, window: float, send: Callable[["Audience", Frame], None]) -> None:
        self.topics, self.told = topics, told
        self.lines: dict[Line, None] = {}
        self.subjects = frozenset(topic for topic in topics if ":" in topic)
        self._hints: list[Hint] = []
        self._flush: asyncio.TimerHandle | None = None
        self._quiet_until = 0.0
        self._window, self._send = window, send

    def add(self, hint: Hint) -> None:
        self._hints.append(hint)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._quiet_until:
                self.flush()
            else:
                self._flush = loop.call_at(self._quiet_until, self.flush)

    def flush(self) -> None:
        """Tell what has gathered."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if not self._hints:
            return
        frame, self._hints = self._frame(self._hints), []
        self._quiet_until = asyncio.get_running_loop().time() + self._window
        self.told = frame["last"]
        self._send(self, frame)

    def forget(self, told: int) -> None:
        """Everybody is about to fetch anew: what has gathered is old."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._hints, self.told = [], told

    def _frame(self, hints: list[Hint]) -> Frame:
        many = not self.subjects or any(len(hint["subjects"]) > MOST_SUBJECTS for hint in hints)
        # Only subjects that were asked for: what else moved is nobody's business who may not see it.
        named = sorted({subject for hint in hints for subject in hint["subjects"]} & self.subjects)
        return {
            "type": "change",
            "epoch": hints[0]["epoch"],
            "after": self.told,
            "first": hints[0]["seq"],
            "last": hints[-1]["seq"],
            "kinds": sorted({hint["kind"] for hint in hints}),
            "subjects": None if many else named,
        }


class Audiences:
    """All audiences of a hub, found by topic."""

    def __init__(self, *, window: float, send: Callable[[Audience, Frame], None]) -> None:
        self._window, self._send = window, send
        self._all: dict[frozenset[str], Audience] = {}
        self._by_topic: dict[str, dict[Audience, None]] = {}

    def __iter__(self) -> Iterator[Audience]:
        return iter(list(self._all.values()))

    def seat(self, line: Line, topics: frozenset[str], *, told: int) -> None:
        """Let a socket hear these topics, and only these, from number `told` on."""
        self.unseat(line)
        audience = self._all.get(topics)
        if audience is None:
            audience = self._all[topics] = Audience(topics, told=told, window=self._window, send=self._send)
            for topic in topics:
                self._by_topic.setdefault(topic, {})[audience] = None
        audience.lines[line] = None
        line.audience, line.topics = audience, topics

    def unseat(self, line: Line) -> None:
        audience, line.audience = line.audience, None
        if audience is None:
            return
        audience.lines.pop(line, None)
        if audience.lines:
            return
        audience.forget(0)
        del self._all[audience.topics]
        for topic in audience.topics:
            listening = self._by_topic[topic]
            del listening[audience]
            if not listening:
                del self._by_topic[topic]

    def tell(self, hint: Hint) -> None:
        """Bring a hint to everybody whom it concerns; one about many subjects concerns everybody who listens to any."""
        concerned: dict[Audience, None] = {}
        for topic in topics_of(hint):
            concerned.update(self._by_topic.get(topic, {}))
        if len(hint["subjects"]) > MOST_SUBJECTS:
            concerned.update(dict.fromkeys(audience for audience in self if audience.subjects))
        for audience in concerned:
            audience.add(hint)


class Memory:
    """The last hint of each topic since `since`: tells whether a page that was made at some number has missed anything."""

    def __init__(self) -> None:
        self.epoch, self.since = "", 0
        self._last: dict[str, int] = {}
        self._many = 0

    def begin(self, epoch: str, number: int) -> None:
        self.epoch, self.since, self._many = epoch, number, 0
        self._last.clear()

    def note(self, hint: Hint) -> None:
        for topic in topics_of(hint):
            # Taken out first, so that the order is that of the last hints.
            self._last.pop(topic, None)
            self._last[topic] = hint["seq"]
        if len(hint["subjects"]) > MOST_SUBJECTS:
            self._many = hint["seq"]
        while len(self._last) > MOST_REMEMBERED:
            self.since = max(self.since, self._last.pop(next(iter(self._last))))

    def missed(self, topics: frozenset[str], position: str) -> bool:
        """Whether any of the topics moved after this position (`epoch:number`), as far as can be known: what is not known counts as moved."""
        epoch, _, number = position.rpartition(":")
        if epoch != self.epoch or not number.isdigit() or int(number) < self.since:
            return True
        after = int(number)
        return any(self._last.get(topic, 0) > after for topic in topics) or (self._many > after and any(":" in topic for topic in topics))
