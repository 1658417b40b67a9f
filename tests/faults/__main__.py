"""The long fault suite (`make faults`): real workers, a real SMTP server and a broker of our own, all of them killed; then hostile bodies, thousands.

    python -m tests.faults [--only WORD] [--messages N] [--bodies N] [--recipients N] [--json]

Ends with `N passed, N failed` and lists, per scenario, what was lost, doubled and unknown. Exit code 1 when anything was lost or doubled.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .broker import Broker
from .environment import TIMES, next_working_noon


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", default="", help="Scenarios whose name contains this.")
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--bodies", type=int, default=10_000, help="So many generated bodies for each of the two doors.")
    parser.add_argument("--meetings", type=int, default=1_000, help="How often a customer's no meets the sender.")
    parser.add_argument("--recipients", type=int, default=100_000, help="Of the campaign whose workers are killed.")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", action="store_true", help="One JSON object on the last line.")
    given = parser.parse_args()
    random.seed(given.seed)
    # A soft kill leaves through `finally`, so that no worker, peer or broker stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    broker, undisturbed = Broker(folder), dict(os.environ)
    try:
        broker.start()
        os.environ |= {**TIMES, "VALKEY_URL": broker.url, "LOG_LEVEL": "ERROR"}
        os.environ["CS_CLOCK_SHIFT"] = str(next_working_noon(datetime.now(UTC)))
        # What was committed must outlive the server, though not the machine.
        os.environ["DATABASE_URL"] += f"{'&' if '?' in os.environ['DATABASE_URL'] else '?'}options=-c%20synchronous_commit%3Don"
        _prepare()
        say: Callable[[str], None] = lambda line: print(line, flush=True)  # noqa: E731
        from . import ingest, repeated, suite  # reads Django's models, which need the environment above

        say(f"seed {given.seed}, logs in {folder}")
        chosen = [scenario for scenario in suite.scenarios(broker, given.messages) if given.only in scenario.name]
        reports: list[Any] = [suite.tell(suite.run(scenario, folder), say) for scenario in chosen]
        for name, hurt in ingest.SCENARIOS.items():
            if given.only in f"ingest: {name}":
                reports.append(suite.tell(ingest.run(name, hurt, folder), say))
        for name, test in repeated.TESTS.items():
            if given.only in name:
                times = {"meetings": given.meetings, "recipients": given.recipients}.get(test.counted, given.bodies)
                reports.append(suite.tell(repeated.run(name, times=times, environment=undisturbed), say))
    finally:
        broker.stop()
    failed = sum(not report.passed for report in reports)
    if given.json:
        print(f"{len(reports) - failed} passed, {failed} failed")
        print(json.dumps({"seed": given.seed, "scenarios": [report.as_dict() for report in reports], "failed": failed}))
    else:
        print(f"{len(reports) - failed} passed, {failed} failed")
    if not failed and reports:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed or not reports else 0


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("prepare", quiet=True)


if __name__ == "__main__":
    sys.exit(main())
