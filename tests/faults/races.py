"""Two who meet at random moments, a thousand times: the same tests as in `make test`, on a database of their own that nobody hurts."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

RACES = {"a no against sending": "tests/messaging/test_crossing.py"}


@dataclass
class RaceReport:
    scenario: str
    meetings: int
    wrong: list[str]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}

    def line(self) -> str:
        return f"{'ok  ' if self.passed else 'FAIL'} {'race: ' + self.scenario:44s} {self.meetings:,} meetings  {self.seconds:.1f} s"


def run(name: str, *, meetings: int, environment: Mapping[str, str]) -> RaceReport:
    """Ends with what pytest said about each test that failed."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", RACES[name], "-q", "--show-capture=no", "-o", "timeout=0"]
    done = subprocess.run(command, env={**environment, "INTERLEAVINGS": str(meetings)}, capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if line.startswith(("E ", "FAILED", "ERROR"))]
    wrong = (said or [(done.stderr or done.stdout)[-500:]]) if done.returncode else []
    return RaceReport(name, meetings, wrong, time.monotonic() - began)
