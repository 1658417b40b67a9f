"""A local SMTP server for the demo: answers to our messages are recorded, all other mail can be read at /mailbox/."""

import asyncio
import os
import signal
from argparse import ArgumentParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from channels.db import database_sync_to_async
from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.messaging import inbound

_BIGGEST_MAIL = 1_000_000


class Postman:
    """aiosmtpd's handler: one mail, one answer."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        return await database_sync_to_async(inbound.receive)(content, recipients=list(envelope.rcpt_tos), now=clock.now())


class Command(BaseCommand):
    help = "Take mail on 127.0.0.1 for the demo. Answers to our messages are recorded; everything else goes to the mailbox page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="SMTP port on 127.0.0.1.")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            asyncio.run(serve(port, self.stdout.write))
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({os.strerror(error.errno or 0)}). Choose another with --port.") from error


async def serve(port: int, say: Any) -> None:
    """Until SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    postman = Postman()
    server = await loop.create_server(
        lambda: SMTP(postman, hostname="localhost", data_size_limit=_BIGGEST_MAIL, loop=loop), host="127.0.0.1", port=port
    )
    say(f"mailbox listens on 127.0.0.1:{port}")
    async with server:
        await asked_to_stop.wait()
