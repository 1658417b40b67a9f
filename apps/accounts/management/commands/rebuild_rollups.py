import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import rollups


class Command(BaseCommand):
    help = "Make the daily rollups what the activity events say. --check only compares, and fails when they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **given: Any) -> None:
        found = rollups.differences() if given["check"] else rollups.rebuild()
        if given["json"]:
            self.stdout.write(json.dumps({"differences": found, "rebuilt": not given["check"]}))
        else:
            self.stdout.write(
                f"{found:,} rollups differ from their events." if given["check"] else f"{found:,} rollups were wrong and are right now."
            )
        if given["check"] and found:
            raise CommandError("The rollups differ from the events: run rebuild_rollups without --check.")
