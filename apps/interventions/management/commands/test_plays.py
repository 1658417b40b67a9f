import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.interventions import definition, library, play_files, play_tests
from apps.interventions.definition import Flaws
from apps.interventions.models import Play


class Command(BaseCommand):
    help = 'Run the tests of plays ("given this history, expect these steps"): those of the files, or without files those of the library.'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="files that export_play wrote; without any, the library")
        parser.add_argument("--house", action="store_true", help="the plays of this house, as they are now")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        passed = failed = 0
        found = self._from_house() if options["house"] else self._from_files(options["files"] or [str(path) for path in library.files()])
        for name, says, tests in found:
            for outcome in play_tests.run(says, tests):
                passed, failed = passed + outcome.passed, failed + (not outcome.passed)
                if not outcome.passed:
                    self.stdout.write(f"FAILED {name}: {outcome.name}\n       {outcome.words}")
        if options["json"]:
            self.stdout.write(json.dumps({"passed": passed, "failed": failed}))
        else:
            self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise CommandError(f"{failed} test{'' if failed == 1 else 's'} of plays failed.")

    def _from_files(self, files: list[str]) -> Iterator[tuple[str, definition.Definition, list[Any]]]:
        for file in files:
            try:
                said = play_files.parsed(Path(file).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{file} cannot be read: {error}.") from error
            except Flaws as flaws:
                raise CommandError(f"{file}: {flaws.message}") from None
            yield said["key"], definition.read(said["definition"]), said["tests"]

    def _from_house(self) -> Iterator[tuple[str, definition.Definition, list[Any]]]:
        for play in Play.objects.select_related("current").filter(current__isnull=False).order_by("key"):
            assert play.current is not None
            yield play.key, play.says, list(play.current.tests)
