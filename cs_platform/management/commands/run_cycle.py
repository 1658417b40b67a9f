import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from cs_platform import cycle


class Command(BaseCommand):
    help = "Run one pass of every periodic job that is due at a moment (default: now), so that history can be replayed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", help="The moment, such as 2026-03-01T09:00:00Z.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = clock.read(options["now"]) if options["now"] else clock.now()
        except ValueError as error:
            raise CommandError(str(error)) from error
        results = cycle.run(now)
        if options["json"]:
            self.stdout.write(json.dumps({"now": now.isoformat(), "jobs": results}, default=str))
            return
        for job, result in results.items():
            self.stdout.write(f"{job}: {result}")
