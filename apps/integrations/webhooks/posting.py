"""One HTTP POST to somebody else's machine: to an address that was checked, without redirects, bounded in time and in what is read."""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import h11
from django.conf import settings

from .address import Resolve, Target, Unreachable, read, resolve

_MOST_HEADERS = 32 * 1024
_MOST_BODY = 64 * 1024
_CHUNK = 16 * 1024
_KEPT = 200


@dataclass(frozen=True)
class Answer:
    """What came back: the status (None: nothing did), what to tell a person, and the words of Retry-After."""

    status: int | None
    words: str
    retry_after: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, *, headers: Mapping[str, str], body: bytes, ask: Resolve = socket.getaddrinfo) -> Answer:
    """Never raises for what the other side does: that is an answer too."""
    began = time.monotonic()
    try:
        target = read(url)
        line = _Line(target, resolve(target, ask=ask), began + settings.WEBHOOK_TIMEOUT)
        try:
            status, words, wait = line.exchange(headers, body)
        finally:
            line.close()
    except Unreachable as error:
        return Answer(None, str(error), seconds=time.monotonic() - began)
    except TimeoutError:
        return Answer(None, f"No answer within {settings.WEBHOOK_TIMEOUT} seconds.", seconds=time.monotonic() - began)
    except (OSError, h11.RemoteProtocolError) as error:
        return Answer(None, f"The connection failed: {error}."[:250], seconds=time.monotonic() - began)
    return Answer(status, words, wait, time.monotonic() - began)


class _Line:
    """A connection with one deadline for everything: calling, TLS, sending and reading."""

    def __init__(self, target: Target, addresses: list[str], deadline: float) -> None:
        self._target = target
        self._deadline = deadline
        self._socket = self._call(addresses)
        try:
            if target.scheme == "https":
                self._socket.settimeout(self._left())
                # The certificate must be the name's, whichever of its addresses answers.
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=target.host)
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        """Status, the beginning of the answer in words, Retry-After."""
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADERS)
        told = [("Host", self._target.authority), ("Content-Length", str(len(body))), ("Connection", "close"), *headers.items()]
        said = http.send(h11.Request(method="POST", target=self._target.path, headers=told))
        self._send((said or b"") + (http.send(h11.Data(data=body)) or b"") + (http.send(h11.EndOfMessage()) or b""))
        head = self._head(http)
        return head.status_code, self._beginning(http), _header(head, b"retry-after")

    def _head(self, http: h11.Connection) -> h11.Response:
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(self._receive())
            elif isinstance(event, h11.Response):
                return event
            elif not isinstance(event, h11.InformationalResponse):
                raise ConnectionError("closed before it answered")

    def _beginning(self, http: h11.Connection) -> str:
        """The status says it all; what follows is read to part politely, and its first words are kept for a person."""
        found, size = b"", 0
        try:
            while size < _MOST_BODY:
                event = http.next_event()
                if event is h11.NEED_DATA:
                    http.receive_data(self._receive())
                elif isinstance(event, h11.Data):
                    size += len(event.data)
                    found = (found + bytes(event.data))[:_KEPT]
                else:
                    break
        except (OSError, h11.RemoteProtocolError):
            pass
        words = found.decode("utf-8", "replace")
        return "".join(letter if letter.isprintable() else " " for letter in words).strip()

    def _call(self, addresses: list[str]) -> socket.socket:
        trouble: OSError = ConnectionError("no address")
        for address in addresses:
            try:
                return socket.create_connection((address, self._target.port), timeout=self._left())
            except OSError as error:
                trouble = error
        raise trouble

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def _receive(self) -> bytes:
        self._socket.settimeout(self._left())
        return self._socket.recv(_CHUNK)


def _header(head: h11.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in head.headers if key == name), "")
