"""How often a stand-in misbehaves, drawn from the message's own name, so that a run can be repeated."""

import argparse
import hashlib
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Plan:
    """Shares of messages that meet a fault, and how long an ordinary one takes (seconds, from and to). `ill` (HTTP only): taken, and answered with
    500 or with a page instead of the answer."""

    drop: float = 0.0
    slow: float = 0.0
    refuse: float = 0.0
    ill: float = 0.0
    shortest: float = 0.0
    longest: float = 0.0
    too_long: float = 3.0

    def chance(self, what: str, name: str) -> float:
        digest = hashlib.sha256(f"{what}:{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def pace(self, name: str) -> float:
        return self.shortest + (self.longest - self.shortest) * self.chance("pace", name)

    def fault(self, name: str) -> str:
        """`drop`, `slow`, `ill` or nothing."""
        drawn = self.chance("fault", name)
        for what, share in (("drop", self.drop), ("slow", self.slow), ("ill", self.ill)):
            if drawn < share:
                return what
            drawn -= share
        return ""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        for field in fields(Plan):
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)
