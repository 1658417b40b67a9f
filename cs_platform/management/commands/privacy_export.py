import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cs_platform.privacy import export

from .erase_contact import people


class Command(BaseCommand):
    help = "Write everything that is stored about a person to a zip of JSON files, one per table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", metavar="EMAIL|ID", help="the person's email address, key or own id")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **given: Any) -> None:
        found = people(given["who"])
        if not found:
            raise CommandError(f"Nobody is known as {given['who']!r}.")
        try:
            counts = export.write(found, given["out"])
        except OSError as error:
            raise CommandError(f"{given['out']} cannot be written: {error.strerror}.") from error
        if given["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(f"{given['out']}: " + ", ".join(f"{count} of {label}" for label, count in counts.items()) + ".")
