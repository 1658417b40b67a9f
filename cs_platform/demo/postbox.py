"""A mail server for the time of the replay: what the product sends in the demo's past lands in the demo's mailbox under its own day."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from apps.core import clock
from apps.messaging import maildir


class _Shelf:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (the library's name)
        content = envelope.content
        key = maildir.store(content if isinstance(content, bytes) else str(content).encode())
        # A Maildir name begins with the second of delivery; the mail came on the day that is being lived through.
        _, _, rest = key.partition(".")
        folder = maildir.folder() / "new"
        os.rename(folder / key, folder / f"{int(clock.now().timestamp())}.{rest}")
        return "250 taken"


@contextmanager
def open_postbox() -> Iterator[None]:
    """Let the product's own SMTP provider reach this server instead of the configured one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    before = settings.EMAIL_HOST, settings.EMAIL_PORT
    server = Controller(_Shelf(), hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    try:
        yield
    finally:
        settings.EMAIL_HOST, settings.EMAIL_PORT = before
        server.stop()
