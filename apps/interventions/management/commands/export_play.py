from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.interventions import play_files
from apps.interventions.models import Play


class Command(BaseCommand):
    help = "Write a play's present version as a file: reviewed, kept beside code, brought to another house with import_play."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", metavar="KEY")
        parser.add_argument("--out", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        play = Play.objects.select_related("current").filter(key=options["key"]).first()
        if play is None or play.current is None:
            raise CommandError(f"There is no play {options['key']!r} that says something.")
        text = play_files.exported(play)
        if not options["out"]:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["out"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{play.key} v{play.current.number} is in {options['out']}.")
