"""`make bench [ONLY=name]`: every figure as a ratio to a limit or a naive pattern measured in the same run; the last line is one JSON object."""

import importlib
import json
import os
import sys
import time

import django
from django.core.management import call_command
from django.db import connection

NAMES = (
    *("ingest", "features", "health", "scoring", "feedback_year", "portfolio", "handover", "messages", "event_to_browser", "admin_million"),
    *("churn_sets", "channel_policy", "experiment_truth", "tip_ranking"),
    "rewards",
    *("enrolment", "event_to_entry", "event_to_celebration", "milestones", "learners"),
    "coaching_effect",
    "attribution",
    "campaigns",
    "segments",
    "live_fanout",
)


def main() -> int:
    only = sys.argv[1:]
    if unknown := sorted(set(only) - set(NAMES)):
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
        return 2
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("prepare", quiet=True)
    with connection.cursor() as cursor:
        # Helper processes of a parallel query would escape the count of CPU time.
        cursor.execute("set max_parallel_workers_per_gather = 0")
    figures = {}
    for name in only or NAMES:
        began = time.monotonic()
        print(f"{name} ...", flush=True)
        figures[name] = importlib.import_module(f"benchmarks.{name}").run()
        print(f"  {json.dumps(figures[name])}  ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: ratios hold, absolute times do not")
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
