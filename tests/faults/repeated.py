"""Tests of `make test` at full length, thousands of times, on a database of their own that nobody hurts."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Repeated:
    """A file of tests, the variable that says how often, and what is counted."""

    file: str
    variable: str
    counted: str


# For the API the same number also says how many calls schemathesis makes of each operation: one for each hundred bodies.
TESTS = {
    "race: a no against sending": Repeated("tests/messaging/test_crossing.py", "INTERLEAVINGS", "meetings"),
    "campaign: freezing and handing over killed": Repeated("tests/campaigns/test_campaign_crash.py", "CAMPAIGN_RECIPIENTS", "recipients"),
    "hostile: ingest": Repeated("tests/integrations/test_segment_hostile.py", "HOSTILE_BODIES", "generated bodies"),
    "hostile: API": Repeated("tests/api/test_hostile.py", "HOSTILE_BODIES", "generated bodies"),
}


@dataclass
class RepeatedReport:
    scenario: str
    times: int
    counted: str
    wrong: list[str]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}

    def line(self) -> str:
        return f"{'ok  ' if self.passed else 'FAIL'} {self.scenario:44s} {self.times:,} {self.counted}  {self.seconds:.1f} s"


def run(name: str, *, times: int, environment: Mapping[str, str]) -> RepeatedReport:
    """Ends with what pytest said about each test that failed."""
    began, test = time.monotonic(), TESTS[name]
    command = [sys.executable, "-m", "pytest", test.file, "-q", "--show-capture=no", "-o", "timeout=0"]
    done = subprocess.run(command, env={**environment, test.variable: str(times)}, capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if line.startswith(("E ", "FAILED", "ERROR"))]
    wrong = (said or [(done.stderr or done.stdout)[-500:]]) if done.returncode else []
    return RepeatedReport(name, times, test.counted, wrong, time.monotonic() - began)
