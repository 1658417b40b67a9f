import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from cs_platform.invariants import INVARIANTS, broken


class Command(BaseCommand):
    help = "List what should always be true and is not; exits 1 when anything is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = broken(clock.now())
        for entry in found:
            self.stdout.write(f"{entry['name']}: {entry['words']} ({entry['rows']} rows, first {entry['first']})")
        if options["json"]:
            self.stdout.write(json.dumps({"checked": len(INVARIANTS), "broken": found}))
        if found:
            raise CommandError(f"{len(found)} of {len(INVARIANTS)} invariants are broken.")
        if not options["json"]:
            self.stdout.write(f"All {len(INVARIANTS)} invariants hold.")
