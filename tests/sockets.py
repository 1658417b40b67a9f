"""Thousands of signed-in sockets in one process of its own: plain epoll and its own reading of frames, so that a run measures the server.

`python -m tests.sockets FILE` takes one JSON command per line and answers each with one JSON line; between commands it goes on reading.
FILE holds [[session, ticket], ...], which sockets use in turn.
"""

import base64
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_MARK = re.compile(rb'"bench\.(\d+)\.(\d+)')
_NUMBERS = re.compile(rb'"epoch":"(\w+)","after":(\d+),(?:"first":\d+,)?"last":(\d+)')
_READY = re.compile(rb'"type":"ready","epoch":"(\w+)","last":(\d+),"missed":(\w+)')
# A reset at the end instead of a farewell, so that addresses are free again at once.
_RESET = b"\1\0\0\0\0\0\0\0"
_LOOPBACKS = 8


class Peer:
    __slots__ = ("sock", "rest", "open", "ready", "epoch", "last", "got", "gaps", "resyncs", "stuck", "code", "number", "missed")

    def __init__(self, number: int) -> None:
        self.number = number
        self.sock = socket.socket()
        self.rest = b""
        self.open = self.ready = self.stuck = False
        self.epoch, self.last, self.code = b"", 0, 0
        self.got = self.gaps = self.resyncs = self.missed = 0


class Crowd:
    """All sockets of this process."""

    def __init__(self, known: Sequence[tuple[str, str]]) -> None:
        self.known = known
        self.poll = select.epoll()
        self.poll.register(0, select.EPOLLIN)
        self.peers: dict[int, Peer] = {}
        self.lost = self.refused = 0
        self.commands = b""
        self.key = base64.b64encode(os.urandom(16)).decode()
        self.delays: list[int] = []
        self.ports: list[int] = []
        self.topics: Sequence[str] = ()
        self.fresh: list[Peer] = []
        self.codes: list[int] = []
        self.ticks = self.done = 0

    # Commands

    def connect(
        self, *, count: int, ports: list[int], stuck: int = 0, window: int = 100, limit: float = 200, topics: Sequence[str] = ("bench",)
    ) -> dict[str, Any]:
        """Open this many more, as fast as the server lets us, and let each name its topics."""
        self.ports, self.topics = ports, topics
        self.refused = 0
        before, began, opened = len(self.peers), time.monotonic(), 0
        while time.monotonic() - began < limit:
            waiting = sum(1 for peer in self.fresh if not peer.ready) if opened else 0
            for _ in range(max(0, min(window - waiting, count - opened))):
                self._open(opened, ports[opened % len(ports)], stuck=opened < stuck)
                opened += 1
            if opened == count and not self.fresh:
                break
            self.read(0.02)
            self.fresh = [peer for peer in self.fresh if not peer.ready and peer.sock.fileno() >= 0]
        took = time.monotonic() - began
        ready = sum(peer.ready for peer in self.peers.values())
        return {"ready": ready - before, "refused": self.refused, "seconds": round(took, 2)}

    def count(self, *, ticks: int, limit: float) -> dict[str, Any]:
        """Read until every healthy socket has had the update with this number."""
        self.lost = 0
        self.delays.clear()
        healthy = [peer for peer in self.peers.values() if not peer.stuck]
        for peer in healthy:
            peer.got = peer.gaps = peer.resyncs = 0
        self.ticks, self.done = ticks, 0
        cpu, began = time.process_time(), time.monotonic()
        while self.done < len(healthy) - self.lost and time.monotonic() - began < limit:
            self.read(0.2)
        got = sum(peer.got for peer in healthy)
        self.delays.sort()
        return {
            "wanted": len(healthy) * ticks,
            "got": got,
            "lost": len(healthy) * ticks - got,
            "gaps": sum(peer.gaps for peer in healthy),
            "closed": self.lost,
            "p50_ms": self._at(0.5),
            "p99_ms": self._at(0.99),
            "max_ms": self._at(1),
            "client_us": round((time.process_time() - cpu) / max(1, got) * 1e6, 1),
        }

    def _at(self, part: float) -> float | None:
        return round(self.delays[min(len(self.delays) - 1, int(len(self.delays) * part))] / 1e6, 1) if self.delays else None

    def resynced(self, *, limit: float) -> dict[str, Any]:
        """Read until every healthy socket was told to fetch anew."""
        healthy = [peer for peer in self.peers.values() if not peer.stuck]
        began = time.monotonic()
        while not all(peer.resyncs for peer in healthy) and time.monotonic() - began < limit:
            self.read(0.1)
        return {"told": sum(peer.resyncs > 0 for peer in healthy), "of": len(healthy), "seconds": round(time.monotonic() - began, 2)}

    def know(self, *, known: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Sessions and tickets from now on."""
        self.known = known
        return {"known": len(known)}

    def closed(self, *, count: int, limit: float) -> dict[str, Any]:
        """Read until this many sockets were closed; with what codes."""
        began = time.monotonic()
        while len(self.codes) < count and time.monotonic() - began < limit:
            self.read(0.02)
        found, self.codes = self.codes, []
        return {"codes": found, "seconds": round(time.monotonic() - began, 3)}

    def listen(self, *, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.read(left)
        return {"open": sum(peer.ready for peer in self.peers.values()), "missed": sum(peer.missed for peer in self.peers.values())}

    def leave(self) -> dict[str, Any]:
        for peer in list(self.peers.values()):
            self._drop(peer)
        return {"open": len(self.peers)}

    # Sockets

    def _open(self, number: int, port: int, *, stuck: bool) -> None:
        peer = Peer(number)
        peer.stuck = stuck
        peer.sock.setblocking(False)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if stuck:
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.sock.bind((f"127.0.0.{2 + number % _LOOPBACKS}", 0))
        peer.sock.connect_ex(("127.0.0.1", port))
        self.peers[peer.sock.fileno()] = peer
        self.fresh.append(peer)
        self.poll.register(peer.sock, select.EPOLLOUT)

    def _greet(self, peer: Peer) -> None:
        session, ticket = self.known[peer.number % len(self.known)]
        port = self.ports[peer.number % len(self.ports)]
        peer.sock.send(
            f"GET /ws/live/?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nCookie: sessionid={session}\r\n"
            f"Sec-WebSocket-Key: {self.key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.poll.modify(peer.sock, select.EPOLLIN)

    def read(self, seconds: float) -> None:
        for number, what in self.poll.poll(seconds):
            if number == 0:
                said = os.read(0, 65536)
                if not said:
                    sys.exit()
                self.commands += said
                continue
            peer = self.peers.get(number)
            if peer is None:
                continue
            if not peer.open and what & select.EPOLLOUT and not peer.rest:
                self._greet(peer)
                continue
            try:
                data = peer.sock.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data or not self._take(peer, data):
                self._drop(peer)

    def _take(self, peer: Peer, data: bytes) -> bool:
        now = time.monotonic_ns()
        buffer = peer.rest + data if peer.rest else data
        if not peer.open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                peer.rest = buffer
                return True
            if b" 101 " not in buffer[:20]:
                return False
            peer.open = True
            buffer = buffer[end + 4 :]
            since = f"{peer.epoch.decode()}:{peer.last}" if peer.epoch else ""
            words = json.dumps({"topics": self.topics, "since": since}).encode()
            peer.sock.send(bytes((0x81, 0x80 | len(words))) + b"\0\0\0\0" + words)
        place, end = 0, len(buffer)
        while end - place >= 2:
            size, head = buffer[place + 1] & 127, place + 2
            if size == 126:
                size, head = int.from_bytes(buffer[place + 2 : place + 4], "big"), place + 4
            elif size == 127:
                size, head = int.from_bytes(buffer[place + 2 : place + 10], "big"), place + 10
            if end - head < size:
                break
            kind, body = buffer[place] & 15, buffer[head : head + size]
            place = head + size
            if kind == 1:
                self._hear(peer, body, now)
            elif kind == 9:
                peer.sock.send(bytes((0x8A, 0x80 | size)) + b"\0\0\0\0" + body)
            elif kind == 8:
                peer.code = int.from_bytes(body[:2], "big")
                return False
        peer.rest = buffer[place:]
        if peer.stuck and peer.ready:
            self.poll.unregister(peer.sock)
        return True

    def _hear(self, peer: Peer, body: bytes, now: int) -> None:
        if found := _MARK.search(body):
            number = int(found[1])
            peer.got += 1
            self.delays.append(now - int(found[2]))
            if number >= self.ticks:
                self.done += 1
        if found := _READY.search(body):
            peer.ready, peer.epoch, peer.last = True, found[1], int(found[2])
            peer.missed += found[3] == b"true"
        elif found := _NUMBERS.search(body):
            if b'"resync"' in body:
                peer.resyncs += 1
            elif peer.ready and (found[1] != peer.epoch or int(found[2]) > peer.last):
                peer.gaps += 1
            peer.epoch, peer.last = found[1], int(found[3])
        elif not peer.ready:
            # The limit's server has no topics to name.
            peer.ready = b'"hello"' in body

    def _drop(self, peer: Peer) -> None:
        self.peers.pop(peer.sock.fileno(), None)
        self.lost += peer.ready
        self.refused += not peer.ready
        self.codes.append(peer.code)
        peer.sock.close()


class Client:
    """The crowd as somebody else's process sees it."""

    def __init__(self, folder: Path, known: Iterable[tuple[str, str]]) -> None:
        path = folder / "known.json"
        path.write_text(json.dumps(list(known)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sockets", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def begin(self, command: str, **words: Any) -> Callable[[], dict[str, Any]]:
        """Give a command; what is returned waits for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([command, words]) + "\n")
        self._process.stdin.flush()
        return self._answer

    def do(self, command: str, **words: Any) -> dict[str, Any]:
        return self.begin(command, **words)()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the crowd has died"
        return dict(json.loads(line))

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def main() -> None:
    crowd = Crowd([tuple(one) for one in json.loads(Path(sys.argv[1]).read_text())])
    while True:
        while b"\n" in crowd.commands:
            line, crowd.commands = crowd.commands.split(b"\n", 1)
            command, words = json.loads(line)
            print(json.dumps(getattr(crowd, command)(**words)), flush=True)
        crowd.read(1)


if __name__ == "__main__":
    main()
