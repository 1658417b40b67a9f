import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock, flags
from apps.core.actor import Actor
from apps.interventions import play_files
from apps.interventions.definition import Flaws

_SAID = {"created": "{key} is a new draft.", "version": "{key} has version {number} now.", "nothing": "{key} v{number} says the same already."}


class Command(BaseCommand):
    help = "Store what a play's file says: a new draft, the next version, or nothing when it says the same already. Every flaw is told by its place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = Path(options["file"]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}.") from error
        try:
            done = play_files.imported(text, dry_run=options["dry_run"], actor=Actor.job("command.import_play"), now=clock.now())
        except Flaws as flaws:
            told = "\n".join(f"  {place or 'file'}: {words}" for place, words in flaws.flaws)
            raise CommandError(f"Nothing was imported from {options['file']}:\n{told}") from None
        key = json.loads(text)["key"]
        if not options["dry_run"]:
            flags.open_play(key)
        if options["json"]:
            said = {"key": key, "change": done.change, "version": done.number, "templates": done.templates, "dry_run": options["dry_run"]}
            self.stdout.write(json.dumps(said))
            return
        before = "Would be: " if options["dry_run"] else ""
        self.stdout.write(before + _SAID[done.change].format(key=key, number=done.number))
