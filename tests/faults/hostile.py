"""The hostile bodies at full length: the same tests as in `make test`, on a database of their own that nobody hurts."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

# For the API the same number also says how many calls schemathesis makes of each operation: one for each hundred bodies.
DOORS = {"ingest": "tests/integrations/test_segment_hostile.py", "API": "tests/api/test_hostile.py"}


@dataclass
class HostileReport:
    scenario: str
    bodies: int
    wrong: list[str]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}

    def line(self) -> str:
        return f"{'ok  ' if self.passed else 'FAIL'} {'hostile: ' + self.scenario:44s} {self.bodies:,} generated bodies  {self.seconds:.1f} s"


def run(name: str, *, bodies: int, environment: Mapping[str, str]) -> HostileReport:
    """Ends with what pytest said about each test that failed."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", DOORS[name], "-q", "--show-capture=no", "-o", "timeout=0"]
    done = subprocess.run(command, env={**environment, "HOSTILE_BODIES": str(bodies)}, capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if line.startswith(("E ", "FAILED", "ERROR"))]
    wrong = (said or [(done.stderr or done.stdout)[-500:]]) if done.returncode else []
    return HostileReport(name, bodies, wrong, time.monotonic() - began)
