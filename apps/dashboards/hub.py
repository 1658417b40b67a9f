"""One hub per process: hints come in once, are written out once per audience, and go out in a way that no socket waits for another."""

import asyncio
import logging
import secrets
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

from channels.db import database_sync_to_async

from apps.core import clock

from . import tickets, vitals, welcome
from .audiences import Audiences, Memory
from .lines import Event, Line, event_of
from .link import Link, unless
from .wire import LOST, MOST_TOPICS, NOT_SIGNED_IN, Frame, Hint, Look

log = logging.getLogger(__name__)

WINDOW = 0.25
BEAT = 10.0
# How long our own message may take to come back before the line to Valkey counts as dead.
ECHO = 5.0
ROUND = 1.0
# How often a socket's right to be there, and to hear what it asked for, is looked up.
CHECK_EVERY = 60.0
FEEL_EVERY = 5.0
PARKED_AT_MOST = 30.0
MOST_SOCKETS = 50
SLICE = 1024
BATCH = 2000
# Pages that all have to fetch anew spread over this much per socket, and over no more than ten seconds.
SPREAD_MS, MOST_SPREAD_MS = 2, 10_000
EVERYTHING = frozenset({"*"})


class Hub:
    """Lives in one event loop, from the first socket to the last."""

    def __init__(self, *, window: float = WINDOW, beat: float = BEAT, echo: float = ECHO, check_every: float = CHECK_EVERY) -> None:
        self.window, self.check_every = window, check_every
        self.lines: dict[Line, None] = {}
        self.vitals = ""
        self.link = Link(self, beat=beat, echo=echo, pause=min(window, beat))
        self._audiences = Audiences(window=window, send=lambda audience, frame: self._fan_out(audience.lines, event_of(frame)))
        self._memory = Memory()
        self._seen = 0
        self._early: list[Hint] = []
        self._unanswered: dict[Line, frozenset[str]] = {}
        self._queue: deque[tuple[Iterable[Line], Event]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._of: Counter[int] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()

    # Sockets come and go

    def join(self, line: Line) -> bool:
        """Take a socket in; False where its reader has too many. Until it names its topics it hears of everything, without subjects."""
        user = line.who.user_id
        if self._of[user] + self.link.elsewhere[user] >= MOST_SOCKETS:
            return False
        self.lines[line] = None
        self._of[user] += 1
        if self._of[user] >= MOST_SOCKETS // 4:
            self.link.count_again.set()
        self._audiences.seat(line, EVERYTHING, told=self._seen)
        if not self._tasks:
            self._stop = asyncio.Event()
            self._tasks = [asyncio.create_task(work(self._stop)) for work in (self.link.keep, self._rounds)]
        return True

    def leave(self, line: Line) -> None:
        if line not in self.lines:
            return
        del self.lines[line]
        self._unanswered.pop(line, None)
        self._audiences.unseat(line)
        self._of[line.who.user_id] -= 1
        if not self._of[line.who.user_id]:
            del self._of[line.who.user_id]
        if not self.lines:
            # Asked, not cancelled: the Valkey client can swallow a cancellation, and the task would live on.
            self._stop.set()
            self._tasks, self.link.is_up = [], False
            self._memory.begin("", 0)

    def count(self) -> Counter[int]:
        return self._of

    def knows(self) -> tuple[str, int]:
        return self._memory.epoch, self._seen

    async def subscribe(self, line: Line, topics: list[object], since: str) -> None:
        """Hear these topics from now on, as far as the reader may; `since`: what the page knows already, as `epoch:number`."""
        good, refused = welcome.heard(topics[:MOST_TOPICS])
        if any(topic.startswith("account:") for topic in good):
            [verdict] = await database_sync_to_async(welcome.look)([(line.who, good)])
            if not verdict.stays:
                line.close(NOT_SIGNED_IN)
            good, refused = good - verdict.refused, refused | verdict.refused
        if line.gone or line not in self.lines:
            return
        line.since = since
        self._audiences.seat(line, good, told=self._seen)
        self._unanswered[line] = refused
        self._answer()

    def _answer(self) -> None:
        """Where the counter is not known yet, those who subscribed wait for it."""
        if not self.link.is_up:
            return
        for line, refused in self._unanswered.items():
            missed = self._memory.missed(line.topics, line.since)
            line.offer(_ready(self._memory.epoch, self._seen, missed, refused, self.vitals), "ready")
        self._unanswered.clear()

    # Hints come in

    def receive(self, hint: Hint) -> None:
        """Bring a hint to the sockets that it concerns. That one was lost before it is seen by its number."""
        if not self.link.is_up:
            self._early.append(hint)
            return
        new = hint["epoch"] != self._memory.epoch
        if not new and hint["seq"] <= self._seen:
            return
        if new or hint["seq"] > self._seen + 1 or hint["kind"] == LOST:
            self._lose(hint["epoch"], hint["seq"])
            return
        self._seen = hint["seq"]
        self._memory.note(hint)
        self._audiences.tell(hint)

    def stand_at(self, epoch: str, last: int) -> None:
        """The line is proven and the counter stands here: tell every page, and answer those who wait."""
        if not self.link.is_up:
            self._begin(epoch, last)
            self._beat()
        elif epoch == self._memory.epoch and last <= self._seen:
            self._beat()
        else:
            # The newest hints may still be on their way to us; without this pause each would look like a gap.
            asyncio.get_running_loop().call_later(self.window, self._judge, epoch, last)

    def _judge(self, epoch: str, last: int) -> None:
        if not self.link.is_up:
            return
        if epoch != self._memory.epoch or last > self._seen:
            self._lose(epoch, last)
        self._beat()

    def _begin(self, epoch: str, last: int) -> None:
        early, self._early = self._early, []
        had_line = self._memory.epoch != ""
        self.link.is_up = True
        if had_line:
            # What was said while we did not listen is unknown, even where the counter has not moved: some may have failed to say it.
            self._lose(epoch, last)
        else:
            self._memory.begin(epoch, last)
            self._seen = last
            for audience in self._audiences:
                audience.forget(last)
        for hint in early:
            self.receive(hint)
        self._answer()

    def _beat(self) -> None:
        for audience in self._audiences:
            audience.flush()
            beat: Frame = {"type": "beat", "epoch": self._memory.epoch, "after": audience.told, "last": self._seen}
            self._fan_out(audience.lines, _told(beat, self.vitals))

    def _lose(self, epoch: str, number: int) -> None:
        """Hints did not arrive: nobody knows which, so every page fetches anew."""
        self._memory.begin(epoch, number)
        self._seen = number
        for audience in self._audiences:
            audience.forget(number)
        spread = min(SPREAD_MS * len(self.lines), MOST_SPREAD_MS)
        self._fan_out(self.lines, event_of({"type": "resync", "epoch": epoch, "after": number, "last": number, "spread": spread}))

    async def look_again(self, look: Look) -> None:
        """Somebody signed out, or a person's rights changed."""
        for line in [line for line in self.lines if look["session"] and tickets.digest(line.who.session) == look["session"]]:
            line.close(NOT_SIGNED_IN)
        await self._check([line for line in self.lines if line.who.user_id == look["user"]], renew=False)

    # Frames go out

    def _fan_out(self, lines: Iterable[Line], event: Event) -> None:
        """One queue for the whole process, so that every socket hears frames in their order. Few sockets are served before this returns."""
        self._queue.append((lines, event))
        if self._pump is not None:
            return
        serving = self._serve()
        for _ in serving:
            self._pump = asyncio.create_task(self._serve_on(serving))
            return

    def _serve(self) -> Iterator[None]:
        """Empty the queue, with a pause after every slice of sockets."""
        served = 0
        while self._queue:
            lines, event = self._queue.popleft()
            for line in list(lines):
                line.offer(event)
                served += 1
                if served % SLICE == 0:
                    yield

    async def _serve_on(self, serving: Iterator[None]) -> None:
        # Reads, pings and new sockets have their turn in the pauses.
        await asyncio.sleep(0)
        for _ in serving:
            await asyncio.sleep(0)
        self._pump = None

    # Once a second: may everybody stay, is anybody stuck, how is the system

    async def _rounds(self, stop: asyncio.Event) -> None:
        felt = -FEEL_EVERY
        while not stop.is_set():
            now = asyncio.get_running_loop().time()
            for line in [line for line in self.lines if line.is_parked and now - line.parked_at > PARKED_AT_MOST]:
                line.cut()
            due = [line for line in self.lines if line.due <= now and not line.gone]
            for first in range(0, len(due), BATCH):
                await self._check(due[first : first + BATCH], renew=True)
            if now - felt >= FEEL_EVERY:
                felt = now
                self._feel()
            await unless(stop, min(ROUND, self.check_every))

    async def _check(self, lines: list[Line], *, renew: bool) -> None:
        """End the sockets of sessions that ended and of rights that were taken; the others get a fresh ticket when theirs has aged."""
        if not lines:
            return
        try:
            verdicts = await database_sync_to_async(welcome.look)([(line.who, line.topics) for line in lines])
        except Exception:
            # A database that is away says nothing about anybody: asked again in the next round.
            log.exception("could not look at %d sockets", len(lines))
            return
        now = asyncio.get_running_loop().time()
        fresh: dict[tickets.Pass, Event] = {}
        for line, verdict in zip(lines, verdicts, strict=True):
            if line not in self.lines:
                continue
            if not verdict.stays:
                line.close(NOT_SIGNED_IN)
                continue
            if refused := verdict.refused & line.topics:
                self._audiences.seat(line, line.topics - refused, told=self._seen)
                self._unanswered[line] = refused
            if renew and line.due:
                if line.who not in fresh:
                    fresh[line.who] = event_of({"type": "ticket", "ticket": tickets.issue(line.who)})
                line.offer(fresh[line.who], "ticket")
            # Spread, so that pages that came at once are not looked at at once for ever.
            line.due = now + self.check_every * (0.75 + secrets.randbelow(250) / 1000)
        self._answer()

    def _feel(self) -> None:
        """How the system is goes to our own sockets without Valkey, for that may be what is ill."""
        said = vitals.state(clock.now())
        if said != self.vitals:
            self.vitals = said
            self._fan_out(self.lines, event_of({"type": "vitals", "vitals": said}))


def _told(frame: Frame, state: str) -> Event:
    """A frame that also says how the system is, where that is known."""
    if state:
        frame["vitals"] = state
    return event_of(frame)


@lru_cache(maxsize=64)
def _ready(epoch: str, last: int, missed: bool, refused: frozenset[str], state: str) -> Event:
    """Many pages that come at once are answered the same."""
    return _told({"type": "ready", "epoch": epoch, "last": last, "missed": missed, "refused": sorted(refused)}, state)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        for other in [known for known in _hubs if known.is_closed()]:
            del _hubs[other]
        found = _hubs[loop] = Hub()
    return found


def sockets() -> int:
    """How many sockets this process holds."""
    return sum(len(one.lines) for one in list(_hubs.values()))


def push_lag() -> float | None:
    """Seconds from Valkey to this process, as the last message to ourselves took them; None while it hears nothing."""
    return max((one.link.lag for one in list(_hubs.values()) if one.link.lag is not None), default=None)
