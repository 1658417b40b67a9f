"""A real SMTP server that stores mail and misbehaves on request: by the recipient's address, or by chance.

By address, as in `sam+550@...`: +550 no such person, +451 try later, +552 refused after DATA, +slow stored and answered too late,
+drop stored and never answered. By chance: the shares given to Plan, drawn from the Message-ID, so that a run can be repeated.
Run as a program it writes one JSON line per stored mail, so that a test can count what really arrived.
"""

import argparse
import asyncio
import json
import logging
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from .plan import Plan

# A reply that is never sent looks like a bug to aiosmtpd; here it is the point.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


@dataclass
class Peer:
    plan: Plan = field(default_factory=Plan)
    log: Path | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)

    @property
    def to_customers(self) -> list[EmailMessage]:
        """What went to customers: mails to staff say that they were made by themselves."""
        return [mail for mail in self.mails if not mail["Auto-Submitted"]]

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if "+550@" in address:
            return "550 5.1.1 no such user"
        if "+451@" in address:
            return "451 4.7.1 greylisted, try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str | None:
        mail = message_from_bytes(envelope.content, policy=modern)
        name, to = str(mail["Message-ID"]), envelope.rcpt_tos[0]
        self.tries[name] += 1
        if "+552@" in to:
            return "552 5.2.2 mailbox full"
        # Each try draws again, so a refused mail gets through after a few.
        if self.plan.chance(f"refuse{self.tries[name]}", name) < self.plan.refuse:
            return "451 4.3.0 busy, try later"
        self._store(mail, name, to)
        fault = self.plan.fault(name)
        if "+drop@" in to or fault == "drop":
            server.transport.close()
            return None
        if "+slow@" in to or fault == "slow":
            await asyncio.sleep(self.plan.too_long)
        await asyncio.sleep(self.plan.pace(name))
        return "250 2.0.0 queued"

    def _store(self, mail: EmailMessage, name: str, to: str) -> None:
        self.mails.append(mail)
        self.recipients.append(to)
        if self.log is not None:
            with self.log.open("a") as lines:
                lines.write(json.dumps({"at": time.time(), "message_id": name, "to": to}) + "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def controller(peer: Peer, port: int = 0) -> Controller:
    """aiosmtpd's controller knocks at the port it was given, so it must be a real one."""
    return Controller(peer, hostname="127.0.0.1", port=port or free_port())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    Plan.arguments(parser)
    given = vars(parser.parse_args())
    port, log = given.pop("port"), given.pop("log")
    server = controller(Peer(Plan(**given), log=log), port)
    server.start()
    print("ready", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
